"""`wcmp store compact` and `export`: an operator works on the store of a relay that is stopped."""

import json
import os
import pathlib
import pty
import pwd
import shutil
import signal
import subprocess

import bundles
import relay as relays
from person import EXIT_DATA, EXIT_NOTHING, EXIT_USAGE, WcmpTest

LARGE = 17  # of 128 KiB


class StoreWork(WcmpTest):
    def setUp(self):
        super().setUp()
        self.relay_ = self.relay()
        self.operator = self.person("operator")

    def compact(self, *arguments, **keywords):
        return self.operator.run("store", "compact", self.relay_.store, *arguments, secret=False, **keywords)

    def export(self, out, *arguments, **keywords):
        command = ("store", "export", self.relay_.store, out, *arguments)
        return self.operator.run(*command, secret=False, **keywords)

    def filled(self, in_bundles=12, in_journal=3):
        """A store that is at rest, with messages in a bundle and in a journal."""
        self.relay_.start()
        held = bundles.make_messages("held", in_bundles, relays.today())
        fresh = bundles.make_messages("fresh", in_journal, relays.today())
        self.assertEqual(self.relay_.post_bundle(bundles.make_bundle(held)[1]).status, 200)
        for message in fresh:
            self.assertEqual(self.relay_.post_message(message).status, 201)
        self.relay_.kill()  # as the power does: nothing is folded
        return held + fresh

    def add_bundles(self, count, messages=4, body_exp=10):
        """More of them, as if they had come one by one."""
        made = []
        for number in range(count):
            some = bundles.make_messages(f"bundle {number}", messages, relays.today(), body_exp=body_exp)
            name, data = bundles.make_bundle(some)
            self.put(name, data)
            made += some
        return made

    def put(self, name, data):
        path = self.relay_.store / name
        path.write_bytes(data)
        path.chmod(0o600)
        return path

    def contents(self):
        return {path.name: path.read_bytes() for path in self.relay_.store.iterdir()}

    def assert_folder_has(self, folder, messages):
        self.assertEqual(set(bundles.read_folder(folder)), {bundles.message_id(m) for m in messages})

    def assert_only_bundles_in(self, folder):
        self.assertEqual([path.name for path in folder.iterdir() if path.suffix != ".wcmp"], [])


