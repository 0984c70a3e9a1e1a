"""What a drive can do to a relay: cut and flipped bundles, full, read-only and vanishing drives.

Each test looks at what a person is told about it (wcmp drives, wcmp sync), and at every message that was good
or acknowledged before.
"""

import os
import random
import shutil
import subprocess
import threading
import unittest

import bundles
import relay as relays
from person import EXIT_NOTHING, WcmpTest

HEADER_BYTES = 64


def ids(messages):
    return {bundles.message_id(message) for message in messages}


def index_bytes(data):
    """Where the messages start."""
    return int.from_bytes(data[24:32], "big")


class DriveFaults(WcmpTest):
    def drives(self, relay):
        """What a person reads."""
        return self.person("somebody", relay.socket).out("drives", secret=False)

    def put(self, drive, messages, change=None):
        """A bundle of these messages, changed on the way, under the name that it had."""
        name, data = bundles.make_bundle(messages)
        (drive / "WCMP" / name).write_bytes(change(data) if change else data)
        return name, data

    def visit(self, drive, own=(), **arguments):
        """A relay that has some messages visits the drive: the relay, still running, and the result."""
        relay = self.relay(**arguments)
        relay.start()
        for message in own:
            self.assertEqual(relay.post_message(message).status, 201)
        relay.stop()
        relay.drives = [(drive, False)]
        relay.start()
        return relay, relay.wait_drive(states=["done", "failed"])


class Damage(DriveFaults):
    def test_a_bundle_cut_anywhere_gives_the_messages_before_the_cut(self):
        drive, rng = self.drive(), random.Random(1)
        messages = bundles.make_messages(1, 3, relays.today(), days=1)
        _, data = bundles.make_bundle(messages)
        start, step = index_bytes(data), len(messages[0])
        borders = [0, 1, 8, 63, 64, 65, start - 1, start, start + 1, len(data) - 1]
        borders += [start + n * step + d for n in (1, 2) for d in (-1, 0, 1)] + [start - 40, start - 80]
        cuts = borders + rng.sample(range(len(data)), 30)
        expected = set()
        for number, cut in enumerate(cuts):
            these = bundles.make_messages(100 + number, 3, relays.today(), days=1)  # one day: all are alike
            _, whole = self.put(drive, these, lambda data, cut=cut: data[:cut])
            first = index_bytes(whole)
            whole_ones = max(0, cut - first) // step if cut > first else 0
            expected |= ids(bundles.read_bundle(whole)[:whole_ones])
        relay, done = self.visit(drive)
        self.assertEqual((done["state"], done["result"]["imported"]), ("done", len(expected)))
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), expected, "what is left is sound")
        self.assertRegex(self.drives(relay), rf"damaged bundles: saved {len(expected)} messages, lost \d+\n")
        relay.stop()
        self.assertEqual(set(bundles.read_folder(relay.store)), expected)

    def test_a_byte_flipped_anywhere_costs_one_message_at_most(self):
        drive, rng = self.drive(), random.Random(2)
        _, sample = bundles.make_bundle(bundles.make_messages(2, 3, relays.today(), days=1))
        start = index_bytes(sample)
        places = [*range(start), *rng.sample(range(start, len(sample) - 64), 40)]
        places += range(len(sample) - 64, len(sample))
        told, names, lost_with_offset = {}, {}, 0
        for number, place in enumerate(places):
            def flip(data, place=place):
                return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1:]
            these = bundles.make_messages(1000 + number, 3, relays.today(), days=1)
            names[place], _ = self.put(drive, these, flip)
            told[place] = ids(these)
        relay, done = self.visit(drive)
        self.assertEqual(done["state"], "done", done)
        held = set(bundles.read_folder(relay.store))
        for place, these in told.items():
            lost = these - held
            if place < 8:  # not a bundle of this version: left alone
                self.assertEqual(lost, these, place)
            elif 24 <= place < 32:  # where the messages start: without it nothing can be found
                lost_with_offset += len(lost)
            elif HEADER_BYTES + 8 <= place < start or place >= start:
                self.assertLessEqual(len(lost), 1, place)
            else:
                self.assertEqual(lost, set(), place)
        self.assertLessEqual(lost_with_offset, 3 * 8)
        # What is no bundle of this version stays as it is, and so do for now bundles with a bad message.
        for place in filter(lambda place: place < 8 or place >= start, places):
            (drive / "WCMP" / names[place]).unlink()
        left = set(bundles.read_folder(drive / "WCMP"))
        self.assertEqual(left, {name for place in range(8, start) for name in told[place]} & held)
        self.assertEqual(sum(done["result"]["invalid"].values()), len([p for p in places if p >= start]))
        self.assertIn("damaged bundles: saved ", self.drives(relay))

    def test_a_folder_full_of_foreign_files(self):
        drive = self.drive()
        messages = bundles.make_messages(3, 5, relays.today())
        for number in range(3000):
            (drive / "WCMP" / f"DSC_{number:04}.JPG").write_bytes(b"a picture")
        (drive / "WCMP" / "x.wcmp").mkdir()
        (drive / "WCMP" / f"1-1-{'0' * 32}.wcmp.part").write_bytes(b"a part")
        before = {path.name for path in (drive / "WCMP").iterdir()}
        self.put(drive, messages[:3])
        relay, done = self.visit(drive, own=messages[3:])
        self.assertEqual((done["result"]["imported"], done["result"]["exported"]), (3, 2))
        self.assertIn("done        took 3, gave 2\n", self.drives(relay))
        left = {path.name for path in (drive / "WCMP").iterdir()}
        self.assertLessEqual(before, left)
        (drive / "WCMP" / "x.wcmp").rmdir()
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(messages))


