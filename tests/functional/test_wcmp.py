"""The program wcmp with a real relay: two people on one machine are two homes."""

import json
import os
import random
import subprocess
import time

import bundles
import relay as relays
from person import (EXIT_DATA, EXIT_NOTHING, EXIT_PASSPHRASE, EXIT_UNAVAILABLE, EXIT_USAGE, PASSPHRASE,
                    WcmpTest)


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
            alice.run("send", "--to", "bob", "--from", "nobody", content=b"x", expect=EXIT_NOTHING)
            self.assertIn("the content is empty", alice.err("send", "--to", "bob", expect=EXIT_DATA))
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

    def test_what_was_sent_is_shown_as_it_was_written(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            sent = alice.json("send", "--to", "bob", "--to", "bob", content=bytes(5000))
            self.assertEqual((sent["number"], sent["bytes"], sent["to"]), (1, 5000, ["bob"]))
            self.assertEqual(alice.json("inbox", "--sent"), [sent])
            self.assertEqual([one["bytes"] for one in bob.json("inbox")], [5000])
            sealed = alice.json("send", "--to", "bob", "--output", self.folder / "sealed", content=b"four")
            self.assertEqual((sealed["number"], sealed["bytes"]), (None, 4))
            self.assertIn("sealed for bob, until", alice.send("bob", "bob").stderr.decode())

    def test_how_much_the_relay_takes(self):
        with self.relay():
            alice, _ = self.acquainted("alice", "bob")
            error = alice.send("bob", content=bytes(131_053), expect=EXIT_DATA).stderr.decode()
            self.assertIn("the content has more than 131052 bytes; nothing hides among messages", error)
            self.assertIn("--large sends it all the same (up to 1048556 bytes)", error)
            alice.run("send", "--to", "bob", "--large", content=bytes(1_048_556))
            error = alice.err("send", "--to", "bob", "--large", content=bytes(1_048_557), expect=EXIT_DATA)
            self.assertIn("more than 1048556 bytes, the most that this relay takes in a message", error)
        with self.relay("small", settings="[rules]\nmessage_bytes_max = 5000\n") as small:
            alice.socket = small.socket
            alice.send("bob", content=bytes(4076))
            error = alice.send("bob", content=bytes(4077), expect=EXIT_DATA).stderr.decode()
            self.assertIn("more than 4076 bytes, the most that this relay takes in a message", error)

    def test_nothing_is_read_before_the_names_are_right(self):
        with self.relay():
            alice, _ = self.acquainted("alice", "bob")
            wrong = self.folder / "wrong"
            wrong.write_text("something else\n")
            general = ["--home", alice.home, "--socket", alice.socket, "--passphrase-file"]
            for rest, code in (([alice.secret, "send", "--to", "bop"], EXIT_NOTHING),
                               ([wrong, "send", "--to", "bob"], EXIT_PASSPHRASE)):
                with subprocess.Popen([relays.program("wcmp"), *general, *rest], stdin=subprocess.PIPE,
                                      stderr=subprocess.PIPE) as sending:  # nothing is typed yet
                    self.assertEqual(sending.wait(relays.WAIT_S), code)
            content = (PASSPHRASE + "\nand the letter").encode()
            alice.run("send", "--to", "bob", secret=False, content=content,
                      environment={"WCMP_PASSPHRASE_FD": "0"})
            self.assertEqual(alice.json("inbox", "--sent")[0]["bytes"], len("and the letter"))

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

    def test_what_is_no_message(self):
        alice = self.person("alice")
        garbage = self.folder / "garbage"
        garbage.write_bytes(bytes(range(250, 0, -1)) * 9)
        done = alice.run("--json", "inspect", garbage, secret=False, expect=EXIT_DATA)
        facts = json.loads(done.stdout)
        self.assertEqual((facts["what"], facts["well_formed"]), ("unknown", None))
        words = f"wcmp: {garbage}: no message, or of a suite this version does not know\n"
        self.assertEqual(done.stderr.decode(), words)
        for path, code, words in (("", EXIT_USAGE, "FILE is empty: name a sealed message or a bundle"),
                                  (".", EXIT_NOTHING, ".: this is a folder; name a sealed message"),
                                  (self.folder, EXIT_NOTHING, f"{self.folder}: this is a folder")):
            self.assertIn(words, alice.err("inspect", path, secret=False, expect=code))

    def test_numbers_of_letters(self):
        alice = self.person("alice")
        for text in ("abc", "1x", "0", "99999999999"):
            for command in ("read", "delete"):
                error = alice.err(command, text, expect=EXIT_USAGE)
                self.assertIn(f"{text} is no number of a letter; `wcmp inbox` tells the numbers", error)


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

    def test_drive_tidy(self):
        rng = random.Random(1)
        folder = self.folder / "shared"
        (folder / "WCMP").mkdir(parents=True)
        today = int(time.time()) // 86400

        def put(message):
            name, data = bundles.make_bundle([message])
            (folder / "WCMP" / name).write_bytes(data)
            return message

        def held():
            return {m for path in (folder / "WCMP").iterdir() for m in bundles.read_bundle(path.read_bytes())}

        live = {put(bundles.make_message(rng, today + day)) for day in 20 * [5] + 20 * [9]}
        alice = self.person("alice")
        told = alice.run("drive", "tidy", folder, secret=False)
        self.assertIn(b"40 bundles became 4: merged 37", told.stdout)
        self.assertIn(b"no relay answers", told.stderr)
        self.assertEqual(held(), live)

        dead = put(bundles.make_message(rng, 1000))
        facts = alice.json("drive", "tidy", folder / "WCMP", secret=False)
        self.assertEqual((facts["bundles_before"], facts["bundles"], facts["merged"]), (5, 5, 0))
        self.assertEqual(held(), live | {dead})
        with self.relay():
            facts = alice.json("drive", "tidy", folder, secret=False)
            self.assertEqual((facts["bundles_before"], facts["bundles"]), (5, 4))
            self.assertEqual(held(), live)
        (self.folder / "nothing").mkdir()
        self.assertIn("no bundles", alice.err("drive", "tidy", self.folder / "nothing", secret=False,
                                              expect=EXIT_NOTHING))

    def test_paths_that_steer_a_terminal(self):
        alice = self.person("alice")
        for name, shown in ((b"a\x1b]0;title\x07", "a\\x1b]0;title\\x07"), (b"b\xff", "b\\xff")):
            folder = os.path.join(os.fsencode(self.folder), name)
            os.mkdir(folder)
            words = alice.run("drive", "init", os.fsdecode(folder), secret=False).stdout.decode()
            self.assertIn(f"made {self.folder}/{shown}/WCMP\n", words)
            facts = alice.json("drive", "init", os.fsdecode(folder), secret=False)
            self.assertEqual(facts["folder"], f"{self.folder}/{shown}/WCMP")
            for command in (["inspect"], ["sync"]):
                error = alice.err(*command, os.fsdecode(folder) + "/no", secret=False, expect=EXIT_NOTHING)
                self.assertIn(shown, error)

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
