"""The program wcmp with a real relay: two people on one machine are two homes."""

import json
import os
import pty
import subprocess

import bundles
import relay as relays

EXIT_NOTHING, EXIT_USAGE, EXIT_DATA, EXIT_UNAVAILABLE, EXIT_PASSPHRASE = 1, 64, 65, 69, 77
PASSPHRASE = "correct horse battery staple"


class Person:
    """A home with a passphrase, and the program to use it with."""

    def __init__(self, test, name, socket, passphrase=PASSPHRASE):
        self.name = name
        self.home = test.folder / name
        self.secret = test.folder / f"{name}.passphrase"
        self.secret.write_text(passphrase + "\n")
        self.socket = socket

    def run(self, *arguments, content=b"", expect=0, secret=None, environment=None):
        command = [relays.program("wcmp"), "--home", str(self.home), "--socket", str(self.socket)]
        if secret is not False:
            command += ["--passphrase-file", str(secret or self.secret)]
        ours = ("XDG_", "WCMP_H", "WCMP_S", "WCMP_P")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | (environment or {})
        done = subprocess.run(
            command + [str(a) for a in arguments], input=content, capture_output=True,
            timeout=relays.WAIT_S, env=clean, start_new_session=True,  # no terminal to ask at
        )
        if done.returncode != expect:
            error = done.stderr.decode()
            raise AssertionError(f"{arguments}: {done.returncode} instead of {expect}: {error}")
        return done

    def out(self, *arguments, **keywords):
        return self.run(*arguments, **keywords).stdout.decode()

    def err(self, *arguments, **keywords):
        return self.run(*arguments, **keywords).stderr.decode()

    def json(self, *arguments, **keywords):
        return json.loads(self.out("--json", *arguments, **keywords))

    def new_key(self, name=None):
        return self.out("key", "new", name or self.name).strip()

    def send(self, *to, content=b"hello\n", **keywords):
        return self.run("send", *[a for name in to for a in ("--to", name)], content=content, **keywords)


class WcmpTest(relays.RelayTest):
    def person(self, name, socket=None):
        return Person(self, name, socket or self.folder / "relay" / "api.sock")

    def acquainted(self, *names):
        """People who have each other's keys."""
        people = [self.person(name) for name in names]
        lines = [one.new_key() for one in people]
        for one in people:
            for other, line in zip(people, lines):
                if other is not one:
                    one.run("contact", "add", other.name, line)
        return people


class Keys(WcmpTest):
    def test_keys_and_contacts(self):
        alice = self.person("alice")
        line = alice.new_key()
        self.assertTrue(line.startswith("wcmp1"))
        self.assertEqual(alice.out("key", "show").strip(), line)
        alice.run("key", "new", "alice", expect=EXIT_NOTHING)
        second = alice.new_key("work")
        self.assertNotEqual(line, second)
        alice.run("key", "show", expect=EXIT_USAGE)
        self.assertEqual(alice.out("key", "show", "work").strip(), second)
        self.assertEqual([k["name"] for k in alice.json("key", "list")], ["alice", "work"])

        bob = self.person("bob")
        bob.run("contact", "add", "alice", f"  {line.upper()}\n")
        bob.run("contact", "add", "alice", line)  # the same again
        bob.run("contact", "add", "alice", second, expect=EXIT_NOTHING)
        bob.run("contact", "add", "other", line, expect=EXIT_NOTHING)
        self.assertEqual(bob.json("contact", "list"), [{"name": "alice", "key": line}])
        bob.run("contact", "remove", "nobody", expect=EXIT_NOTHING)
        bob.run("contact", "remove", "alice")
        self.assertEqual(bob.out("contact", "list"), "")

    def test_typing_errors(self):
        alice = self.person("alice")
        line = alice.new_key()
        wrong = line[:20] + ("q" if line[20] != "q" else "p") + line[21:]
        self.assertIn("checksum", alice.err("contact", "add", "bob", wrong, expect=EXIT_DATA))
        alice.run("contact", "add", "\x1b[2J", line, expect=EXIT_DATA)
        alice.run("contact", "add", "bob", expect=EXIT_USAGE)
        alice.run("nonsense", expect=EXIT_USAGE)
        alice.run(expect=EXIT_USAGE)

    def test_a_name_of_a_subcommand_is_a_name(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.run("contact", "add", "send", bob.new_key())
        self.assertEqual([c["name"] for c in alice.json("contact", "list")], ["send"])

    def test_the_home_tells_nothing(self):
        alice = self.person("alice")
        alice.new_key()
        self.assertEqual(alice.home.stat().st_mode & 0o777, 0o700)
        for path in alice.home.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0)
            if path.is_file():
                self.assertNotIn(b"alice", path.read_bytes())

    def test_general_options_after_the_subcommand(self):
        alice = self.person("alice")
        line = alice.new_key()
        done = subprocess.run(
            [relays.program("wcmp"), "key", "list", "--json", "--home", alice.home,
             "--passphrase-file", alice.secret], capture_output=True, timeout=relays.WAIT_S)
        self.assertEqual(json.loads(done.stdout), [{"name": "alice", "key": line}])