class Places(DriveFaults):
    def test_a_link_and_a_file_in_the_folders_place(self):
        for kind in ("link", "file"):
            place = self.folder / kind
            place.mkdir()
            if kind == "link":
                (place / "WCMP").symlink_to(self.drive("elsewhere") / "WCMP")
            else:
                (place / "WCMP").write_text("mine")
            relay = self.relay(f"relay-{kind}", drives=[place])
            relay.start()
            relay.wait_drive(states=["failed"])
            words = "failed      took 0, gave 0: what stands where the folder should be is a link or a file\n"
            self.assertIn(words, self.drives(relay))
            person = self.person("somebody", relay.socket)
            self.assertIn(f"{place}/WCMP: ", person.err("sync", place, secret=False, expect=EXIT_NOTHING))
            error = person.err("drive", "init", place, secret=False, expect=EXIT_NOTHING)
            words = "something that is no folder is in the way; move it elsewhere"
            self.assertIn(f"{place}/WCMP: {words}", error)
            relay.stop()

    def test_a_drive_that_is_not_prepared_says_how(self):
        place = self.folder / "stick"
        place.mkdir()
        relay = self.relay(drives=[place])
        relay.start()
        relay.wait_drive(states=["unprepared"])
        self.assertIn("`wcmp drive init DIR` prepares it", self.drives(relay))

    def test_a_drive_that_vanishes_during_the_visit(self):
        drive = self.drive()
        known = bundles.make_messages(4, 10, relays.today())
        large = bundles.make_messages(5, 250, relays.today(), body_exp=17)  # 32 MiB
        relay = self.relay(drives=[drive])
        relay.start()
        for message in known:
            self.assertEqual(relay.post_message(message).status, 201)
        relay.stop()
        self.put(drive, large)
        copy = self.folder / "copy"
        shutil.copytree(drive, copy)
        relay.start(wait=False)
        relay.wait_until(lambda: relay.socket.exists(), "the socket")
        for event in relay.events(after=None):
            if event["type"] in ("drive.syncing", "drive.done"):
                break
        shutil.rmtree(drive)  # as when it is pulled: what is open gives errors or the rest
        relay.wait_until(lambda: relay.json("/v1/drives") == [], "the drive is gone")
        self.assert_all_held(relay, known)
        self.assertEqual(relay.json("/v1/status")["state"], "idle")
        shutil.move(copy, drive)
        self.assertEqual(relay.wait_drive(states=["done"])["state"], "done")
        self.assert_all_held(relay, known + large[:5])
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(known + large))

    def test_a_full_drive(self):
        drive = self.file_system("3m")
        (drive / "WCMP").mkdir()
        own = bundles.make_messages(6, 40, relays.today(), body_exp=17)  # 5 MiB
        theirs = bundles.make_messages(7, 3, relays.today())
        self.put(drive, theirs)
        relay, done = self.visit(drive, own)
        self.assertEqual((done["state"], done["result"]["imported"]), ("done", 3), done)
        self.assertEqual(done["result"]["error"]["code"], "no_space")
        left_out = 40 - done["result"]["exported"]
        self.assertGreater(left_out, 20)
        self.assertIn(f"no room for {left_out}: the drive is full; not everything could be written to it\n",
                      self.drives(relay))
        self.assertEqual(len(bundles.read_folder(drive / "WCMP")), 43 - left_out, "nothing half written")
        self.assert_all_held(relay, own + theirs)
        person = self.person("somebody", relay.socket)
        error = person.err("sync", drive, secret=False, expect=EXIT_NOTHING)
        self.assertIn(f"{drive}: the folder is full; not everything could be written to it\n", error)

    def test_a_drive_full_of_what_lives_long(self):
        """What is new makes room for itself. A file that goes keeps its place until it is closed."""
        drive = self.file_system("16m")
        (drive / "WCMP").mkdir()
        junk = bundles.make_messages(16, 140, relays.today(), body_exp=16)
        for first in range(0, len(junk), 5):
            self.put(drive, junk[first : first + 5])
        space = os.statvfs(drive)
        kept_free = 2 << 20  # 1/16 of it, and what every commit leaves
        (drive / "photos").write_bytes(bytes(space.f_bavail * space.f_frsize - kept_free))
        own = bundles.make_messages(17, 2, relays.today(), body_exp=16)
        relay, done = self.visit(drive, own)
        self.assertEqual((done["state"], done["result"]["imported"]), ("done", 140), done)
        counts = [done["result"][name] for name in ("exported", "not_exported", "displaced")]
        self.assertEqual(counts, [2, 0, 5], done)
        self.assertNotIn("error", done["result"])
        self.assertIn("gave 2, 5 made room and are held by the relay", self.drives(relay))
        on_drive = set(bundles.read_folder(drive / "WCMP"))
        self.assertEqual((len(on_drive), ids(own) - on_drive), (137, set()))
        self.assert_all_held(relay, own + junk)

    def test_a_read_only_drive(self):
        drive = self.file_system("4m")
        (drive / "WCMP").mkdir()
        own = bundles.make_messages(8, 3, relays.today())
        theirs = bundles.make_messages(9, 6, relays.today())
        self.put(drive, theirs[:3])
        self.put(drive, theirs[3:], lambda data: data[:10] + b"\xff" + data[11:])  # salvaged into the store
        subprocess.run(["mount", "-o", "remount,ro", drive], check=True)
        relay, done = self.visit(drive, own)
        self.assertEqual((done["state"], done["result"]["imported"]), ("done", 6), done)
        self.assertEqual(done["result"]["error"]["code"], "read_only")
        words = "the drive is write-protected; it was read, nothing was written to it\n"
        self.assertIn(words, self.drives(relay))
        self.assert_all_held(relay, own + theirs)


