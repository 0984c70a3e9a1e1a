"""The story: two relays, three people and one drive that is carried between them.

As a test it checks every step; with --tell it says what happens (scripts/demo). The drive is a real FAT
image where mtools is installed: what a relay leaves in its folder is copied into the image, the image is
carried, and copied out at the other end.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import bundles
import relay as harness

TELL = "--tell" in sys.argv
PASSPHRASE = "correct horse battery staple"
SECRETS = ["The bridge is closed on Monday.", "Understood, we take the ferry."]


def tell(text):
    if TELL:
        print(text, flush=True)


class Person:
    """Somebody with a home folder, a passphrase, and the socket of the relay where they are."""

    def __init__(self, name, folder):
        self.name = name
        self.home = folder / f"home-{name}"
        self.passphrase = folder / f"passphrase-{name}"
        self.passphrase.write_text(PASSPHRASE + "\n")
        self.passphrase.chmod(0o600)
        self.relay = None

    def run(self, *arguments, stdin="", code=0):
        command = [harness.program("wcmp"), "--home", str(self.home)]
        command += ["--passphrase-file", str(self.passphrase)]
        if self.relay:
            command += ["--socket", str(self.relay.socket)]
        done = subprocess.run([*command, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=harness.WAIT_S)
        if done.returncode != code:
            shown = done.stdout + done.stderr
            raise AssertionError(f"{self.name}: wcmp {arguments}: {done.returncode}: {shown}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.run("--json", *arguments))

    def key_line(self):
        """The line that is given to the others."""
        return next(word for word in self.run("key", "show", self.name).split() if word.startswith("wcmp1"))


class Carried:
    """One drive: the folder in which a relay sees it; with mtools, the raw FAT image in which it travels."""

    def __init__(self, folder, prepare):
        self.prepare = prepare
        has_tools = shutil.which("mcopy") and shutil.which("mkfs.vfat")
        self.image = folder / "stick.img" if has_tools else None
        self.at = None
        if self.image:
            subprocess.run(["truncate", "-s", "64M", self.image], check=True)
            self._tool("mkfs.vfat", "-i", "00000000", str(self.image))

    def _tool(self, *command):
        environment = {**os.environ, "TZ": "UTC", "SOURCE_DATE_EPOCH": "946684800", "MTOOLS_SKIP_CHECK": "1"}
        done = subprocess.run(command, capture_output=True, env=environment)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr.decode()}")

    def plug(self, place):
        """A folder with its content appears at a place, as a mounted drive does."""
        staging = place.with_suffix(".staging")
        staging.mkdir()
        if self.image and self.at:
            self._tool("mcopy", "-s", "-i", str(self.image), "::/WCMP", str(staging))
        elif self.at:
            shutil.move(self.at / "WCMP", staging / "WCMP")
        else:
            self.prepare(staging)
        staging.rename(place)
        self.at = place

    def pull(self):
        """The folder goes, and its content with it."""
        pocket = self.at.with_suffix(".pocket")
        self.at.rename(pocket)
        self.at = pocket
        if self.image:
            subprocess.run(["mdeltree", "-i", self.image, "::/WCMP"], capture_output=True)
            self._tool("mcopy", "-s", "-i", str(self.image), str(pocket / "WCMP"), "::/")
            shutil.rmtree(pocket)

    def raw(self):
        """Everything that somebody who finds it can see."""
        if self.image:
            return self.image.read_bytes()
        files = sorted((self.at / "WCMP").iterdir())
        return b"".join(path.name.encode() + path.read_bytes() for path in files)


class Story(harness.RelayTest):
    def setUp(self):
        super().setUp()
        self.places = {number: self.folder / f"usb-{number}" for number in (1, 2)}
        self.relays = {n: self.relay(f"relay-{n}", drives=[place]) for n, place in self.places.items()}
        self.alice, self.bob, self.carol = (Person(name, self.folder) for name in ("alice", "bob", "carol"))
        self.alice.relay = self.carol.relay = self.relays[1]
        self.bob.relay = self.relays[2]

    def meet(self):
        tell("Alice, Bob and Carol each make a key, and give its line to the others by hand.")
        people = (self.alice, self.bob, self.carol)
        for person in people:
            person.run("key", "new", person.name)
        lines = {person.name: person.key_line() for person in people}
        for person in people:
            for name, line in lines.items():
                if name != person.name:
                    person.run("contact", "add", name, line)
        return lines

    def visit(self, number):
        """The drive is plugged in at a relay, and taken out when the relay says so."""
        relay = self.relays[number]
        relay.fold()
        self.drive.plug(self.places[number])
        relay.wait_until(lambda: self.done_with_all(relay, number), "the drive has everything")
        self.drive.pull()

    def done_with_all(self, relay, number):
        """Done, and both sides hold the same."""
        drives = relay.json("/v1/drives")
        there = [entry for entry in drives if entry["state"] == "done"]
        if len(there) != 1:
            return False
        on_drive = bundles.read_folder(self.places[number] / "WCMP")
        return len(on_drive) == relay.json("/v1/status")["messages"]

    def test_a_message_crosses_on_a_drive(self):
        lines = self.meet()
        for relay in self.relays.values():
            relay.start()
        self.drive = Carried(self.folder, prepare=lambda folder: self.alice.run("drive", "init", folder))

        tell("Alice, at relay 1, writes to Bob and Carol.")
        self.alice.run("send", "--to", "bob", "--to", "carol", "--from", "alice", stdin=SECRETS[0])
        tell("The drive is plugged in at relay 1, and taken out when the relay is done.")
        self.visit(1)
        self.nobody_can_tell(lines)

        tell("The drive is carried to relay 2. Bob reads:")
        self.visit(2)
        letters = self.bob.json("inbox")
        self.assertEqual([letter["from"] for letter in letters], ["alice"])
        self.assertEqual(self.read(self.bob), SECRETS[0])
        tell(f"    {SECRETS[0]}")

        tell("Bob answers. His client writes the sealed message to a file, and curl enqueues it.")
        sealed = self.folder / "sealed"
        self.bob.run("send", "--to", "alice", "--from", "bob", "--output", sealed, stdin=SECRETS[1])
        status, body = self.relays[2].curl("/v1/messages", "--data-binary", f"@{sealed}", "-H",
                                           "Content-Type: application/vnd.wcmp.message")
        self.assertEqual(status, 201, body)
        self.visit(2)

        tell("The drive comes back to relay 1. Alice reads the answer, and Carol reads what Alice wrote:")
        self.visit(1)
        self.assertEqual(self.read(self.alice), SECRETS[1])
        self.assertEqual(self.read(self.carol), SECRETS[0])
        tell(f"    {SECRETS[1]}\n    {SECRETS[0]}")
        self.nobody_can_tell(lines)
        self.a_stranger_reads_nothing()

        stores = [set(bundles.read_folder(relay.store)) for relay in self.relays.values()]
        self.assertEqual(stores[0], stores[1])
        tell(f"Both relays and the drive hold the same {len(stores[0])} messages.")

    def read(self, person):
        """The text of the newest letter that was received."""
        newest = max(letter["number"] for letter in person.json("inbox"))
        return person.run("read", newest).rstrip("\n")

    def nobody_can_tell(self, lines):
        """Whoever has only the drive: no text, no name, no key, no path of a machine."""
        raw = self.drive.raw()
        clues = [secret.encode() for secret in SECRETS]
        clues += [b"alice", b"carol", b"relay-1", str(self.folder).encode()]
        clues += [line.encode() for line in lines.values()]
        for clue in clues:
            self.assertNotIn(clue, raw)
            self.assertNotIn(clue.upper(), raw)
        tell("Whoever finds the drive finds no text, no name and no key on it.")

    def a_stranger_reads_nothing(self):
        mallory = Person("mallory", self.folder)
        mallory.run("key", "new", "mallory")
        mallory.relay = self.relays[1]
        self.assertEqual(mallory.json("inbox"), [])
        tell("A stranger with a key of their own, at the same relay, has an empty inbox.")


if __name__ == "__main__":
    sys.argv = [argument for argument in sys.argv if argument != "--tell"]
    harness.main()
