"""The whole daemon at 100 000 messages: start-up, memory, a visit with news, a visit without.

Every figure stands beside what it is compared with, measured in the same run."""

import json
import os
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
import bundles  # noqa: E402

BIN = pathlib.Path(os.environ["WCMP_BIN"])
MESSAGES = int(os.environ.get("WCMP_BENCH_MESSAGES", "100000"))
PER_BUNDLE = 25_000
RUNS = 5


def fill(folder, seed, count, first_day):
    """Bundles of `count` messages of 1543 bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, count, PER_BUNDLE):
        messages = bundles.make_messages(seed + start, min(PER_BUNDLE, count - start), first_day)
        name, data = bundles.make_bundle(messages)
        (folder / name).write_bytes(data)


class Daemon:
    """A running wcmpd; `started_s` is the time from exec to READY=1."""

    def __init__(self, top):
        self.socket_path = top / "api.sock"
        notify_path = top / "notify.sock"
        notify_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(notify_path))
            notify.settimeout(120)
            start = time.perf_counter()
            environment = {**os.environ, "NOTIFY_SOCKET": str(notify_path)}
            command = [BIN / "wcmpd", "--config", top / "wcmpd.toml"]
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            while b"READY=1" not in notify.recv(4096):
                pass
            self.started_s = time.perf_counter() - start

    def get(self, path):
        command = ["curl", "-sS", "--unix-socket", self.socket_path, f"http://wcmp{path}"]
        out = subprocess.run(command, capture_output=True, check=True)
        return json.loads(out.stdout)

    def memory_kib(self):
        fields = {}
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split(":")
            fields[name] = int(value.split()[0])
        return fields["Private_Clean"] + fields["Private_Dirty"], fields["Rss"]

    def written_bytes(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["wchar"])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def wait_for_visit(daemon):
    """Until the drive is done; answers its result and the highest private memory seen."""
    private_max = 0
    while True:
        private_max = max(private_max, daemon.memory_kib()[0])
        drives = daemon.get("/v1/drives")
        if drives and drives[0]["state"] in ("done", "failed"):
            return drives[0], private_max


def random_reads_s(folder, count=30):
    """So many random reads of 4 KiB, uncached."""
    rng = random.Random(1)
    files = sorted(folder.glob("*.wcmp"))
    start = time.perf_counter()
    for _ in range(count):
        path = rng.choice(files)
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.pread(fd, 4096, rng.randrange(path.stat().st_size - 4096))
        os.close(fd)
    return time.perf_counter() - start


def settings(top, drive):
    text = f'[store]\npath = "{top}/store"\nkeep_free_bytes = 0\n[api]\nsocket = "{top}/api.sock"\n'
    if drive:
        text += f'[[drives.directory]]\npath = "{drive}"\n'
    (top / "wcmpd.toml").write_text(text)


def say(what, figure):
    print(f"{what:<28} {figure}")


def main():
    today = int(time.time()) // 86400
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-", dir=os.environ.get("WCMP_BENCH_DIR")) as name:
        top = pathlib.Path(name)
        settings(top, None)
        store = top / "store"
        store.mkdir(mode=0o700)
        fill(store, 1, MESSAGES, today)
        first = Daemon(top)  # makes the journals, once
        first.stop()

        starts, idle = [], 0
        for _ in range(RUNS):
            for path in store.glob("*.wcmp"):
                with open(path, "rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            daemon = Daemon(top)
            starts.append(daemon.started_s)
            idle, rss = daemon.memory_kib()
            held = daemon.get("/v1/status")["messages"]
            daemon.stop()
        reads = statistics.median(random_reads_s(store) for _ in range(RUNS))
        start = statistics.median(starts)
        say("messages held", held)
        say("start-up, bundles uncached", f"{start * 1000:.1f} ms")
        say("  30 uncached random reads", f"{reads * 1000:.1f} ms, ratio {start / reads:.2f} (gate 3)")
        say("memory, idle", f"{idle / 1024:.1f} MiB private (gate 8), {rss / 1024:.1f} MiB resident")

        drive = top / "drive"
        new = MESSAGES // 2
        fill(drive / "WCMP", 7_000_000, new, today)
        settings(top, drive)
        begin = time.perf_counter()
        daemon = Daemon(top)
        result, private = wait_for_visit(daemon)
        took = time.perf_counter() - begin
        counts = result["result"]
        moved = f"{counts['imported']}, {counts['exported']}"
        say("visit: in, out", f"{moved}: {result['state']} in {took:.2f} s")
        say("memory, during that visit", f"{private / 1024:.1f} MiB private (gate 24)")
        daemon.stop()

        daemon = Daemon(top)
        before = daemon.written_bytes()
        result, _ = wait_for_visit(daemon)
        say("unchanged visit", f"{daemon.written_bytes() - before} bytes, answers included")
        daemon.stop()


if __name__ == "__main__":
    main()
