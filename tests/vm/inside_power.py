"""Inside the guest: records what a relay writes to a disk, then looks at what a power cut would have left.

    inside_power.py record FILE_SYSTEM ROUNDS
    inside_power.py replay FILE_SYSTEM CUTS SEED    prints the counts as JSON

With "vfat" and "exfat" the disk is a drive that the relay visits; with "store" it is an ext4 with the store.
/dev/vdb is the disk, /dev/vdc its record.
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import bundles
import inside
import power_log

DISK, RECORD = "/dev/vdb", "/dev/vdc"
LOGGED = "/dev/mapper/logged"
WORK = pathlib.Path("/run/power")
BEFORE, AFTER = WORK / "before", WORK / "after"
MOUNT = WORK / "mount"
OPTIONS = {"vfat": "flush,umask=077", "exfat": "umask=077", "store": "noatime"}
MAKE = {
    "vfat": ["mkfs.vfat", "-F", "32", "-s", "1"], "exfat": ["mkfs.exfat"], "store": ["mkfs.ext4", "-q", "-F"],
}
KERNEL_NAME = {"vfat": "vfat", "exfat": "exfat", "store": "ext4"}
MESSAGES_A_ROUND = 12


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command} failed: {done.stderr}{done.stdout}")
    return done.stdout


def batch_of(number):
    today = int(time.time()) // 86400
    return bundles.make_messages(f"power {number}", MESSAGES_A_ROUND, today + 1)


def acknowledged(mark):
    """The ids that had been acknowledged when the mark was set."""
    rounds = int(mark.removeprefix("round-")) + 1 if mark else 0
    return {bundles.message_id(m) for number in range(rounds) for m in batch_of(number)}


class Relay:
    """A wcmpd of its own. It is killed in the end: nothing is written that was not."""

    def __init__(self, store, drive=None):
        inside.API = str(WORK / "api.sock")
        pathlib.Path(inside.API).unlink(missing_ok=True)
        text = f'[store]\npath = "{store}"\nkeep_free_bytes = 0\n[api]\nsocket = "{inside.API}"\n'
        text += '[drives]\nkeep_free_bytes = 1024\n'
        if drive:
            text += f'[[drives.directory]]\npath = "{drive}"\n'
        (WORK / "wcmpd.toml").write_text(text)
        log = open(WORK / "log", "wb")
        self._process = subprocess.Popen(["wcmpd", "--config", WORK / "wcmpd.toml"], stdout=log, stderr=log)

    def __enter__(self):
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                inside.ask("GET", "/v1")
                return self
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"wcmpd does not start: {(WORK / 'log').read_text()}")
            time.sleep(0.01)  # the socket is not there yet

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def wait_drive(kind, state):
    """Until the drive that was mounted is in this state; with none, until it has gone."""
    end = time.monotonic() + 120
    while True:
        found = [drive["state"] for drive in inside.drives() if drive["filesystem"] == kind]
        if found == ([state] if state else []):
            return
        if time.monotonic() > end:
            raise SystemExit(f"the drive is not visited: {inside.drives()}, {(WORK / 'log').read_text()}")
        time.sleep(0.02)


def mount_logged(kind):
    run("mount", "-t", KERNEL_NAME[kind], "-o", OPTIONS[kind], LOGGED, MOUNT)


def record_drive(kind, rounds):
    """Every round the drive comes, is visited, and goes."""
    mount_logged(kind)
    (MOUNT / "WCMP").mkdir()
    run("umount", MOUNT)
    with Relay(WORK / "store", MOUNT):
        for number in range(rounds):
            inside.post(batch_of(number))
            inside.ask("POST", "/v1/fold")
            mount_logged(kind)
            wait_drive(kind, "done")
            set_mark(number)
            run("umount", MOUNT)
            wait_drive(kind, None)


def record_store(kind, rounds):
    chance = random.Random(kind)
    mount_logged(kind)
    with Relay(MOUNT / "store"):
        for number in range(rounds):
            inside.post(batch_of(number))
            set_mark(number)
            if chance.random() < 0.5:
                inside.ask("POST", "/v1/fold")
    run("umount", MOUNT)


def set_mark(number):
    run("dmsetup", "message", "logged", "0", "mark", f"round-{number}")


def record(kind, rounds):
    WORK.mkdir(parents=True, exist_ok=True)
    MOUNT.mkdir(exist_ok=True)
    run("rm", "-rf", WORK / "store")  # has all the messages already, when another kind was recorded before
    run(*MAKE[kind], DISK)
    run("cp", "--sparse=always", DISK, BEFORE)
    size = int(run("blockdev", "--getsz", DISK))
    run("dmsetup", "create", "logged", "--table", f"0 {size} log-writes {DISK} {RECORD}")
    try:
        if kind == "store":
            record_store(kind, rounds)
        else:
            record_drive(kind, rounds)
    finally:
        subprocess.run(["umount", "-q", MOUNT])  # where it failed
        run("dmsetup", "remove", "logged")


class Disk:
    """A file that is made to hold what a cut left, mounted, and made to be as before."""

    def __init__(self, size):
        self._file = open(AFTER, "w+b", buffering=0)
        self._file.truncate(size)
        self._loop = run("losetup", "--show", "-f", AFTER).strip()

    def fill(self, medium, more):
        piece = 1 << 16
        self._file.seek(0)
        for start in range(0, len(medium), piece):
            if self._file.read(piece) != medium[start : start + piece]:
                os.pwrite(self._file.fileno(), medium[start : start + piece], start)
        for offset, data in more:
            os.pwrite(self._file.fileno(), data, offset)

    @contextlib.contextmanager
    def mounted(self, kind):
        run("mount", "-t", KERNEL_NAME[kind], "-o", OPTIONS[kind], self._loop, MOUNT)
        try:
            yield MOUNT
        finally:
            run("umount", MOUNT)


def on_drive(folder, counts):
    """The ids in the bundles. One that has its header and not all else is an error: it lies."""
    found = set()
    for path in list((folder / "WCMP").glob("*.wcmp")):
        try:
            data = path.read_bytes()
        except OSError:  # a file that was being written: what was acknowledged is in others
            counts["half_made"] += 1
            continue
        if data[:8] == bundles.MAGIC:
            found |= {bundles.message_id(m) for m in bundles.read_bundle(data)}
    return found


def in_store(folder):
    """What a relay has that starts on this store."""
    with Relay(folder / "store"):
        inside.ask("POST", "/v1/fold")
        return {bytes.fromhex(name) for name in inside.held_ids()}


def visited_by_another(folder, kind):
    """What a relay that had nothing has after a visit of this drive."""
    run("rm", "-rf", WORK / "other")
    with Relay(WORK / "other", folder):
        wait_drive(kind, "done")
        return {bytes.fromhex(name) for name in inside.held_ids()}


def replay(kind, cuts, seed):
    chance = random.Random(seed)
    with open(RECORD, "rb") as file:
        entries = list(power_log.read_entries(file))
    first = next(at for at, entry in enumerate(entries) if entry.mark)
    everything = acknowledged([entry.mark for entry in entries if entry.mark][-1])
    state = power_log.Replay(bytearray(BEFORE.read_bytes()), entries)
    disk = Disk(len(state.medium))
    counts = dict.fromkeys(("cuts", "lost", "invented", "unreadable", "half_made", "visits", "most"), 0)
    counts |= {"fewest": len(everything), "entries": len(entries)}
    for position in sorted(chance.choices(range(first, len(entries)), k=cuts)):
        state.advance(position)
        disk.fill(state.medium, state.survivors(chance))
        wanted = acknowledged(state.last_mark)
        counts["cuts"] += 1
        try:
            with disk.mounted(kind) as folder:
                found = in_store(folder) if kind == "store" else on_drive(folder, counts)
                if kind != "store" and counts["cuts"] % 10 == 1:
                    counts["visits"] += 1
                    counts["lost"] += len(wanted - visited_by_another(folder, kind))
        except (AssertionError, SystemExit, OSError) as error:
            counts["unreadable"] += 1
            print(f"after entry {position} of {len(entries)}: {error}", file=sys.stderr)
            continue
        counts["fewest"], counts["most"] = min(counts["fewest"], len(found)), max(counts["most"], len(found))
        counts["lost"] += len(wanted - found)
        counts["invented"] += len(found - everything)
    print(json.dumps(counts))


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(sys.argv[2], int(sys.argv[3]))
    else:
        replay(sys.argv[2], int(sys.argv[3]), sys.argv[4])