class Compact(StoreWork):
    def test_few_bundles_come_of_many_and_the_relay_serves_all_of_it(self):
        messages = self.filled() + self.add_bundles(9)
        done = self.compact().stdout.decode()
        self.assertRegex(done, r"^10 bundles, .*, became 1, ")
        self.assertIn("3 messages came out of the journals", done)
        self.assert_folder_has(self.relay_.store, messages)
        self.relay_.start()
        self.assert_all_held(self.relay_, messages)

    def test_in_numbers_and_the_second_time_nothing(self):
        self.filled()
        self.add_bundles(4)
        found = json.loads(self.compact("--json").stdout)
        self.assertEqual((found["bundles_before"], found["bundles"], found["folded"]), (5, 1, 3))
        self.assertFalse(found["lacks_room"])
        before = self.contents()
        found = json.loads(self.compact("--json").stdout)
        self.assertEqual((found["bundles_before"], found["bundles"], found["bytes_written"]), (1, 1, 0))
        self.assertEqual(self.contents(), before)

    def test_what_is_dead_leaves(self):
        messages = self.filled()
        dead = bundles.make_bundle(bundles.make_messages("dead", 20, 1000))
        self.put(*dead)
        self.compact()
        self.assertFalse((self.relay_.store / dead[0]).exists())
        self.assert_folder_has(self.relay_.store, messages)

    def test_while_the_relay_runs_it_is_refused(self):
        messages = self.filled()
        self.relay_.start()
        self.add_bundles(5)
        before = sorted(self.relay_.store.glob("*.wcmp"))
        error = self.compact(expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("the relay works in this store", error)
        self.assertIn("stop it first (systemctl stop wcmpd.socket wcmpd)", error)
        self.assertEqual(sorted(self.relay_.store.glob("*.wcmp")), before)
        self.assert_all_held(self.relay_, messages)

    def test_what_is_no_store_is_not_made_one(self):
        self.relay_.store = self.drive()
        error = self.compact(expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("this is no store of a relay", error)
        self.assertEqual([path.name for path in self.relay_.store.iterdir()], ["WCMP"])
        self.relay_.store = self.folder / "missing"
        self.assertIn("No such file or directory", self.compact(expect=EXIT_NOTHING).stderr.decode())
        self.operator.run("store", "compact", secret=False, expect=EXIT_USAGE)

    def test_another_user_is_told_what_to_run(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a store to another user")
        self.filled()
        for uid, name in (65534, pwd.getpwuid(65534).pw_name), (54321, "'#54321'"):
            os.chown(self.relay_.store, uid, -1)
            before = self.contents()
            error = self.compact(expect=EXIT_NOTHING).stderr.decode()
            self.assertIn(f"this store is {name}'s", error)
            self.assertIn(f"run: sudo -u {name} wcmp store compact {self.relay_.store}", error)
            self.assertEqual(self.contents(), before)

    def test_who_may_not_even_look_is_told_whom_to_be(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        place = pathlib.Path("/var/tmp") / f"wcmp-{os.getpid()}"
        place.mkdir(0o755)
        self.addCleanup(shutil.rmtree, place)
        program = shutil.copy(relays.program("wcmp"), place)
        self.filled()
        shutil.move(self.relay_.store, place / "store")
        for path, line in (
            (place / "store", f"run: sudo -u root wcmp store export {place}/store"),
            (self.folder / "relay", "run it as the user whom the relay runs as"),
        ):
            command = ["setpriv", "--reuid=65534", "--clear-groups", program, "store", "export", path, place]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, EXIT_NOTHING)
            self.assertIn("Permission denied", done.stderr)
            self.assertIn(line, done.stderr)

    def test_a_full_disk_is_said_and_all_is_there(self):
        disk = self.file_system("24m")
        self.relay_.store = disk / "store"
        messages = self.filled() + self.add_bundles(6, 8, LARGE)
        with open(disk / "ballast", "wb", buffering=0) as ballast:
            with self.assertRaises(OSError):
                while True:
                    ballast.write(bytes(4096))
        error = self.compact(expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("the disk has no room to write bundles anew", error)
        (disk / "ballast").unlink()
        self.assertTrue(json.loads(self.compact("--json").stdout)["merged"] > 0)
        self.assert_folder_has(self.relay_.store, messages)

    def test_a_write_protected_disk_is_said(self):
        disk = self.file_system("24m")
        self.relay_.store = disk / "store"
        messages = self.filled()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        error = self.compact(expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("the disk is write-protected", error)
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        self.compact()
        self.assert_folder_has(self.relay_.store, messages)

    def test_the_terminal_shows_how_far_it_is_and_ctrl_c_leaves_a_whole_store(self):
        messages = self.filled() + self.add_bundles(60, 14, LARGE)
        process, screen = self.on_a_terminal()
        shown = b""
        while b"B  " not in shown:
            shown += os.read(screen, 4096)
        self.assertRegex(shown, rb"\d+ % of \d+(\.\d)? [MG]B")
        # In the midst of it: whoever starts the relay now is told why it does not start.
        os.kill(process.pid, signal.SIGSTOP)
        self.relay_.start(wait=False)
        self.assertEqual(self.relay_.wait(), relays.EXIT_UNAVAILABLE)
        self.assertIn("another wcmpd owns this store, or `wcmp store` works in it", self.relay_.log())
        os.kill(process.pid, signal.SIGINT)
        os.kill(process.pid, signal.SIGCONT)
        self.assertEqual(process.wait(relays.WAIT_S), -signal.SIGINT)
        self.assert_folder_has_at_least(messages)
        self.compact()
        self.assert_folder_has(self.relay_.store, messages)

    def on_a_terminal(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        command = [relays.program("wcmp"), "store", "compact", str(self.relay_.store)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, stdin=theirs)
        os.close(theirs)
        self.addCleanup(process.kill)
        return process, ours

    def assert_folder_has_at_least(self, messages):
        """Whatever is finished is sound, and nothing but what the journals hold is missing."""
        done = self.operator.run("store", "check", self.relay_.store, secret=False)
        self.assertIn(b"the store is sound", done.stdout)
        there = set()
        for path in self.relay_.store.glob("*.wcmp"):
            data = path.read_bytes()
            if data[:64].strip(b"\0"):  # a void file is worth nothing, and no harm
                there |= {bundles.message_id(m) for m in bundles.read_bundle(data)}
        missing = {bundles.message_id(m) for m in messages} - there
        self.assertLessEqual(len(missing), 3)


class Export(StoreWork):
    def out(self, name="out"):
        path = self.folder / name
        path.mkdir()
        return path

    def test_all_of_it_and_only_bundles_and_the_store_stays_as_it_is(self):
        messages = self.filled() + self.add_bundles(5)
        before, out = self.contents(), self.out()
        done = self.export(out).stdout.decode()
        self.assertRegex(done, rf"gave {out} {len(messages)} messages, .*; 0 were there already")
        self.assert_folder_has(out, messages)
        self.assert_only_bundles_in(out)
        self.assertEqual(self.contents(), before)
        found = json.loads(self.export(out, "--json").stdout)
        self.assertEqual((found["exported"], found["known"]), (0, len(messages)))
        self.assertEqual(found["from_journals"], 3)

    def test_another_relay_takes_it_in(self):
        messages = self.filled()
        stick = self.drive()
        self.export(stick)
        self.assert_only_bundles_in(stick / "WCMP")
        self.assertEqual(list(stick.iterdir()), [stick / "WCMP"])
        other = self.relay("other", drives=[stick])
        other.start()
        self.assertEqual(other.wait_drive()["state"], "done")
        self.assert_all_held(other, messages)

    def test_what_the_folder_holds_stays(self):
        messages, out = self.filled(), self.out()
        others = bundles.make_messages("others", 6, relays.today())
        name, data = bundles.make_bundle(others + messages[:2])
        (out / name).write_bytes(data)
        (out / "letter.txt").write_text("not ours\n")
        found = json.loads(self.export(out, "--json").stdout)
        self.assertEqual((found["exported"], found["known"]), (len(messages) - 2, 2))
        self.assert_folder_has(out, messages + others)
        self.assertEqual((out / "letter.txt").read_text(), "not ours\n")

    def test_while_the_relay_runs_it_is_refused(self):
        self.relay_.start()
        out = self.out()
        error = self.export(out, expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("the relay works in this store; stop it first", error)
        self.assertEqual(list(out.iterdir()), [])

    def test_a_full_folder_gets_a_part_and_later_the_rest(self):
        messages = self.filled() + self.add_bundles(4, 8, LARGE)
        out = self.file_system("3m")
        done = self.export(out, expect=EXIT_NOTHING)
        self.assertIn("the disk is full; not everything could be written", done.stderr.decode())
        self.assertRegex(done.stdout.decode(), r"\d+ were not written")
        some = bundles.read_folder(out)
        self.assertTrue(0 < len(some) < len(messages))
        subprocess.run(["mount", "-o", "remount,size=64m", out], check=True)
        self.export(out)
        self.assert_folder_has(out, messages)

    def test_a_write_protected_folder_is_said(self):
        self.filled()
        out = self.file_system("3m")
        subprocess.run(["mount", "-o", "remount,ro", out], check=True)
        error = self.export(out, expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("the disk is write-protected; nothing was written", error)

    def test_a_folder_that_may_not_be_written_is_said(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.filled()
        out = self.out()
        out.chmod(0o500)
        self.assertIn("Permission denied", self.export(out, expect=EXIT_NOTHING).stderr.decode())

    def test_not_into_a_store(self):
        self.filled()
        inner = self.relay_.store / "inner"
        inner.mkdir()
        link = self.folder / "link"
        link.symlink_to(inner)
        for out in (self.relay_.store, inner, link, self.relay_.store / "inner" / ".." / "inner"):
            error = self.export(out, expect=EXIT_NOTHING).stderr.decode()
            self.assertIn("this is in the store itself; name a folder outside of it", error)
        self.assertEqual(list(inner.iterdir()), [])
        other = self.relay("other")
        other.start()
        error = self.export(other.store, expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("this is the store of a relay; name another folder", error)
        self.assertEqual(list(other.store.glob("*.wcmp")), [])

    def test_wrong_places(self):
        self.filled()
        missing = self.folder / "missing"
        error = self.export(missing, expect=EXIT_NOTHING).stderr.decode()
        self.assertIn(f"{missing}: cannot open the directory: No such file or directory", error)
        self.assertFalse(missing.exists())
        odd = self.out("odd")
        (odd / "WCMP").write_text("a file")
        error = self.export(odd, expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("a link or a file is where the folder should be", error)
        self.relay_.store = self.out("no store")
        error = self.export(self.out("to"), expect=EXIT_NOTHING).stderr.decode()
        self.assertIn("this is no store of a relay", error)

    def test_what_is_damaged_is_left_out_until_it_was_saved(self):
        messages, out = self.filled(), self.out()
        path = next(self.relay_.store.glob("*.wcmp"))
        data = bytearray(path.read_bytes())
        data[-100] ^= 1
        path.write_bytes(data)
        done = self.export(out, expect=EXIT_DATA)
        self.assertIn("1 messages of the store are damaged or cannot be read", done.stdout.decode())
        self.assertIn("`wcmp store compact` saves what can be saved", done.stderr.decode())
        self.assertEqual(len(bundles.read_folder(out)), len(messages) - 1)
        data[33] ^= 1  # and the header
        path.write_bytes(data)
        found = json.loads(self.export(self.out("second"), "--json", expect=EXIT_DATA).stdout)
        self.assertEqual((found["damaged"], found["exported"]), (1, 3))
        saved = json.loads(self.compact("--json").stdout)
        self.assertEqual((saved["saved"], saved["lost"]), (11, 1))
        third = self.out("third")
        self.export(third)
        self.assertEqual(len(bundles.read_folder(third)), len(messages) - 1)


if __name__ == "__main__":
    relays.main()
