"""A real wcmpd in a folder of its own, talked to over its socket: what the functional tests stand on.

    with Relay(folder, drives=[folder / "drive"]) as relay:
        relay.post_message(message)
        relay.fold()

The programs are looked for in WCMP_BIN (default: build/dev/daemon).
"""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import bundles

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("WCMP_BIN", TOP / "build/dev/daemon"))
WAIT_S = 60  # for anything that should happen at once: generous, because machines are busy

EXIT_USAGE, EXIT_UNAVAILABLE, EXIT_STORE_FAILING, EXIT_CONFIG = 64, 69, 75, 78


def program(name):
    path = BIN / name / name if (BIN / name).is_dir() else BIN / name
    if not path.exists():
        raise unittest.SkipTest(f"{path} is not built")
    return str(path)


def today():
    return int(time.time()) // 86400


def limit_open_files(soft, hard):
    if hard is None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=WAIT_S):
        super().__init__("wcmp", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class NotifySocket:
    """The service manager's end of sd_notify(3)."""

    def __init__(self, path=None):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if path is None:  # abstract, named by the kernel
            self._socket.bind("")
            self.address = "@" + self._socket.getsockname()[1:].decode()
        else:
            self._socket.bind(str(path))
            self.address = str(path)

    def next(self, timeout):
        """The fields of the next datagram, or None."""
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(65536).decode()
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in data.splitlines())

    def close(self):
        self._socket.close()