class AtOnce(DriveFaults):
    def test_a_relay_and_a_person_sync_one_folder_at_once(self):
        drive = self.drive()
        messages = bundles.make_messages(10, 60, relays.today())
        self.put(drive, messages[:20])
        there, here = self.relay("there"), self.relay("here", drives=[(drive, True)])
        there.start()
        here.start()
        for relay, some in ((there, messages[20:40]), (here, messages[40:])):
            for message in some:
                self.assertEqual(relay.post_message(message).status, 201)
        here.stop()
        person = self.person("somebody", there.socket)
        syncing = threading.Thread(target=person.run, args=("sync", drive), kwargs={"secret": False})
        syncing.start()
        here.start()
        here.wait_drive(states=["done"])
        syncing.join()
        person.run("sync", drive, secret=False)
        here.stop()
        here.start()
        here.wait_drive(states=["done"])
        person.run("sync", drive, secret=False)
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(messages))
        for relay in (there, here):
            self.assert_all_held(relay, messages)

    @unittest.skipIf(os.geteuid() == 0, "root may read everywhere")
    def test_a_drive_that_may_not_be_read(self):
        drive = self.drive()
        (drive / "WCMP").chmod(0)
        self.addCleanup((drive / "WCMP").chmod, 0o700)
        relay = self.relay(drives=[drive])
        relay.start()
        self.assertEqual(relay.wait_drive(states=["failed"])["result"]["error"]["code"], "denied")
        words = "the daemon may not read or write this drive; check the permissions"
        self.assertIn(words, self.drives(relay))


if __name__ == "__main__":
    relays.main()