class Passphrases(WcmpTest):
    def test_wrong(self):
        alice = self.person("alice")
        alice.new_key()
        wrong = self.folder / "wrong"
        wrong.write_text("something else\n")
        alice.run("key", "list", secret=wrong, expect=EXIT_PASSPHRASE)

    def test_from_a_descriptor(self):
        alice = self.person("alice")
        alice.new_key()
        content = (PASSPHRASE + "\n").encode()
        alice.run("key", "list", secret=False, content=content, environment={"WCMP_PASSPHRASE_FD": "0"})
        alice.run("key", "list", secret=False, environment={"WCMP_PASSPHRASE_FD": "x"}, expect=EXIT_USAGE)

    def test_none(self):
        alice = self.person("alice")
        alice.new_key()
        alice.run("key", "list", secret=False, expect=EXIT_USAGE)
        empty = self.folder / "empty"
        empty.write_text("\n")
        alice.run("key", "list", secret=empty, expect=EXIT_USAGE)
        alice.run("key", "list", secret=self.folder / "missing", expect=EXIT_NOTHING)

    def test_corrupt_vault(self):
        alice = self.person("alice")
        alice.new_key()
        vault = alice.home / "vault"
        good = vault.read_bytes()
        for data, code in (
            (b"X" + good[1:], EXIT_DATA),
            (good[:-1] + bytes([good[-1] ^ 1]), EXIT_PASSPHRASE),
            (good[:30], EXIT_DATA),
            (b"", EXIT_DATA),
        ):
            vault.write_bytes(data)
            alice.run("key", "list", expect=code)
            self.assertEqual(vault.read_bytes(), data)
        vault.write_bytes(good)
        alice.run("key", "list")

    def test_no_vault(self):
        self.person("nobody").run("key", "list", expect=EXIT_NOTHING)