class Relay:
    def __init__(
        self, folder, drives=(), settings="", store_settings="", arguments=(), environment=None
    ):
        """drives: folders, or (folder, shared). settings: more TOML, after what is always there;
        store_settings: more lines of [store]."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store = self.folder / "store"
        self.socket = self.folder / "api.sock"
        self.config = self.folder / "wcmpd.toml"
        self.drives = [drive if isinstance(drive, tuple) else (drive, False) for drive in drives]
        self.settings = settings
        self.store_settings = store_settings
        self.arguments = list(arguments)
        self.environment = environment or {}
        self.process = None
        self.notify = None
        self.log_path = self.folder / "log"

    # --- the process

    def write_config(self):
        text = f'[store]\npath = "{self.store}"\nkeep_free_bytes = 0\n{self.store_settings}\n'
        text += f'[api]\nsocket = "{self.socket}"\n'
        for path, shared in self.drives:
            text += f'\n[[drives.directory]]\npath = "{path}"\nshared = {"true" if shared else "false"}\n'
        self.config.write_text(text + "\n" + self.settings)

    def start(self, wait=True, abstract=False, open_files=None):
        """open_files: (soft, hard) limit, None for as it is."""
        self.write_config()
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        self.notify = NotifySocket(None if abstract else path)
        ours = ("XDG_", "NOTIFY_", "WATCHDOG_", "LISTEN_", "WCMP_S")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        environment |= {"NOTIFY_SOCKET": self.notify.address, **self.environment}
        with open(self.log_path, "ab") as log:
            command = [program("wcmpd"), "--config", str(self.config), *self.arguments]
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment,
                preexec_fn=open_files and (lambda: limit_open_files(*open_files)),
            )
        if wait:
            self.wait_notify("READY", "1")
        return self

    def wait_notify(self, key, value=None):
        """Waits for a datagram with this field; all datagrams on the way are dropped."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            fields = self.notify.next(0.2)
            if fields and key in fields and value in (None, fields[key]):
                return fields
            if not fields and self.process.poll() is not None:
                raise AssertionError(f"wcmpd ended with {self.process.returncode}:\n{self.log()}")
        raise AssertionError(f"no {key} within {WAIT_S} s:\n{self.log()}")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def reload(self):
        self.write_config()
        self.process.send_signal(signal.SIGHUP)
        self.wait_notify("RELOADING", "1")
        self.wait_notify("READY", "1")

    def kill(self):
        """As the power does."""
        self.process.kill()
        self._ended()

    def stop(self):
        """Answers the exit code."""
        if self.process is None:
            return None
        self.process.terminate()
        return self._ended()

    def wait(self):
        """For a process that ends by itself."""
        return self._ended()

    def _ended(self):
        try:
            code = self.process.wait(WAIT_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None
            self.notify.close()
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # --- the API

    def request(self, method, path, body=None, headers=None):
        with contextlib.closing(UnixConnection(self.socket)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, path, **headers):
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def json(self, path):
        answer = self.get(path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json()

    def curl(self, path, *arguments):
        """The real curl: (status, body)."""
        if shutil.which("curl") is None:
            raise unittest.SkipTest("curl is not installed")
        command = ["curl", "-sS", "--max-time", str(WAIT_S), "--unix-socket", str(self.socket)]
        command += ["-w", "%{stderr}%{http_code}", *arguments, f"http://wcmp{path}"]
        run = subprocess.run(command, capture_output=True, timeout=2 * WAIT_S)
        if run.returncode != 0:
            raise AssertionError(f"curl ended with {run.returncode}: {run.stderr.decode()}")
        return int(run.stderr[-3:]), run.stdout

    def post_message(self, message):
        return self.request("POST", "/v1/messages", message, {"Content-Type": "application/vnd.wcmp.message"})

    def post_bundle(self, data):
        return self.request("POST", "/v1/bundles", data, {"Content-Type": "application/vnd.wcmp.bundle"})

    def fold(self):
        answer = self.request("POST", "/v1/fold")
        if answer.status != 200:
            raise AssertionError(f"fold: {answer}")

    def message(self, name):
        return self.get(f"/v1/messages/{name.hex()}")

    def holds(self, name):
        return self.request("HEAD", f"/v1/messages/{name.hex()}").status == 200

    def events(self, after=None):
        """Events as they come, for ever: a generator of dicts. The connection goes with it."""
        with contextlib.closing(UnixConnection(self.socket)) as connection:
            connection.request("GET", "/v1/events" + (f"?after={after}" if after else ""))
            response = connection.getresponse()
            if response.status != 200:
                raise AssertionError(f"events: {response.status} {response.read()!r}")
            for line in response:
                yield json.loads(line)

    def wait_until(self, condition, what):
        """For states that no event tells: asks until it is so."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            if self.process.poll() is not None:
                code = self.process.returncode
                raise AssertionError(f"{what}: wcmpd ended with {code}:\n{self.log()}")
            time.sleep(0.05)
        raise AssertionError(f"{what}: not within {WAIT_S} s:\n{self.log()}")

    def wait_drive(self, position=0, states=("done", "failed", "unprepared")):
        """The drive at this position of the list once it is in one of these states."""
        def look():
            drives = self.json("/v1/drives")
            return len(drives) > position and drives[position]["state"] in states and drives[position]
        return self.wait_until(look, f"drive {position} in {states}")


class RelayTest(unittest.TestCase):
    """A test with a folder that is gone afterwards, and relays that are stopped."""

    def setUp(self):
        # Not in /tmp, which may be in memory: a relay asks for attention when its store is.
        place = os.environ.get("TMPDIR", "/var/tmp")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wcmp-", dir=place))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def relay(self, name="relay", **arguments):
        relay = Relay(self.folder / name, **arguments)
        self.addCleanup(relay.stop)
        return relay

    def drive(self, name="drive"):
        """A folder that stands for a prepared drive."""
        drive = self.folder / name
        (drive / "WCMP").mkdir(parents=True)
        return drive

    def file_system(self, size):
        """A small file system of its own; the test is skipped where it may not mount one."""
        place = self.folder / f"tmpfs-{size}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            self.skipTest(f"cannot mount a tmpfs: {run.stderr.splitlines()[0]}")
        self.addCleanup(subprocess.run, ["umount", "-l", place], capture_output=True)
        return place

    def thin_disk(self):
        """A disk that promises more than there is behind it: a file system in a sparse file on a small one.
        Answers (where what is behind it can be used up, where it is mounted, a call that mounts it anew)."""
        behind = self.file_system("48m")
        image, place = behind / "image", self.folder / "disk"
        place.mkdir()
        with open(image, "wb") as file:
            file.truncate(96 << 20)
        make = ["mkfs.ext4", "-q", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", image]

        def run(command):
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except FileNotFoundError:
                self.skipTest(f"{command[0]} is not installed")
            if done.returncode != 0:
                self.skipTest(f"no disk that fails: {command[0]}: {done.stderr.splitlines()[0]}")

        def mount():
            run(["mount", "-o", "loop,errors=remount-ro", image, place])

        def mount_anew():
            subprocess.run(["umount", place], check=True)
            mount()

        run(make)
        mount()
        self.addCleanup(subprocess.run, ["umount", "-l", place], capture_output=True)
        return behind, place, mount_anew

    def assert_all_held(self, relay, messages):
        for message in messages:
            self.assertEqual(relay.message(bundles.message_id(message)).body, message)


def main():
    """Runs the file's tests. What was skipped is named in lines that scripts/test gathers; a file of which
    nothing could run is skipped as a whole."""
    run = unittest.main(verbosity=2, exit=False).result
    for test, reason in run.skipped:
        print(f"skipped {test.id().removeprefix('__main__.')}: {reason}", flush=True)
    if not run.wasSuccessful():
        raise SystemExit(1)
    raise SystemExit(77 if run.testsRun == len(run.skipped) else 0)
