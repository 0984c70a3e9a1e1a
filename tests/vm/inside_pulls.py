"""Inside the guest: sticks are pulled out at exact moments, again and again, and read by another implementation.

    inside_pulls.py ROUNDS SEED KIND [cuts]     prints the counts as JSON

KIND is "vfat" (read and written by mtools) or "exfat" (by the kernel, which mounts it anew). With "cuts" the sticks
have a write cache that loses power when they are pulled out: then so many states that chance may leave are looked
at, and the last is the one that the stick comes back with.
"""

import dataclasses
import json
import pathlib
import pickle
import random
import shutil
import subprocess
import sys
import threading
import time

import bundles
import inside
import inside_stick
import stick

WORK = pathlib.Path("/run/sticks")
EVIDENCE = pathlib.Path("/root/evidence")
ROUND_S = 60  # nothing takes as long
ERA = 100  # rounds with one set of sticks and one store
LOOK_AT_STORE_EVERY = 10
SIZES = {"vfat": (40, 48, 64), "exfat": (16, 24, 32)}
ALL = 1 << 20  # sectors: more than any WRITE has


class Drives:
    """What the relay says of its drives, as it says it."""

    def __init__(self):
        self.changed = threading.Condition()
        self.states = {}

    def listen(self):
        self.states = {}
        connection = inside.Connection("wcmp", timeout=None)
        connection.request("GET", "/v1/events")
        threading.Thread(target=self._read, args=(connection.getresponse(),), daemon=True).start()

    def _read(self, answer):
        for line in answer:
            event = json.loads(line)
            if "drive" in event:
                state = {"drive.added": event.get("state"), "drive.state": event.get("state"),
                         "drive.syncing": "busy"}.get(event["type"], event["type"].removeprefix("drive."))
                with self.changed:
                    self.states[event["drive"]] = state
                    self.changed.notify_all()

    def wake(self):
        with self.changed:
            self.changed.notify_all()

    def new_states(self, known):
        return {state for drive, state in self.states.items() if drive not in known}

    def wait_until(self, condition, seconds):
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def wait_none(self):
        if not self.wait_until(lambda: set(self.states.values()) <= {"removed"}, ROUND_S):
            raise SystemExit(f"a drive that was pulled out is still there: {self.states}")


class Fat:
    """Sticks that mtools reads and writes."""

    @staticmethod
    def make(path, megabytes):
        stick.fat32(path, megabytes=megabytes)
        stick.make_folder(path, "WCMP")

    put = staticmethod(stick.put_files)
    read = staticmethod(stick.read_files)


class ExFat:
    """Sticks that a kernel reads and writes: the file, without the stick."""

    make = put = read = None


@dataclasses.dataclass
class Try:
    """One stick on its way in and out."""

    number: int
    path: pathlib.Path
    had: set
    acknowledged: set
    stick: inside_stick.Stick = None
    done: bool = False


