"""A wcmpd of a benchmark: how long it took to start, what it needs, what it says."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
import relay  # noqa: E402


def settings(top, drive=None):
    text = f'[store]\npath = "{top}/store"\nkeep_free_bytes = 0\nbytes_max = "1 TiB"\n'
    text += f'[api]\nsocket = "{top}/api.sock"\n[drives]\nsource = "none"\nvisit_seconds_max = 86400\n'
    text += '[log]\nlevel = "warning"\n'
    if drive:
        text += f'[[drives.directory]]\npath = "{drive}"\n'
    (top / "wcmpd.toml").write_text(text)


def make_bundles(folder, count, seed, first_day, body_exp=10, days=28):
    """Bundles of so many messages, of which the last expires on first_day + days."""
    program = relay.BIN.parent / "tests/bench/make_bundles"
    numbers = [count, first_day + 1, days, body_exp, seed]
    subprocess.run([program, folder, *map(str, numbers)], check=True)


def forget_cached(folder):
    """Takes the files of a folder out of the page cache; they are synced first: only what is clean goes."""
    os.sync()
    for path in folder.iterdir():
        if path.is_file():
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def limited(limit_mib):
    """What starts a program that may have so much memory, page cache included; nothing where that cannot
    be."""
    if limit_mib is None or os.geteuid() != 0 or not shutil.which("systemd-run"):
        return []
    if not pathlib.Path("/run/systemd/system").exists():
        return []
    limits = ["-p", f"MemoryMax={limit_mib}M", "-p", "MemorySwapMax=0"]
    return ["systemd-run", "--scope", "--quiet", "--collect", *limits]


class Daemon:
    """`started_s` is the time from exec to READY=1."""

    def __init__(self, top, limit_mib=None):
        self.socket_path = top / "api.sock"
        notify_path = top / "notify.sock"
        notify_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(notify_path))
            notify.settimeout(600)
            start = time.perf_counter()
            environment = {**os.environ, "NOTIFY_SOCKET": str(notify_path)}
            command = [*limited(limit_mib), relay.program("wcmpd"), "--config", top / "wcmpd.toml"]
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            while b"READY=1" not in notify.recv(4096):
                pass
            self.started_s = time.perf_counter() - start

    def request(self, path):
        """The headers and the body of an answer."""
        connection = relay.UnixConnection(self.socket_path)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {body[:200]}")
        return answer.headers, body

    def get(self, path):
        return json.loads(self.request(path)[1])

    def memory_kib(self):
        """What it wrote to itself, and all that is resident: mapped indexes and the program too, which the
        kernel takes back when it needs the room."""
        fields = {}
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split(":")
            fields[name] = int(value.split()[0])
        return fields["Private_Dirty"], fields["Rss"]

    def written_bytes(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["wchar"])

    def wait_for_visit(self):
        """Until the drive is done; answers what it is then, and the highest memory seen, private and
        resident."""
        private_max = resident_max = 0
        while True:
            private, resident = self.memory_kib()
            private_max, resident_max = max(private_max, private), max(resident_max, resident)
            drives = self.get("/v1/drives")
            if drives and drives[0]["state"] in ("done", "failed"):
                return drives[0], private_max, resident_max
            time.sleep(0.05)  # samples its memory: no event tells of that

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
