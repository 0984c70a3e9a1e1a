"""Inside the guest: sticks are pulled out at exact moments, again and again, and looked at from outside.

    inside_pulls.py PULLS SEED KIND [CUTS]     prints the counts as JSON

KIND is "vfat" (read and written by mtools) or "exfat" (by the kernel, which mounts it anew). With CUTS the
sticks have a write cache that loses power when they are pulled out: so many of the states that it may leave
are looked at, and with the last one the stick comes back.
"""

import contextlib
import dataclasses
import functools
import http.client
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

WORK = pathlib.Path("/run/sticks/now")
EVIDENCE = pathlib.Path("/root/evidence")
ROUND_S = 120  # nothing takes as long
ERA = 102  # pulls with one set of sticks and one store
LOOK_AT_STORE_EVERY = 30  # pulls: to list all that it has takes longer than one
AT_THE_END = {"done", "failed", "unprepared", "unsupported", "empty"}
WRITES = (4, 12, 25, 60)  # a visit has 3 when nothing is new
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
        with contextlib.suppress(http.client.HTTPException, OSError):  # the relay ends
            for line in answer:
                self._note(json.loads(line))

    def _note(self, event):
        if "drive" not in event:
            return
        state = {"drive.added": event.get("state"), "drive.state": event.get("state"),
                 "drive.syncing": "busy"}.get(event["type"], event["type"].removeprefix("drive."))
        with self.changed:
            self.states[event["drive"]] = state
            self.changed.notify_all()

    def wake(self):
        with self.changed:
            self.changed.notify_all()

    def wait_until(self, condition, seconds):
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def wait_none(self):
        if not self.wait_until(lambda: set(self.states.values()) <= {"removed"}, ROUND_S):
            raise SystemExit(f"a drive that was pulled out is still there: {self.states}")


class Fat:
    """Sticks that mtools reads and writes; every second has no partitions."""

    SIZES = (40, 48, 64)

    def __init__(self, folder, number):
        self.path = folder / f"fat{number}"
        self._offset = 0 if number % 2 else stick.FIRST_PARTITION
        stick.fat32(self.path, megabytes=self.SIZES[number], table=self._offset > 0)
        stick.make_folder(self.path, "WCMP", self._offset)

    def put(self, name, data):
        stick.put_files(self.path, {f"WCMP/{name}": data}, self._offset)

    def read(self):
        return stick.read_files(self.path, offset=self._offset)

    def faults(self):
        return stick.faults(self.path, self._offset)


class ExFat:
    """Sticks that a kernel reads and writes: the file, not the drive."""

    SIZES = (16, 24, 32)
    MOUNT = pathlib.Path("/run/reader")

    def __init__(self, folder, number):
        self.path = stick.empty(folder / f"exfat{number}", self.SIZES[number])
        stick.run("mkfs.exfat", self.path)
        with self._mounted("rw"):
            (self.MOUNT / "WCMP").mkdir()

    @contextlib.contextmanager
    def _mounted(self, how):
        self.MOUNT.mkdir(exist_ok=True)
        stick.run("mount", "-t", "exfat", "-o", f"loop,{how}", self.path, self.MOUNT)
        try:
            yield
        finally:
            stick.run("umount", self.MOUNT)

    def put(self, name, data):
        with self._mounted("rw"):
            (self.MOUNT / "WCMP" / name).write_bytes(data)

    def read(self):
        found = {}
        with self._mounted("ro"):
            for path in (self.MOUNT / "WCMP").iterdir():
                with contextlib.suppress(OSError):  # a file that was being written
                    found[path.name] = path.read_bytes()
        return found

    def faults(self):
        ran = subprocess.run(["fsck.exfat", "-n", self.path], capture_output=True, text=True)
        return [] if ran.returncode == 0 else ran.stdout.splitlines()


@dataclasses.dataclass
class Try:
    """One stick on its way in and out."""

    number: int
    medium: object
    had: set
    acknowledged: set
    stick: inside_stick.Stick
    pull_after: float = float("inf")
    done: bool = False


