"""Directories that stand for drives: union, and everything that is wrong with a drive."""

import ctypes
import os
import random
import subprocess
import unittest

import bundles
import relay
from relay import RelayTest


def ids(messages):
    return {bundles.message_id(message) for message in messages}


class DeadMount:
    """A file system whose server never answers: whoever looks at it waits until it goes."""

    def __init__(self, place):
        place.mkdir()
        self.place = place
        self.server = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.server},rootmode=40000,user_id=0,group_id=0".encode()
        if ctypes.CDLL(None, use_errno=True).mount(b"none", bytes(place), b"fuse", 0, options) != 0:
            os.close(self.server)
            raise unittest.SkipTest(f"cannot mount FUSE: {os.strerror(ctypes.get_errno())}")

    def go(self):
        if self.server is not None:
            os.close(self.server)
        self.server = None
        subprocess.run(["umount", "-l", self.place], capture_output=True)


class Hanging(RelayTest):
    @staticmethod
    def says(one, command):
        words = [relay.program("wcmp"), "--socket", str(one.socket), command]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    @unittest.skipUnless(os.access("/dev/fuse", os.W_OK), "this user may not mount what never answers")
    def test_a_directory_that_hangs_holds_up_nobody_and_not_the_end(self):
        dead = DeadMount(self.folder / "dead")
        self.addCleanup(dead.go)
        drive = self.drive()
        message = bundles.make_messages(9, 1, relay.today())[0]
        # A leak checker would wait at the end for the thread that hangs.
        environment = {"ASAN_OPTIONS": "detect_leaks=0"}
        with self.relay("relay", drives=[dead.place, drive], environment=environment) as one:
            one.wait_drive(states=["done"])
            one.post_message(message)
            one.process.terminate()
            self.assertEqual(one.process.wait(timeout=15), 0)
            self.assertIn("wcmpd has stopped", one.log())

    @unittest.skipUnless(os.access("/dev/fuse", os.W_OK), "this user may not mount what never answers")
    def test_a_directory_that_hangs_says_so_until_it_answers(self):
        dead = DeadMount(self.folder / "dead")
        self.addCleanup(dead.go)
        with self.relay("relay", drives=[dead.place], environment={"ASAN_OPTIONS": "detect_leaks=0"}) as one:
            silent = one.wait_drive(states=["failed"])
            self.assertEqual(silent["result"]["error"]["code"], "not_answering")
            words = "".join(self.says(one, command) for command in ("drives", "status"))
            self.assertIn("the directory does not answer; see whether the disk or the server", words)
            self.assertIn("directory_silent: see whether the disk", words)
            self.assertNotIn(str(dead.place), one.log())
            dead.go()
            one.wait_drive(states=["unprepared"])
            self.assertNotIn("directory_silent", one.json("/v1/status")["warnings"])


class Union(RelayTest):
    def test_a_message_crosses_on_a_directory(self):
        drive = self.drive()
        messages = bundles.make_messages(1, 5, relay.today())
        with self.relay("first", drives=[drive]) as first:
            first.wait_drive()
            for message in messages:
                first.post_message(message)
            first.fold()
            first.reload()
        # Stopping abandons nothing durable; the next start visits at once.
        with self.relay("first", drives=[drive]) as first:
            first.wait_drive(states=["done"])
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(messages))
        with self.relay("second", drives=[drive]) as second:
            done = second.wait_drive(states=["done"])
            self.assertEqual(done["result"]["imported"], 5)
            for message in messages:
                self.assertEqual(second.message(bundles.message_id(message)).body, message)
            self.assertEqual(second.json("/v1/status")["messages"], 5)

    def test_both_sides_end_up_with_the_union(self):
        drive = self.drive()
        rng = random.Random(7)
        messages = bundles.make_messages(2, 60, relay.today())
        name, data = bundles.make_bundle(messages[:40])
        (drive / "WCMP" / name).write_bytes(data)
        first = self.relay("first")
        first.start()
        for message in rng.sample(messages[20:], 40):
            first.post_message(message)
        first.drives = [(drive, False)]
        first.stop()
        first.start()
        first.wait_drive(states=["done"])
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(messages))
        self.assertEqual(first.json("/v1/status")["messages"], 60)

    def test_two_relays_share_one_directory_at_once(self):
        drive = self.drive()
        messages = bundles.make_messages(3, 20, relay.today())
        first = self.relay("first", drives=[(drive, True)])
        second = self.relay("second", drives=[(drive, True)])
        for one, part in ((first, messages[:12]), (second, messages[8:])):
            one.start()
            for message in part:
                one.post_message(message)
            one.stop()
        first.start()
        second.start()
        first.wait_drive(states=["done"])
        second.wait_drive(states=["done"])
        # Whoever was in the other's way comes again a minute later; a new start is a visit at once. What the
        # first one left out then, the second brings, and the first finds it.
        for one in (first, second, first):
            one.stop()
            one.start()
            one.wait_drive(states=["done"])
        for one in (first, second):
            self.assertEqual(one.json("/v1/status")["messages"], 20)
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), ids(messages))


