"""A stick is pulled out at a random moment, again and again, and read by another implementation of FAT."""

import os
import random
import time

import box
import stick

TIMES = int(os.environ.get("WCMP_VM_PULLS") or (1000 if box.FULL else 5))
LONGEST_S = 2.5  # from plugging in to after the end of a visit
ENOUGH_TO_MEET_A_VISIT = 50
LOOK_AT_STORE_EVERY = 10  # rounds: to list all that it has takes longer than a round


class Pulled(box.BoxTest):
    def check_stick(self, path, had, counts):
        """Nothing that was on it is gone, and nothing is on it that nobody made."""
        found = set(self.on_stick(path))
        counts["lost"] += len(had - found)
        counts["invented"] += len(found - self.made)
        return found

    def one_round(self, path, number, chance, counts):
        ours, theirs = self.messages(10, f"ours {number}"), self.messages(10, f"theirs {number}")
        self.made |= set(ours) | set(theirs)
        stick.put_files(path, self.bundle(theirs))
        self.post(ours)
        had = set(self.on_stick(path))
        name = self.plug(path)
        time.sleep(chance.uniform(0.3, LONGEST_S))  # the moment is what is tested: it is no event
        state = self.inside("get", "/v1/drives")
        self.pull(name)
        counts["done"] += '"done"' in state
        counts["busy"] += '"busy"' in state
        self.wait_drives()
        self.check_stick(path, had, counts)
        self.acknowledged |= set(ours)
        if number % LOOK_AT_STORE_EVERY == 0:
            counts["lost"] += len(self.acknowledged - self.held())

    def test_pulled_at_random_moments(self):
        chance = random.Random(time.time_ns())
        counts = dict.fromkeys(("pulls", "busy", "done", "lost", "invented", "unsound"), 0)
        self.made = self.held()
        self.acknowledged = set(self.made)
        paths = [stick.fat32(self.folder / f"pulled{size}", megabytes=size) for size in (40, 48, 64)]
        for path in paths:
            stick.make_folder(path, "WCMP")
        for number in range(TIMES):
            self.one_round(paths[number % 3], number, chance, counts)
            counts["pulls"] += 1
        for path in paths:
            self.visit(path, "done")
        for path in paths:  # the first has what came with the last, too
            self.visit(path, "done")
            self.assertEqual(self.made - set(self.on_stick(path)), set())
            counts["unsound"] += not stick.is_sound(path)
        print(f"\npulled out: {counts}", flush=True)
        self.assertEqual(self.made - self.held(), set())
        self.assertEqual((counts["lost"], counts["invented"]), (0, 0))
        if TIMES >= ENOUGH_TO_MEET_A_VISIT:
            self.assertGreater(counts["busy"], 0, "no stick was pulled out during a visit")


if __name__ == "__main__":
    box.main()