class Terminals(WcmpTest):
    def on_terminal(self, *arguments, typed=()):
        """Runs wcmp on a terminal of its own; answers prompts. The exit code, and all it shows."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(relays.program("wcmp"), ["wcmp", *[str(a) for a in arguments]])
        shown, answers = b"", list(typed)
        with open(terminal, "rb+", buffering=0) as end:
            while True:
                try:
                    part = end.read(4096)
                except OSError:  # the other side is closed
                    break
                if not part:
                    break
                shown += part
                if part.endswith((b"passphrase: ", b"Passphrase: ", b"once more: ")):
                    end.write(answers.pop(0).encode() + b"\n")
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()

    def test_a_passphrase_is_typed_twice_and_not_shown(self):
        home = ("--home", self.folder / "alice")
        code, shown = self.on_terminal(*home, "key", "new", "alice", typed=["open sesame", "open sesam"])
        self.assertEqual(code, EXIT_USAGE)
        self.assertIn("differ", shown)
        code, shown = self.on_terminal(*home, "key", "new", "alice", typed=["open sesame"] * 2)
        self.assertEqual(code, 0)
        self.assertIn("wcmp1", shown)
        self.assertNotIn("sesame", shown)
        self.assertEqual(self.on_terminal(*home, "key", "list", typed=["open sesame"])[0], 0)
        self.assertEqual(self.on_terminal(*home, "key", "list", typed=["wrong"])[0], EXIT_PASSPHRASE)
        self.assertEqual(self.on_terminal(*home, "key", "list", typed=["open\x03"])[0], EXIT_NOTHING)

    def test_a_letter_does_not_steer_the_terminal(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            alice.send("bob", content=b"one\ntwo \x1b]0;title\x07 \xff")
            bob.out("inbox")
            general = ("--home", bob.home, "--passphrase-file", bob.secret)
            code, shown = self.on_terminal(*general, "read", "1")
            self.assertEqual(code, 0)
            self.assertIn("one\r\ntwo \\x1b]0;title\\x07 \\xff\r\n", shown)
            self.assertNotIn("\x1b", shown)


class Mail(WcmpTest):
    def test_a_first_message(self):
        with self.relay():
            alice, bob, carol = self.acquainted("alice", "bob", "carol")
            alice.send("bob", "carol", content=b"The bridge is closed.\n")
            for receiver in (bob, carol):
                line = receiver.out("inbox")
                self.assertRegex(line, r"^1 +\* from alice ")
                self.assertEqual(receiver.out("read", 1), "The bridge is closed.\n")
                self.assertRegex(receiver.out("inbox"), r"^1 +from alice ")
            self.assertEqual(alice.out("inbox"), "")
            [sent] = alice.json("inbox", "--sent")
            self.assertEqual((sent["to"], sent["kind"]), (["bob", "carol"], "sent"))
            alice.run("read", 1, expect=EXIT_NOTHING)
            bob.run("read", 2, expect=EXIT_NOTHING)

    def test_json_and_files(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            content = bytes(range(256)) * 9
            (self.folder / "data").write_bytes(content)
            sent = alice.json("send", self.folder / "data", "--to", "bob", "--days", "7")
            [letter] = bob.json("inbox")
            self.assertEqual(letter["id"], sent["id"])
            self.assertEqual((letter["from"], letter["authenticated"]), ("alice", True))
            self.assertIs(letter["read"], False)
            bob.run("read", 1, "--output", self.folder / "out")
            self.assertEqual((self.folder / "out").read_bytes(), content)
            bob.run("read", 1, "--output", self.folder / "out", expect=EXIT_NOTHING)  # never over a file
            self.assertEqual(bob.run("read", 1).stdout, content)
            read = bob.json("read", 1)
            self.assertEqual(bytes.fromhex(read["content_hex"]), content)
            self.assertNotIn("text", read)

    def test_strangers_are_unauthenticated(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            bob.run("contact", "remove", "alice")
            alice.send("bob")
            alice.run("send", "--to", "bob", "--anonymous", content=b"guess")
            self.assertEqual(bob.out("inbox").count("unauthenticated"), 2)
            for letter in bob.json("inbox"):
                self.assertEqual((letter["from"], letter["authenticated"]), (None, False))

    def test_wrong_orders(self):
        with self.relay():
            alice, _ = self.acquainted("alice", "bob")
            self.assertIn("dave", alice.send("dave", expect=EXIT_NOTHING).stderr.decode())
            alice.run("send", expect=EXIT_USAGE)
            alice.run("send", "--to", "bob", "--days", "5", expect=EXIT_USAGE)
            alice.run("send", "--to", "bob", "--from", "nobody", expect=EXIT_NOTHING)
            alice.run("send", "--to", "bob", self.folder / "missing", expect=EXIT_NOTHING)
            large = b"x" * 140000
            alice.send("bob", content=large, expect=EXIT_DATA)
            alice.run("send", "--to", "bob", "--large", content=large)
            alice.new_key("second")
            alice.send("bob", expect=EXIT_USAGE)
            alice.run("send", "--to", "bob", "--from", "second", content=b"x")

    def test_delivered_once_across_a_restart(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            alice.send("bob")
            bob.out("inbox")
            relay.stop()
            relay.start()  # cursors have expired
            alice.send("bob", content=b"second")
            self.assertEqual([one["number"] for one in bob.json("inbox")], [1, 2])
            bob.run("delete", 1)
            self.assertEqual([one["number"] for one in bob.json("inbox")], [2])

    def test_what_the_relay_lost_is_sent_again(self):
        with self.relay("first"):
            alice, bob = self.acquainted("alice", "bob")
            alice.socket = self.folder / "first" / "api.sock"
            alice.send("bob")
        with self.relay():  # another relay, which never had it
            alice.socket = self.folder / "relay" / "api.sock"
            self.assertIn("sent again", alice.err("inbox"))
            bob.out("inbox")
            self.assertEqual(bob.out("read", 1), "hello\n")

    def test_watch_prints_what_comes(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            command = [relays.program("wcmp"), "--home", bob.home, "--socket", bob.socket,
                       "--passphrase-file", bob.secret, "--json", "watch"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as watch:
                try:
                    alice.send("bob", content=b"one")
                    relay.fold()
                    self.assertEqual(json.loads(watch.stdout.readline())["number"], 1)
                    self.assertEqual(bob.out("read", 1), "one")  # the home is free while watch waits
                    alice.send("bob", content=b"two")
                    relay.fold()
                    self.assertEqual(json.loads(watch.stdout.readline())["number"], 2)
                finally:
                    watch.terminate()

    def test_sealed_to_a_file_and_inspected(self):
        with self.relay() as relay:
            alice, bob = self.acquainted("alice", "bob")
            sealed = self.folder / "sealed"
            alice.run("send", "--to", "bob", "--output", sealed, content=b"by hand")
            facts = alice.json("inspect", sealed, secret=False)
            self.assertEqual((facts["what"], facts["well_formed"], facts["slots"]), ("message", True, 4))
            self.assertEqual(facts["id"], bundles.message_id(sealed.read_bytes()).hex())
            self.assertEqual(bob.out("inbox"), "")
            relay.post_message(sealed.read_bytes())
            bob.out("inbox")
            self.assertEqual(bob.out("read", 1), "by hand")
            data = bytearray(sealed.read_bytes())
            data[37] ^= 0xFF
            sealed.write_bytes(data)
            alice.run("inspect", sealed, secret=False, expect=EXIT_DATA)


class Relays(WcmpTest):
    def test_no_relay(self):
        alice = self.person("alice", self.folder / "nothing.sock")
        alice.new_key()
        for command in (["inbox"], ["status"], ["drives"]):
            self.assertIn("nothing.sock", alice.err(*command, expect=EXIT_UNAVAILABLE))
        self.assertEqual(alice.json("inbox", "--offline"), [])

    def test_status_and_drives(self):
        drive = self.drive()
        with self.relay(drives=[drive]) as relay:
            relay.wait_drive()
            alice = self.person("alice")
            self.assertIn("relay     idle", alice.out("status", secret=False))
            version = relay.json("/v1/status")["version"]
            self.assertEqual(alice.json("status", secret=False)["version"], version)
            self.assertIn("done", alice.out("drives", secret=False))
            self.assertEqual(len(alice.json("drives", secret=False)), 1)


class Folders(WcmpTest):
    def test_drive_init(self):
        folder = self.folder / "stick"
        folder.mkdir()
        alice = self.person("alice")
        self.assertTrue(alice.json("drive", "init", folder, secret=False)["made"])
        self.assertTrue((folder / "WCMP").is_dir())
        self.assertIn("already", alice.out("drive", "init", folder, secret=False))
        alice.run("drive", "init", self.folder / "missing", secret=False, expect=EXIT_NOTHING)
        (folder / "file").mkdir()
        (folder / "file" / "WCMP").write_text("in the way")
        alice.run("drive", "init", folder / "file", secret=False, expect=EXIT_NOTHING)

    def test_a_message_crosses_in_a_folder(self):
        drive = self.drive()
        first, second = self.folder / "first" / "api.sock", self.folder / "relay" / "api.sock"
        with self.relay("first"), self.relay():
            alice, bob = self.acquainted("alice", "bob")
            alice.socket = first
            alice.send("bob", content=b"there")
            done = alice.json("sync", drive, secret=False)
            self.assertEqual((done["imported"], done["exported"]), (0, 1))
            done = bob.json("sync", drive, secret=False)
            self.assertEqual((done["imported"], done["exported"]), (1, 0))
            bob.out("inbox")
            self.assertEqual(bob.out("read", 1), "there")
            bob.send("alice", content=b"and back")
            bob.run("sync", drive, secret=False)
            self.assertIn("took 1 ", alice.out("sync", drive, secret=False))
            self.assertEqual(alice.json("sync", drive, secret=False)["known"], 2)
            alice.out("inbox")
            self.assertEqual(alice.out("read", 2), "and back")
            for bundle in (drive / "WCMP").iterdir():
                self.assertTrue(alice.json("inspect", bundle, secret=False)["sound"])

    def test_folders_that_cannot_be_synced(self):
        folder = self.folder / "plain"
        folder.mkdir()
        with self.relay():
            alice = self.person("alice")
            self.assertIn("drive init", alice.err("sync", folder, secret=False, expect=EXIT_NOTHING))
        alice.run("sync", self.drive(), secret=False, expect=EXIT_UNAVAILABLE)

    def test_a_damaged_bundle_is_told(self):
        drive = self.drive()
        with self.relay():
            alice, _ = self.acquainted("alice", "bob")
            alice.send("bob")
            alice.run("sync", drive, secret=False)
            [bundle] = (drive / "WCMP").iterdir()
            data = bytearray(bundle.read_bytes())
            data[-1] ^= 1
            copy = self.folder / "copy.wcmp"
            copy.write_bytes(data)
            alice.run("inspect", copy, secret=False, expect=EXIT_DATA)


if __name__ == "__main__":
    relays.main()
