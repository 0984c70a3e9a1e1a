"""wcmp-mountd from outside: its command line, its socket, what it tells the service manager. No drives."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

import relay

ANNOUNCED = bytes([1, 3])  # version and kind: how a message begins
NOBODY = 65534


class Mountd(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wcmp-mountd-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.socket = self.folder / "run/handover.sock"
        self.own_name = pwd.getpwuid(os.geteuid()).pw_name

    def run_to_end(self, *arguments, **how):
        command = [relay.program("wcmp-mountd"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=relay.WAIT_S, **how)

    def start(self, *arguments, command=(), environment=None, **how):
        """Answers the process, its notify socket, and what it said when it was ready (None: it ended)."""
        notify = relay.NotifySocket(self.folder / f"notify{len(list(self.folder.iterdir()))}")
        self.addCleanup(notify.close)
        process = subprocess.Popen(
            [*command, relay.program("wcmp-mountd"), "--store", str(self.folder), *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NOTIFY_SOCKET": notify.address, **(environment or {})},
            **how,
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        fields = None
        while process.poll() is None and not (fields and "READY" in fields):
            fields = notify.next(0.2)
        return process, notify, fields

    def start_or_skip(self, *arguments, **how):
        """Where it may not mount, or cannot tell the system's disks, it ends, and says so."""
        if os.geteuid() != 0:
            self.skipTest("not root")
        process, notify, fields = self.start(*arguments, **how)
        if not fields:
            said = process.stderr.read()
            self.assertRegex(said, "mounting is not allowed|has no fsopen|no drive can be used")
            self.skipTest(said.strip())
        self.assertEqual(fields["STATUS"], "wcmpd is not connected")
        return process, notify

    def connect(self):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(client.close)
        client.settimeout(relay.WAIT_S)
        client.connect(str(self.socket))
        return client

    def last_before_silence(self, client):
        """What is told ends with `announced`; drives of this machine may come before it."""
        message = client.recv(64)
        while message and message[:2] != ANNOUNCED:
            message = client.recv(64)
        return message[:2]

    # --- the command line

    def test_wrong_command_lines(self):
        for line in ("--led ../x", "--buzzer .", "--filesystem btrfs", "--log-level loud", "x"):
            arguments = line.split()
            run = self.run_to_end(*arguments)
            self.assertEqual((run.returncode, bool(run.stderr)), (relay.EXIT_USAGE, True), arguments)

    def test_a_user_that_does_not_exist_is_named(self):
        run = self.run_to_end("--user", "no-such-user")
        self.assertEqual(run.returncode, relay.EXIT_CONFIG)
        self.assertIn("no-such-user", run.stderr)
        self.assertIn("--user", run.stderr)

    def test_without_privilege_it_says_what_it_needs(self):
        how = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        try:
            run = self.run_to_end("--user", "root", "--socket", str(self.socket), **how)
        except PermissionError:
            self.skipTest("the program's folder is not for everybody")
        self.assertEqual(run.returncode, relay.EXIT_UNAVAILABLE)
        self.assertIn("CAP_SYS_ADMIN", run.stderr)
        self.assertFalse(self.socket.exists())

    # --- the socket

    def test_the_relay_connects_and_a_second_mountd_does_not_start(self):
        process, notify = self.start_or_skip("--user", self.own_name, "--socket", str(self.socket))
        self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), 0o600)
        client = self.connect()
        self.assertEqual(self.last_before_silence(client), ANNOUNCED)
        self.assertEqual(notify.next(relay.WAIT_S)["STATUS"], "wcmpd is connected")
        client.close()
        self.assertEqual(notify.next(relay.WAIT_S)["STATUS"], "wcmpd is not connected")
        second = self.run_to_end("--user", self.own_name, "--socket", str(self.socket))
        self.assertEqual(second.returncode, relay.EXIT_UNAVAILABLE)
        self.assertIn("another wcmp-mountd", second.stderr)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(relay.WAIT_S), 0)

    def test_another_user_is_turned_away_and_told_nothing(self):
        name = pwd.getpwuid(NOBODY).pw_name
        self.start_or_skip("--user", name, "--socket", str(self.socket))
        self.assertEqual(self.socket.stat().st_uid, NOBODY)
        self.assertEqual(self.connect().recv(64), b"")  # root's, and not that user's

    def test_a_socket_of_the_service_manager_is_taken(self):
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(listening.close)
        self.socket.parent.mkdir()
        listening.bind(str(self.socket))
        listening.listen()
        script = 'exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        command = ["/bin/sh", "-c", script, "sh"]
        process, _ = self.start_or_skip("--user", self.own_name, command=command, stdin=listening.fileno())
        self.assertEqual(self.last_before_silence(self.connect()), ANNOUNCED)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(relay.WAIT_S), 0)
        self.assertTrue(self.socket.exists(), "it is not ours to remove")

    def test_without_knowing_the_systems_disks_it_runs_and_uses_nothing_until_it_knows(self):
        swaps = self.folder / "swaps"
        swaps.write_text("Filename Type Size Used Priority\n/dev/no-such-disk partition 1 0 -1\n")
        script = f'mount --bind {swaps} /proc/swaps && exec "$@"'
        hidden = ["unshare", "--mount", "/bin/sh", "-c", script, "sh"]
        if subprocess.run([*hidden, "true"], capture_output=True).returncode != 0:
            self.skipTest("mounting is not allowed here")
        arguments = ["--user", self.own_name, "--socket", str(self.socket)]
        process, notify = self.start_or_skip(*arguments, command=hidden)
        self.assertIn("swap", notify.next(relay.WAIT_S)["STATUS"])
        self.assertEqual(self.last_before_silence(self.connect()), ANNOUNCED)
        seen = ["nsenter", "--mount", f"--target={process.pid}", "umount", "/proc/swaps"]
        subprocess.run(seen, check=True)
        self.assertEqual(notify.next(relay.WAIT_S)["STATUS"], "wcmpd is connected")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(relay.WAIT_S), 0)
        self.assertEqual(process.stderr.read().count("cannot tell which disks are used as swap"), 1)

    def test_the_watchdog_is_fed(self):
        environment = {"WATCHDOG_USEC": "200000"}
        arguments = ["--user", self.own_name, "--socket", str(self.socket)]
        _, notify = self.start_or_skip(*arguments, environment=environment)
        for _ in range(3):
            self.assertEqual(notify.next(relay.WAIT_S), {"WATCHDOG": "1"})


if __name__ == "__main__":
    relay.main()
