"""What can happen to a home: damaged letters, a medium that is full or may only be read, two wcmp at once."""

import subprocess

import relay as relays
from person import EXIT_DATA, EXIT_NOTHING, WcmpTest


class Letters(WcmpTest):
    def damage(self, person, change):
        for path in (person.home / "letters").iterdir():
            change(path)

    def test_a_damaged_file_of_a_sent_letter_stops_nothing(self):
        flip = lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff\xff")
        cut = lambda path: path.write_bytes(path.read_bytes()[:10])
        for number, change in enumerate((flip, cut, lambda path: path.unlink())):
            with self.subTest(number=number), self.relay(f"first-{number}") as first:
                alice, bob = self.acquainted(f"alice-{number}", f"bob-{number}")
                alice.socket = first.socket
                alice.send(bob.name)
            with self.relay(f"second-{number}") as second:  # which never had it
                alice.socket = bob.socket = second.socket
                self.damage(alice, change)
                bob.send(alice.name, content=b"to alice")
                done = alice.run("inbox")
                self.assertRegex(done.stdout.decode(), "^2 +\\* from bob")
                error = done.stderr.decode()
                self.assertIn("letter 1, which you sent: the relay lost it, and its file is damaged", error)
                self.assertIn("`wcmp delete 1` forgets it", error)
                alice.run("delete", 1)
                self.assertEqual(alice.err("inbox"), "")

    def test_a_damaged_file_of_a_received_letter(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            alice.send("bob")
            bob.out("inbox")
            self.damage(bob, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff\xff"))
            self.assertIn("letter 1: the letter's file was altered", bob.err("read", 1, expect=EXIT_DATA))
            self.assertEqual(len(bob.json("inbox")), 1)


class Media(WcmpTest):
    def home_on(self, person, size):
        person.home = self.file_system(size) / "home"
        return person.home.parent

    def with_a_letter(self, size):
        """Bob, whose home is on a small file system, has one letter; another is on its way."""
        alice, bob = self.acquainted_on(size)
        alice.send("bob", content=b"one")
        bob.out("inbox")
        alice.send("bob", content=bytes(100_000))
        return alice, bob

    def acquainted_on(self, size):
        alice, bob = self.person("alice"), self.person("bob")
        self.home_on(bob, size)
        lines = alice.new_key(), bob.new_key()
        alice.run("contact", "add", "bob", lines[1])
        bob.run("contact", "add", "alice", lines[0])
        return alice, bob

    def test_a_home_that_may_only_be_read(self):
        with self.relay():
            _, bob = self.with_a_letter("4m")
            (bob.home / "vault.new").write_bytes(b"of a crash")
            subprocess.run(["mount", "-o", "remount,ro", bob.home.parent], check=True)
            self.assertRegex(bob.out("inbox", "--offline"), r"^1 +\* from alice ")
            done = bob.run("inbox", expect=EXIT_NOTHING)
            self.assertRegex(done.stdout.decode(), r"^1 +\* from alice ")
            self.assertIn(f"wcmp: {bob.home}: ", done.stderr.decode())
            self.assertIn("Read-only file system", done.stderr.decode())
            done = bob.run("read", 1)
            self.assertEqual(done.stdout, b"one")
            self.assertIn(f"the letter stays marked as not read: {bob.home}: ", done.stderr.decode())
            self.assertIn("wcmp1", bob.out("key", "show"))
            self.assertIn("Read-only", bob.err("key", "new", "second", expect=EXIT_NOTHING))

    def test_a_full_disk(self):
        with self.relay():
            _, bob = self.with_a_letter("1m")
            with open(bob.home.parent / "other", "wb", buffering=0) as other:
                try:
                    while other.write(bytes(4096)):
                        pass
                except OSError:
                    pass
            done = bob.run("--json", "inbox", expect=EXIT_NOTHING)
            self.assertIn(b'"number":1,', done.stdout)
            self.assertIn("No space left on device", done.stderr.decode())
            done = bob.run("read", 1)
            self.assertEqual(done.stdout, b"one")
            self.assertIn("No space left on device", done.stderr.decode())
            (bob.home.parent / "other").unlink()
            self.assertEqual([one["number"] for one in bob.json("inbox")], [1, 2], "nothing was lost")


class AtOnce(WcmpTest):
    def test_two_that_make_a_key_in_a_fresh_home(self):
        for turn in range(4):
            alice = self.person(f"alice-{turn}")
            command = [relays.program("wcmp"), "--home", alice.home, "--passphrase-file", alice.secret]
            both = [subprocess.Popen([*command, "key", "new", name], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE) for name in ("one", "two")]
            lines = [process.communicate(timeout=relays.WAIT_S)[0].decode().strip() for process in both]
            self.assertEqual([process.returncode for process in both], [0, 0])
            found = {key["name"]: key["key"] for key in alice.json("key", "list")}
            self.assertEqual(found, dict(zip(("one", "two"), lines)))


if __name__ == "__main__":
    relays.main()