class Loop:
    def __init__(self, seed, kind, cuts):
        self.chance = random.Random(seed)
        self.seed, self.kind, self.cuts = seed, kind, cuts
        self.medium = {"vfat": Fat, "exfat": ExFat}[kind]
        names = ("pulls", "busy", "done", "failed", "states", "lost", "invented", "lying", "half_made", "unsound")
        self.counts = dict.fromkeys(names, 0)
        self.drives = Drives()
        self.writes_of_a_visit, self.seconds_of_a_visit = 12, 2.0

    # --- messages

    def messages(self, name):
        count = self.chance.choice([1, 3, 6])
        body = self.chance.choice([10, 10, 10, 12, 15])
        made = bundles.make_messages(f"{self.seed} {name}", count, int(time.time()) // 86400 + 1, body_exp=body)
        found = {bundles.message_id(m): m for m in made}
        self.made |= set(found)
        return found

    def found_on(self, path):
        """The ids in the bundles of a stick. A header that stands over anything but its messages is a lie."""
        found = set()
        for name, data in self.medium.read(path).items():
            if not name.endswith(".wcmp"):
                continue
            if data[:8] != bundles.MAGIC:
                self.counts["half_made"] += 1
                continue
            try:
                found |= {bundles.message_id(m) for m in bundles.read_bundle(data)}
            except AssertionError:
                self.counts["lying"] += 1
        return found

    # --- rounds

    def begin(self, era):
        """Sticks that are new, and a relay that has nothing."""
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        subprocess.run("systemctl stop wcmpd.socket wcmpd.service && rm -rf /var/lib/wcmp/store"
                       " && systemctl start wcmpd.service", shell=True, check=True)
        self.drives.listen()
        self.made, self.acknowledged = set(), set()
        self.paths = [WORK / f"{era}-{size}" for size in SIZES[self.kind]]
        for path, size in zip(self.paths, SIZES[self.kind]):
            self.medium.make(path, size)
        self.on = {path: set() for path in self.paths}

    def prepare(self, number):
        path = self.paths[number % len(self.paths)]
        theirs = self.messages(f"theirs {number}")
        name, data = bundles.make_bundle(list(theirs.values()))
        self.medium.put(path, {f"WCMP/{name}": data})
        self.on[path] |= set(theirs)
        return path

    def plug(self, number, path):
        ours = self.messages(f"ours {number}")
        inside.post(ours.values())
        inside.ask("POST", "/v1/fold")
        self.acknowledged |= set(ours)
        one = Try(number, path, set(self.on[path]), set(self.acknowledged))
        one.stick = inside_stick.Stick(path, random.Random(self.chance.random()), self.cuts > 0, self.drives.wake)
        self.known = set(self.drives.states)
        return one

    def wait(self, one, seconds):
        """Until it is out or its visit has ended; whether that was in time."""
        ended = {"done", "failed", "unprepared", "unsupported", "empty"}
        over = lambda: one.stick.out.is_set() or self.drives.new_states(self.known) & ended  # noqa: E731
        return self.drives.wait_until(over, seconds)

    def in_and_out(self, one):
        begin = time.monotonic()
        at_random = self.chance.random() < 1 / 3
        if not at_random:
            sectors = self.chance.choice([0, self.chance.randrange(1, 9), ALL])
            one.stick.pull_at(self.chance.randrange(1, self.writes_of_a_visit + 2), sectors)
        one.stick.plug()
        if at_random:
            self.wait(one, self.chance.uniform(0.3, 1.2 * self.seconds_of_a_visit))
        elif not self.wait(one, ROUND_S):
            raise SystemExit(f"round {one.number}: neither a visit nor its end: {self.drives.states}")
        states = self.drives.new_states(self.known)
        one.done = "done" in states
        one.stick.pull()
        self.counts["pulls"] += 1
        for state in ("busy", "done", "failed"):
            self.counts[state] += state in states
        if one.done:
            self.writes_of_a_visit = max(4, (self.writes_of_a_visit + one.stick.writes) // 2)
            self.seconds_of_a_visit = (self.seconds_of_a_visit + time.monotonic() - begin) / 2
            self.acknowledged |= one.had

    def check(self, one):
        before = dict(self.counts)
        for number in range(self.cuts or 1):
            if number:
                one.stick.medium.lose_power(self.chance)
            found = self.found_on(one.path)
            self.counts["states"] += 1
            wanted = one.had | (one.acknowledged if one.done else set())
            self.counts["lost"] += len(wanted - found)
            self.counts["invented"] += len(found - self.made)
            if any(self.counts[name] > before[name] for name in ("lost", "invented", "lying")):
                self.keep(one, wanted, found, before)
                before = dict(self.counts)
        one.stick.medium.close()
        self.on[one.path] = found

    def keep(self, one, wanted, found, before):
        """All that is needed to see what happened."""
        EVIDENCE.mkdir(exist_ok=True)
        name = f"{self.seed}-{one.number}"
        subprocess.run(["cp", "--sparse=always", one.path, EVIDENCE / f"{name}.image"], check=True)
        (EVIDENCE / f"{name}.record").write_bytes(pickle.dumps(
            [(entry.offset, entry.data, old) for entry, old in one.stick.medium.record]))
        print(f"round {one.number}: lost {[i.hex() for i in wanted - found]}, done {one.done}, "
              f"{before} -> {self.counts}, {one.stick.writes} writes", file=sys.stderr, flush=True)

    def rounds(self, numbers):
        """While one stick is on its way in, the one before is looked at."""
        last = None
        for number in numbers:
            one = self.plug(number, self.prepare(number))
            checking = threading.Thread(target=self.check, args=(last,)) if last else None
            if checking:
                checking.start()
            self.in_and_out(one)
            if checking:
                checking.join()
            last = one
            if number % LOOK_AT_STORE_EVERY == 0:
                self.look_at_store()
        self.check(last)

    def look_at_store(self):
        missing = self.acknowledged - {bytes.fromhex(name) for name in inside.held_ids()}
        self.counts["lost"] += len(missing)
        if missing:
            print(f"the store has lost {[i.hex() for i in missing]}", file=sys.stderr, flush=True)

    def end(self):
        """Everything is everywhere in the end: the first stick lacks what the last one brought."""
        self.drives.wait_none()
        for path in self.paths * 2:
            one = Try(-1, path, set(), set())
            one.stick = inside_stick.Stick(path, self.chance, False, self.drives.wake)
            self.known = set(self.drives.states)
            one.stick.plug()
            if not self.wait(one, ROUND_S) or "done" not in self.drives.new_states(self.known):
                raise SystemExit(f"{path} does not come to its end: {self.drives.states} {inside.drives()}")
            one.stick.pull()
            self.drives.wait_none()
        self.acknowledged |= self.made
        for path in self.paths:
            missing = self.made - self.found_on(path)
            self.counts["lost"] += len(missing)
            self.counts["unsound"] += not stick.is_sound(path)
            if missing:
                print(f"{path} lacks {[i.hex() for i in missing]}", file=sys.stderr, flush=True)
        self.look_at_store()


def main(rounds, seed, kind, cuts=0):
    loop = Loop(seed, kind, int(cuts))
    for start in range(0, int(rounds), ERA):
        begin = time.monotonic()
        loop.begin(start)
        loop.rounds(range(start, min(int(rounds), start + ERA)))
        loop.end()
        print(f"{start}: {loop.counts} {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    print(json.dumps(loop.counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
