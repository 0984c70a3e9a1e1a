"""`wcmp sync`: a folder that only the person can read, and everything that can be wrong with it, with the
relay, and with the place where messages are on their way. What a person is told, and that nothing is lost.
"""

import json
import os
import random
import shutil
import signal
import stat
import subprocess

import bundles
import relay as relays
from between import Between
from person import EXIT_NOTHING, WcmpTest


def ids(messages):
    return {bundles.message_id(message) for message in messages}


class SyncTest(WcmpTest):
    def put(self, drive, messages, change=None):
        name, data = bundles.make_bundle(messages)
        (drive / "WCMP" / name).write_bytes(change(data) if change else data)
        return name, data

    def somebody(self, relay):
        return self.person("somebody", relay.socket)

    def sync(self, relay, drive, expect=0, **keywords):
        """Counts, and what is said on standard error."""
        done = self.somebody(relay).run("--json", "sync", drive, secret=False, expect=expect, **keywords)
        return json.loads(done.stdout) if done.stdout else None, done.stderr.decode()

    def start(self, *arguments, **environment):
        """wcmp sync, running."""
        command = [relays.program("wcmp"), *[str(a) for a in arguments]]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=os.environ | {k: str(v) for k, v in environment.items()})
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process


class Refused(SyncTest):
    def test_a_full_relay(self):
        drive = self.drive()
        relay = self.relay(store_settings='bytes_max = "16 MiB"\n')
        relay.start()
        for message in bundles.make_messages(1, 40, relays.today(), body_exp=19):
            if relay.post_message(message).status != 201:
                break
        theirs = bundles.make_messages(2, 40, relays.today(), body_exp=19)
        self.put(drive, theirs)
        done, error = self.sync(relay, drive, expect=EXIT_NOTHING)
        relay.fold()
        taken = sum(relay.holds(bundles.message_id(message)) for message in theirs)
        self.assertLessEqual(taken, done["imported"], "some may have gone again")
        self.assertEqual(done["imported"] + sum(done["refused"].values()), 40)
        self.assertGreater(sum(done["refused"].values()), 0)
        self.assertGreater(done["exported"], 0, "the other direction goes on")
        self.assertIn("wcmp: the relay has no room: not everything in the folder was taken", error)
        text = self.somebody(relay).run("sync", drive, secret=False, expect=EXIT_NOTHING).stdout.decode()
        self.assertRegex(text, "not taken: the relay (is full and takes in a share at a time|has no room)")

    def test_a_rule_of_the_relay(self):
        drive = self.drive()
        relay = self.relay(settings="[rules]\nmessage_bytes_max = 100000\n")
        relay.start()
        good = bundles.make_messages(3, 4, relays.today())
        self.put(drive, good + bundles.make_messages(4, 3, relays.today(), body_exp=17))
        done, error = self.sync(relay, drive, expect=EXIT_NOTHING)
        self.assertEqual((done["imported"], done["refused"]), (4, {"too_large": 3}))
        self.assertIn("wcmp: a rule of the relay refused 3 messages", error)
        self.assert_all_held(relay, good)

    def test_the_dead_are_no_failure(self):
        drive = self.drive()
        relay = self.relay()
        relay.start()
        living = bundles.make_messages(5, 2, relays.today())
        self.put(drive, living + bundles.make_messages(6, 3, relays.today() - 40))
        done, error = self.sync(relay, drive)
        self.assertEqual((done["imported"], done["refused"], error), (2, {"expired": 3}, ""))


