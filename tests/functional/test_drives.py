"""What people are told about drives while it happens, and what operators ask of them."""

import json
import os
import pathlib
import signal
import subprocess
import threading
import unittest

import bundles
import relay as relays
from person import WcmpTest


class Following:
    """wcmp drives --follow, read line by line."""

    def __init__(self, test, relay, *arguments, path=None):
        command = [relays.program("wcmp"), "--socket", str(relay.socket), *arguments]
        environment = {**os.environ, **({"PATH": path} if path else {})}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        test.addCleanup(self.end)
        self.timer = threading.Timer(relays.WAIT_S, self.process.kill)
        self.timer.start()

    def line_with(self, words):
        for line in self.process.stdout:
            if words in line:
                return line.rstrip("\n")
        raise AssertionError(f"{words!r} never came: {self.process.stderr.read()}")

    def end(self):
        self.timer.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Follow(WcmpTest):
    def test_lines_for_people_until_interrupted(self):
        drive = self.drive()
        name, data = bundles.make_bundle(bundles.make_messages(1, 2, relays.today()))
        (drive / "WCMP" / name).write_bytes(data)
        one = self.relay(drives=[])
        one.start()
        following = Following(self, one, "drives", "--follow")
        # With the second connection it asks for the drives that there are: events come since before.
        one.wait_until(lambda: self.connections(one) >= 2, "it listens")
        one.drives = [(drive, False)]
        one.reload()
        following.line_with("waiting")
        self.assertIn("took 2, gave 0", following.line_with("done"))
        following.process.send_signal(signal.SIGINT)
        self.assertEqual(following.process.wait(relays.WAIT_S), -signal.SIGINT)

    def connections(self, one):
        """Streams that are open to the relay's socket."""
        table = pathlib.Path("/proc/net/unix").read_text()
        connected = [line for line in table.splitlines() if line.endswith(str(one.socket))]
        return len([line for line in connected if line.split()[5] == "03"])

    def test_json_lines_are_events(self):
        drive = self.drive()
        one = self.relay(drives=[drive])
        one.start()
        one.wait_drive()
        following = Following(self, one, "--json", "drives", "--follow")
        first = json.loads(following.line_with('"drives"'))
        self.assertEqual([d["state"] for d in first["drives"]], ["done"])
        answer = one.request("POST", f"/v1/drives/{first['drives'][0]['id']}/sync")
        self.assertEqual(answer.status, 202)
        done = json.loads(following.line_with('"drive.done"'))
        self.assertEqual(done["drive"], first["drives"][0]["id"])

    def test_it_waits_for_a_relay_that_is_started_anew(self):
        one = self.relay(drives=[self.drive()])
        one.start()
        one.wait_drive()
        following = Following(self, one, "drives", "--follow")
        following.line_with("done")
        one.stop()
        self.assertIn("the relay has gone", following.process.stderr.readline())
        one.start()
        following.line_with("done")

    def test_without_a_relay_it_ends(self):
        one = self.relay()
        following = Following(self, one, "drives", "--follow")
        self.assertEqual(following.process.wait(relays.WAIT_S), 69)
        self.assertIn("is wcmpd running?", following.process.stderr.read())

    def test_notifications_go_to_the_desktop(self):
        """A stand-in for notify-send: there is no desktop here. It writes down what it was given."""
        programs = self.folder / "programs"
        programs.mkdir()
        told = self.folder / "told"
        os.mkfifo(told)
        program = programs / "notify-send"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >"{told}"\n')
        program.chmod(0o755)
        place = self.folder / "empty"
        place.mkdir()
        one = self.relay(drives=[place])
        one.start()
        one.wait_drive(states=["unprepared"])
        path = f"{programs}:{os.environ['PATH']}"
        following = Following(self, one, "drives", "--notify", path=path)
        drive = following.line_with("unprepared").split()[0]
        self.assertEqual(one.request("POST", f"/v1/drives/{drive}/sync").status, 202)
        with open(told, encoding="utf-8") as lines:
            self.assertIn(f"Drive {drive}: unprepared `wcmp drive init DIR` prepares it", lines.readline())

    def test_without_notify_send_it_says_so(self):
        one = self.relay()
        one.start()
        following = Following(self, one, "drives", "--notify", path=str(self.folder))
        self.assertEqual(following.process.wait(relays.WAIT_S), 1, "at once: there is no drive yet")
        self.assertIn("install libnotify-bin", following.process.stderr.read())


class Requests(WcmpTest):
    def test_an_operator_syncs_and_releases(self):
        drive = self.drive()
        one = self.relay(drives=[drive])
        one.start()
        name = one.wait_drive()["id"]
        message = bundles.make_messages(4, 1, relays.today())[0]
        self.assertEqual(one.post_message(message).status, 201)
        operator = self.person("operator", one.socket)
        self.assertIn("the visit begins", operator.out("drive", "sync", name, secret=False))
        one.wait_until(
            lambda: one.json("/v1/drives")[0].get("result", {}).get("exported") == 1, "it is exported"
        )
        self.assertIn("the visit ends soon", operator.out("drive", "release", name, secret=False))
        error = operator.err("drive", "sync", "d999", secret=False, expect=1)
        self.assertIn("no such drive", error)


if __name__ == "__main__":
    unittest.main(verbosity=2)