class WrongThings(RelayTest):
    def test_foreign_files_are_never_touched(self):
        drive = self.drive()
        folder = drive / "WCMP"
        messages = bundles.make_messages(4, 3, relay.today())
        name, data = bundles.make_bundle(messages)
        (folder / name).write_bytes(data)
        day = relay.today() + 5
        void = f"{day}-{day}-{'0' * 32}.wcmp"
        (folder / "holiday.jpg").write_bytes(b"not ours")
        (folder / f"{day}-{day}-{'A' * 32}.wcmp").write_bytes(b"upper case is not ours")
        (folder / "sub").mkdir()
        os.mkfifo(folder / f"{day}-{day}-{'1' * 32}.wcmp")
        (drive / "outside").write_bytes(data)
        (folder / f"{day}-{day}-{'2' * 32}.wcmp").symlink_to(drive / "outside")
        (folder / f"{day}-{day}-{'3' * 32}.wcmp").symlink_to("/dev/zero")
        (folder / f"{day}-{day}-{'4' * 32}.wcmp").write_bytes(b"WCMPBDL9" + bytes(100))
        (folder / void).write_bytes(b"")
        before = {path.name for path in folder.iterdir()}
        with self.relay(drives=[drive]) as one:
            done = one.wait_drive(states=["done"])
            self.assertEqual(done["result"]["imported"], 3)
        gone = before - {path.name for path in folder.iterdir()}
        self.assertLessEqual(gone, {void})
        self.assertEqual((folder / "holiday.jpg").read_bytes(), b"not ours")
        self.assertEqual((drive / "outside").read_bytes(), data)

    def test_one_bad_message_hides_no_other(self):
        drive = self.drive()
        messages = bundles.make_messages(5, 30, relay.today())
        name, data = bundles.make_bundle(messages)
        broken = bytearray(data)
        broken[-100] ^= 1
        (drive / "WCMP" / name).write_bytes(broken)
        with self.relay(drives=[drive]) as one:
            one.wait_drive(states=["done"])
            self.assertEqual(one.json("/v1/status")["messages"], 29)

    def test_a_drive_that_is_not_prepared_is_left_alone(self):
        drive = self.folder / "drive"
        drive.mkdir()
        with self.relay(drives=[drive]) as one:
            self.assertEqual(one.wait_drive()["state"], "unprepared")
        self.assertEqual(list(drive.iterdir()), [])

    def test_adopt_any_prepares_it(self):
        drive = self.folder / "drive"
        drive.mkdir()
        with self.relay(drives=[drive], settings='[drives]\nadopt = "any"\nkeep_free_bytes = 1\n') as one:
            self.assertEqual(one.wait_drive()["state"], "done")
        self.assertTrue((drive / "WCMP").is_dir())

    def test_a_folder_that_is_a_link_is_not_followed(self):
        drive = self.folder / "drive"
        elsewhere = self.drive("elsewhere")
        drive.mkdir()
        (drive / "WCMP").symlink_to(elsewhere / "WCMP")
        name, data = bundles.make_bundle(bundles.make_messages(6, 3, relay.today()))
        (elsewhere / "WCMP" / name).write_bytes(data)
        with self.relay(drives=[drive]) as one:
            self.assertIn(one.wait_drive()["state"], ("failed", "unprepared"))
            self.assertEqual(one.json("/v1/status")["messages"], 0)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_drive_that_cannot_be_written_is_read_all_the_same(self):
        drive = self.drive()
        messages = bundles.make_messages(7, 4, relay.today())
        name, data = bundles.make_bundle(messages[:3])
        (drive / "WCMP" / name).write_bytes(data)
        (drive / "WCMP").chmod(0o500)
        self.addCleanup((drive / "WCMP").chmod, 0o700)
        one = self.relay(drives=[drive])
        one.start()
        one.post_message(messages[3])
        end = one.wait_drive(states=["done", "failed"])
        self.assertEqual(end["result"]["imported"], 3)


class Uploads(RelayTest):
    def test_a_bundle_by_another_channel(self):
        messages = bundles.make_messages(8, 10, relay.today())
        _, data = bundles.make_bundle(messages)
        with self.relay() as one:
            answer = one.post_bundle(data)
            self.assertEqual((answer.status, answer.json()["imported"], answer.json()["known"]), (200, 10, 0))
            answer = one.post_bundle(data)
            self.assertEqual((answer.status, answer.json()["imported"], answer.json()["known"]), (200, 0, 10))
            self.assertEqual(one.json("/v1/status")["messages"], 10)

    def test_a_malformed_bundle_stores_nothing(self):
        _, data = bundles.make_bundle(bundles.make_messages(9, 10, relay.today()))
        with self.relay() as one:
            for position in (0, 10, 20, 40, 70, 90):
                broken = bytearray(data)
                broken[position] ^= 1
                answer = one.post_bundle(bytes(broken))
                self.assertEqual((answer.status, answer.json()["code"]), (400, "malformed_bundle"), position)
            self.assertEqual(one.post_bundle(data[:-1]).status, 400)
            self.assertEqual(one.post_bundle(b"").status, 400)
            self.assertEqual(one.json("/v1/status")["messages"], 0)

    def test_bad_messages_are_counted_and_the_others_imported(self):
        messages = bundles.make_messages(10, 10, relay.today())
        _, data = bundles.make_bundle(messages)
        broken = bytearray(data)
        broken[-1] ^= 1
        with self.relay() as one:
            answer = one.post_bundle(bytes(broken))
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.json()["imported"], 9)
            self.assertEqual(sum(answer.json()["invalid"].values()), 1)


if __name__ == "__main__":
    relay.main()