class Scratch(SyncTest):
    def test_no_room_for_messages_on_their_way(self):
        scratch = self.file_system("1m")
        drive = self.drive()
        relay = self.relay()
        relay.start()
        own = bundles.make_messages(7, 2, relays.today())
        for message in own:
            self.assertEqual(relay.post_message(message).status, 201)
        self.put(drive, bundles.make_messages(8, 9, relays.today(), body_exp=17))
        done, error = self.sync(relay, drive, expect=EXIT_NOTHING, environment={"TMPDIR": str(scratch)})
        self.assertEqual((done["imported"], done["not_sent"], done["refused"]), (0, 9, {}))
        self.assertEqual(done["exported"], 2, "the other direction goes on")
        self.assertIn(f"wcmp: {scratch}: no room for messages on their way to the relay; make room", error)
        self.assertNotIn(f"{drive}", error)
        self.sync(relay, drive)

    def test_a_scratch_folder_that_is_not_there(self):
        relay = self.relay()
        relay.start()
        missing = self.folder / "missing"
        _, error = self.sync(relay, self.drive(), expect=EXIT_NOTHING, environment={"TMPDIR": str(missing)})
        self.assertIn(f"wcmp: {missing}: cannot open the directory: No such file or directory", error)
        self.assertIn("let TMPDIR name another folder", error)


class Ends(SyncTest):
    """Whatever ends it, nothing of the messages is left behind."""

    def begin(self):
        drive, scratch = self.drive(), self.folder / "scratch"
        scratch.mkdir()
        relay = self.relay()
        relay.start()
        self.messages = bundles.make_messages(9, 5, relays.today())
        self.put(drive, self.messages)
        between = self.enterContext(Between(self.folder / "between.sock", relay.socket))
        between.hold("/v1/bundles")
        sync = self.start("--socket", between.socket, "sync", drive, TMPDIR=scratch)
        self.assertTrue(between.held.wait(relays.WAIT_S))
        self.assertEqual(list(scratch.iterdir()), [], "what is on its way has no name")
        return relay, drive, scratch, between, sync

    def test_killed(self):
        _, _, scratch, _, sync = self.begin()
        sync.kill()
        sync.wait(relays.WAIT_S)
        self.assertEqual(list(scratch.iterdir()), [])

    def check_ends_after_the_step(self, number):
        relay, drive, scratch, between, sync = self.begin()
        sync.send_signal(number)
        self.assertIn(b"ending after this step", sync.stderr.readline())
        between.release.set()
        self.assertEqual(sync.wait(relays.WAIT_S), -number)
        self.assertEqual(list(scratch.iterdir()), [])
        self.assert_all_held(relay, self.messages)
        self.assertEqual(self.sync(relay, drive)[0]["known"], 5)

    def test_an_interrupt_ends_it_after_the_step(self):
        self.check_ends_after_the_step(signal.SIGINT)

    def test_a_request_to_terminate_ends_it_after_the_step(self):
        self.check_ends_after_the_step(signal.SIGTERM)

    def test_a_second_signal_ends_it_at_once(self):
        _, _, scratch, _, sync = self.begin()
        sync.send_signal(signal.SIGINT)
        self.assertIn(b"once more ends at once", sync.stderr.readline())
        sync.send_signal(signal.SIGINT)
        self.assertEqual(sync.wait(relays.WAIT_S), -signal.SIGINT)
        self.assertEqual(list(scratch.iterdir()), [])


