"""Sticks and people that do not keep to the rules."""

import json
import random
import time

import box
import stick

DAMAGES = 200 if box.FULL else 24


class Hardship(box.BoxTest):
    def test_two_at_once_and_one_put_back(self):
        first, second = self.messages(20, "first"), self.messages(20, "second")
        paths = [stick.fat32(self.folder / f"pair{number}", self.bundle(part))
                 for number, part in enumerate((first, second))]
        names = [self.plug(path) for path in paths]
        self.wait_drives("done", "done")
        for name in names:
            self.pull(name)
        self.wait_drives()
        self.assertLessEqual({*first, *second}, self.held())
        # What came with the one may have missed the other, which had been read by then.
        for path in paths:
            self.visit(path, "done")
            self.assertLessEqual({*first, *second}, set(self.on_stick(path)))

    def test_copies_of_one_stick(self):
        theirs = self.messages(20)
        path = stick.fat32(self.folder / "original", self.bundle(theirs))
        copy = self.folder / "copy"
        copy.write_bytes(path.read_bytes())
        before = self.held()
        self.plug(path), self.plug(copy)
        self.wait_drives("done", "done")
        self.assertEqual(self.held(), before | set(theirs))

    def test_pulled_and_put_back_at_once(self):
        theirs = self.messages(50)
        path = stick.fat32(self.folder / "back", self.bundle(theirs))
        self.pull(self.plug(path))
        self.visit(path, "done")
        self.assertLessEqual(set(theirs), self.held())

    def test_damaged_file_systems(self):
        """They do no harm: the next stick is served, and neither program had to be started again."""
        before = self.box.restarts()
        seed = f"{time.time_ns():x}"
        self.put_played()
        ran = self.box.try_sh(f"python3 -B /root/inside_damage.py {DAMAGES} {seed}", timeout=6 * 3600)
        self.assertEqual(ran.status, 0, f"seed {seed}: {ran.err[-2000:]}")
        ends = json.loads(ran.out)
        print(f"\ndamaged: {ends}", flush=True)
        self.assertEqual(sum(ends.values()), DAMAGES)
        self.assertGreater(len(ends), 1, "all came to the same end")
        trouble = "grep -E 'Oops|BUG:|WARNING:|general protection|blocked for more than' || true"
        self.assertEqual(self.box.sh(f"dmesg | {trouble}"), "", f"seed {seed}")
        good = self.messages(5)
        self.visit(stick.fat32(self.folder / "good", self.bundle(good)), "done")
        self.assertLessEqual(set(good), self.held())
        self.assertEqual(self.box.restarts(), before)

    def test_storm_of_events(self):
        theirs = self.messages(50)
        path = stick.fat32(self.folder / "storm", self.bundle(theirs))
        name = self.plug(path)
        self.box.wait_until("test -b /dev/sda1")
        times = 500 if box.FULL else 30
        storm = f"for i in $(seq {times}); do udevadm trigger -c change -s block; done; udevadm settle"
        self.box.sh(storm, timeout=1800)
        self.wait_drives("done")
        before = self.inside("get", "/v1/drives")
        self.box.sh(storm, timeout=1800)
        self.assertEqual(self.inside("get", "/v1/drives"), before)
        self.pull(name)
        self.wait_drives()
        self.assertLessEqual(set(theirs), self.held())

    def test_killed_at_random_moments(self):
        """Whatever is killed, the stick that stays in is synced in the end, and nothing is lost."""
        chance = random.Random(self.id())
        everything = {}
        path = stick.fat32(self.folder / "killed")
        stick.make_folder(path, "WCMP")
        for number in range(40 if box.FULL else 3):
            theirs, ours = self.messages(60, f"theirs {number}"), self.messages(60, f"ours {number}")
            self.post(ours)
            everything |= theirs | ours
            stick.put_files(path, self.bundle(theirs))
            name = self.plug(path)
            victim = chance.choice(["wcmpd", "wcmp-mountd"])
            self.box.sh(f"sleep {chance.uniform(0.5, 3):.3f}; systemctl kill -s KILL {victim}.service")
            self.wait_drives("done")
            self.pull(name)
            self.wait_drives()
            self.assertLessEqual(set(everything), self.held())
            self.assertLessEqual(set(everything), set(self.on_stick(path)))


if __name__ == "__main__":
    box.main()
