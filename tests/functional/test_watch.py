"""`wcmp watch`, through all that happens meanwhile: others at work in the home, relays that come and go."""

import contextlib
import fcntl
import json
import os
import subprocess

import relay as relays
from person import EXIT_UNAVAILABLE, WcmpTest


class Watch(WcmpTest):
    @contextlib.contextmanager
    def watching(self, person):
        command = [relays.program("wcmp"), "--home", person.home, "--socket", person.socket,
                   "--passphrase-file", person.secret, "--json", "watch"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
            try:
                yield watch
            finally:
                watch.kill()

    def next_number(self, watch):
        return json.loads(watch.stdout.readline())["number"]

    def test_a_home_that_another_works_in_is_waited_for(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            home = os.open(bob.home, os.O_RDONLY)
            self.addCleanup(os.close, home)
            with self.watching(bob) as watch:
                alice.send("bob", content=b"one")
                relay.fold()
                self.assertEqual(self.next_number(watch), 1)
                fcntl.flock(home, fcntl.LOCK_EX)  # as another wcmp does
                alice.send("bob", content=b"two")
                relay.fold()
                with self.assertRaises(subprocess.TimeoutExpired):
                    watch.wait(1)  # it neither ends nor prints
                fcntl.flock(home, fcntl.LOCK_UN)
                self.assertEqual(self.next_number(watch), 2)

    def test_commands_work_while_it_watches(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            with self.watching(bob) as watch:
                for number in range(1, 6):
                    alice.send("bob", content=f"{number}".encode())
                    relay.fold()
                    bob.out("inbox", "--offline")  # at the very moment when it receives
                    self.assertEqual(self.next_number(watch), number)
                    self.assertEqual(bob.out("read", number), f"{number}")

    def test_a_relay_that_is_started_again(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            with self.watching(bob) as watch:
                alice.send("bob", content=b"one")
                relay.fold()
                self.assertEqual(self.next_number(watch), 1)
                relay.kill()
                line = watch.stderr.readline().decode()
                self.assertIn("waiting for it\n", line)
                self.assertIn(f"({bob.socket})", line)
                relay.start()
                self.assertEqual(watch.stderr.readline(), b"wcmp: the relay answers again\n")
                alice.send("bob", content=b"two")
                relay.fold()
                self.assertEqual(self.next_number(watch), 2)
                relay.stop()  # in good order this time, and once more it is said once
                self.assertIn(b"waiting for it\n", watch.stderr.readline())
                relay.start()
                self.assertEqual(watch.stderr.readline(), b"wcmp: the relay answers again\n")
                self.assertIsNone(watch.poll())

    def test_no_relay_to_begin_with(self):
        alice = self.person("alice", self.folder / "nothing.sock")
        alice.new_key()
        self.assertIn("nothing.sock", alice.err("watch", expect=EXIT_UNAVAILABLE))


if __name__ == "__main__":
    relays.main()