class Folders(SyncTest):
    def test_a_bundle_cut_anywhere_gives_the_messages_before_the_cut(self):
        drive, rng = self.drive(), random.Random(1)
        _, data = bundles.make_bundle(bundles.make_messages(1, 3, relays.today(), days=1))
        start, step = int.from_bytes(data[24:32], "big"), len(bundles.make_messages(1, 1, 1)[0])
        cuts = [0, 1, 8, 63, 64, 65, start - 1, start, start + 1, len(data) - 1, start + step]
        expected = set()
        for number, cut in enumerate(cuts + rng.sample(range(len(data)), 20)):
            these = bundles.make_messages(100 + number, 3, relays.today(), days=1)
            _, whole = self.put(drive, these, lambda data, cut=cut: data[:cut])
            if cut > start:
                expected |= ids(bundles.read_bundle(whole)[: (cut - start) // step])
        relay = self.relay()
        relay.start()
        done, _ = self.sync(relay, drive)
        self.assertEqual((done["imported"], done["saved"]), (len(expected), len(expected)))
        self.assertGreater(done["damaged"], 5)
        self.assertGreater(done["lost"], 5)
        relay.stop()
        self.assertEqual(set(bundles.read_folder(relay.store)), expected)
        self.assertEqual(set(bundles.read_folder(drive / "WCMP")), expected, "what is left is sound")

    def test_damage_is_told(self):
        drive = self.drive()
        self.put(drive, bundles.make_messages(1, 3, relays.today(), days=1), lambda data: data[:-100])
        relay = self.relay()
        relay.start()
        text = self.somebody(relay).out("sync", drive, secret=False)
        self.assertIn("1 damaged bundles: saved 2 messages, lost 1\n", text)

    def test_a_fifo_and_a_link_in_a_bundles_place(self):
        drive, elsewhere = self.drive(), self.drive("elsewhere")
        good, outside = (bundles.make_messages(n, 3, relays.today()) for n in (1, 2))
        self.put(drive, good)
        name, _ = self.put(elsewhere, outside)
        (drive / "WCMP" / name).symlink_to(elsewhere / "WCMP" / name)
        fifo, _ = bundles.make_bundle(bundles.make_messages(3, 3, relays.today()))
        os.mkfifo(drive / "WCMP" / fifo)
        relay = self.relay()
        relay.start()
        text = self.somebody(relay).out("sync", drive, secret=False)
        self.assertEqual(text, "took 3 messages from the folder, gave it 0, 0 were on both sides\n")
        self.assertFalse(any(relay.holds(one) for one in ids(outside)), "nothing from outside the folder")
        self.assertTrue(stat.S_ISFIFO((drive / "WCMP" / fifo).lstat().st_mode))
        self.assertTrue((drive / "WCMP" / name).is_symlink())

    def test_a_folder_that_leads_out_of_the_drive(self):
        place = self.folder / "stick"
        place.mkdir()
        (place / "WCMP").symlink_to(self.drive("elsewhere") / "WCMP")
        relay = self.relay()
        relay.start()
        _, error = self.sync(relay, place, expect=EXIT_NOTHING)
        self.assertIn(f"wcmp: {place}/WCMP: a link or a file is where the folder should be\n", error)

    def test_a_folder_that_vanishes(self):
        drive = self.drive()
        messages = bundles.make_messages(4, 3, relays.today())
        self.put(drive, bundles.make_messages(5, 3, relays.today()))
        relay = self.relay()
        relay.start()
        for message in messages:
            self.assertEqual(relay.post_message(message).status, 201)
        between = self.enterContext(Between(self.folder / "between.sock", relay.socket))
        between.hold("/v1/bundles")
        sync = self.start("--socket", between.socket, "sync", drive)
        self.assertTrue(between.held.wait(relays.WAIT_S))
        shutil.rmtree(drive)
        between.release.set()
        self.assertEqual(sync.wait(relays.WAIT_S), EXIT_NOTHING)
        self.assertIn(b"took 3 messages from the folder, gave it 0", sync.stdout.read())
        self.assertIn(f"wcmp: {drive}/WCMP: ".encode(), sync.stderr.read())
        self.assert_all_held(relay, messages)

    def test_a_write_protected_folder(self):
        drive = self.file_system("4m")
        (drive / "WCMP").mkdir()
        theirs = bundles.make_messages(6, 3, relays.today())
        self.put(drive, theirs)
        subprocess.run(["mount", "-o", "remount,ro", drive], check=True)
        relay = self.relay()
        relay.start()
        self.assertEqual(relay.post_message(bundles.make_messages(7, 1, relays.today())[0]).status, 201)
        done, error = self.sync(relay, drive, expect=EXIT_NOTHING)
        self.assertEqual((done["imported"], done["exported"]), (3, 0))
        self.assertIn(f"wcmp: {drive}: the folder is write-protected; it was read, nothing was", error)
        self.assert_all_held(relay, theirs)

    def test_preparing_a_write_protected_drive(self):
        drive = self.file_system("4m")
        subprocess.run(["mount", "-o", "remount,ro", drive], check=True)
        error = self.person("somebody").err("drive", "init", drive, secret=False, expect=EXIT_NOTHING)
        self.assertIn(f"wcmp: {drive}: cannot make the directory: Read-only file system", error)


if __name__ == "__main__":
    relays.main()