class Loop:
    def __init__(self, seed, kind, cuts):
        self.chance = random.Random(seed)
        self.seed, self.kind, self.cuts = seed, {"vfat": Fat, "exfat": ExFat}[kind], cuts
        names = ("pulls", "busy", "done", "states", "lost", "invented", "lying", "half_made", "unsound")
        self.counts = dict.fromkeys(names, 0)
        WORK.parent.mkdir(parents=True, exist_ok=True)
        if not WORK.parent.is_mount():  # /run has room for a tenth of the memory
            stick.run("mount", "-t", "tmpfs", "-o", "size=40%", "sticks", WORK.parent)
        self.drives = Drives()
        self.seconds_of_a_visit = 4.0

    # --- messages

    def messages(self, name):
        count = self.chance.choice([1, 3, 6])
        body = self.chance.choice([10, 10, 10, 12, 15])
        today = int(time.time()) // 86400
        made = bundles.make_messages(f"{self.seed} {name}", count, today + 1, body_exp=body)
        found = {bundles.message_id(m): m for m in made}
        self.made |= set(found)
        return found

    def found_on(self, medium):
        """The ids in the bundles of a stick. A header that stands over anything but its messages is a lie."""
        found = set()
        for name, data in medium.read().items():
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

    def begin(self):
        """Sticks that are new, and a relay that has nothing."""
        shutil.rmtree(WORK, ignore_errors=True)
        subprocess.run("systemctl stop wcmpd.socket wcmpd.service && rm -rf /var/lib/wcmp/store"
                       " && systemctl start wcmpd.service", shell=True, check=True)
        self.drives.listen()
        self.made, self.acknowledged = set(), set()
        WORK.mkdir()
        self.media = [self.kind(WORK, number) for number in range(len(self.kind.SIZES))]
        self.on = {medium.path: set() for medium in self.media}

    def a_try(self, number, medium):
        """Something new is on the stick, and it will be pulled out: at a WRITE, some time, or at the end."""
        theirs = self.messages(f"theirs {number}")
        medium.put(*bundles.make_bundle(list(theirs.values())))
        self.on[medium.path] |= set(theirs)
        chance = random.Random(self.chance.random())
        played = inside_stick.Stick(medium.path, chance, self.cuts > 0, self.drives.wake)
        one = Try(number, medium, set(self.on[medium.path]), set(self.acknowledged), played)
        how = self.chance.random()
        if how < 0.3:
            one.pull_after = self.chance.uniform(0.3, 1.2 * self.seconds_of_a_visit)
        elif how < 0.8:
            sectors = self.chance.choice([0, self.chance.randrange(1, 9), ALL])
            played.pull_at(self.chance.randrange(1, self.chance.choice(WRITES)), sectors)
        return one

    def together(self, numbers):
        """All sticks at once: each is pulled out at its moment, or when those that are left are done."""
        ours = self.messages(f"ours {numbers[0]}")
        inside.post(ours.values())
        inside.ask("POST", "/v1/fold")
        self.acknowledged |= set(ours)
        tries = [self.a_try(number, medium) for number, medium in zip(numbers, self.media)]
        self.in_and_out(tries)
        for one in tries:
            self.counts["pulls"] += 1
            self.counts["busy"] += one.stick.writes > 0 and not one.done
            self.counts["done"] += one.done
            self.check(one)

    def in_and_out(self, tries):
        known, begin = set(self.drives.states), time.monotonic()
        for one in tries:
            one.stick.plug()
        left = tries
        while left:
            seconds = min(one.pull_after for one in left) - (time.monotonic() - begin)
            over = functools.partial(self.over, left, known)
            self.drives.wait_until(over, max(0, min(seconds, ROUND_S)))
            now = time.monotonic() - begin
            if now > ROUND_S:
                raise SystemExit(f"neither visited nor at an end: {self.drives.states} {inside.drives()}")
            ended = self.ended(left, known)
            self.seen = {drive: state for drive, state in self.drives.states.items() if drive not in known}
            for one in left:
                one.done = ended == {"done"}
                if ended or now >= one.pull_after or one.stick.out.is_set():
                    one.stick.pull()
            left = [one for one in left if not one.stick.out.is_set()]
        for one in tries:
            if one.done:
                self.seconds_of_a_visit = (self.seconds_of_a_visit + now) / 2
                self.acknowledged |= one.had
        self.drives.wait_none()

    def over(self, left, known):
        return any(one.stick.out.is_set() for one in left) or self.ended(left, known)

    def ended(self, left, known):
        """The states of the drives, when they are those of these sticks and nothing more comes."""
        states = [state for drive, state in self.drives.states.items()
                  if drive not in known and state != "removed"]
        is_end = len(states) == len(left) and not any(one.stick.out.is_set() for one in left)
        return set(states) if is_end and set(states) <= AT_THE_END else set()

    def check(self, one):
        wanted = one.had | (one.acknowledged if one.done else set())
        for number in range(self.cuts or 1):
            if number:
                one.stick.medium.lose_power(self.chance)
            before = dict(self.counts)
            found = self.found_on(one.medium)
            self.counts["states"] += 1
            self.counts["lost"] += len(wanted - found)
            self.counts["invented"] += len(found - self.made)
            if any(self.counts[name] > before[name] for name in ("lost", "invented", "lying")):
                self.keep(one, wanted - found, before)
        one.stick.medium.close()
        self.on[one.medium.path] = found

    def keep(self, one, lost, before):
        """All that is needed to see what happened."""
        EVIDENCE.mkdir(exist_ok=True)
        name = f"{self.seed}-{one.number}-{self.counts['states']}"
        subprocess.run(["cp", "--sparse=always", one.medium.path, EVIDENCE / f"{name}.image"], check=True)
        (EVIDENCE / f"{name}.record").write_bytes(pickle.dumps(
            [(entry.offset, entry.data, old) for entry, old in one.stick.medium.record]))
        say(f"{name}: lost {[i.hex()[:8] for i in lost]}, done {one.done}, {one.stick.writes} writes, "
            f"{before} -> {self.counts}")

    def look_at_store(self):
        missing = self.acknowledged - {bytes.fromhex(name) for name in inside.held_ids()}
        self.counts["lost"] += len(missing)
        if missing:
            say(f"the store has lost {[i.hex()[:8] for i in missing]}")

    def end(self):
        """Everything is everywhere: what the last stick brought reaches the others the second time."""
        for _ in range(2):
            tries = [Try(-1, medium, set(), set(), inside_stick.Stick(medium.path, self.chance, False,
                                                                     self.drives.wake))
                     for medium in self.media]
            self.in_and_out(tries)
            if not all(one.done for one in tries):
                raise SystemExit(f"not every stick is done in the end: {self.seen}")
        self.acknowledged |= self.made
        for medium in self.media:
            missing, faults = self.made - self.found_on(medium), medium.faults()
            self.counts["lost"] += len(missing)
            self.counts["unsound"] += bool(faults)
            if missing or faults:
                say(f"{medium.path} lacks {[i.hex()[:8] for i in missing]}, {faults}")
        self.look_at_store()


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(rounds, seed, kind, cuts=0):
    loop = Loop(seed, kind, int(cuts))
    sticks = len(loop.kind.SIZES)
    numbers = range(int(rounds))
    for start in numbers[::ERA]:
        begin = time.monotonic()
        loop.begin()
        for first in numbers[start : start + ERA : sticks]:
            loop.together(numbers[first : min(first + sticks, start + ERA)])
            if first % LOOK_AT_STORE_EVERY == 0:
                loop.look_at_store()
        loop.end()
        say(f"{start}: {loop.counts} {time.monotonic() - begin:.0f} s")
    print(json.dumps(loop.counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
