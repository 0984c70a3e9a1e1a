"""Inside the guest: sticks that no formatter makes, one after the other.

    inside_damage.py COUNT SEED     prints how many came to which end, as JSON

Each must come to an end, whichever: the relay and what mounts for it are tested, and the kernel's drivers
with them.
"""

import collections
import functools
import json
import pathlib
import random
import struct
import sys
import time

import bundles
import inside_pulls
import inside_stick
import stick

PATH = pathlib.Path("/tmp/damaged")
START = stick.FIRST_PARTITION


def at_random(file, chance, first, size, times):
    for _ in range(times):
        file.seek(first + chance.randrange(size))
        file.write(chance.randbytes(chance.choice([1, 2, 4, 32])))


def boot_sector(file, chance):
    """Sizes and places that contradict each other."""
    at_random(file, chance, START + 11, 79, chance.choice([1, 2, 8]))


def table(file, chance):
    at_random(file, chance, START + 32 * stick.SECTOR, 64 * 1024, 400)


def folders_and_bundles(file, chance):
    file.seek(START)
    boot = file.read(stick.SECTOR)
    reserved, tables = struct.unpack_from("<HB", boot, 14)
    data = reserved * stick.SECTOR + tables * struct.unpack_from("<I", boot, 36)[0] * stick.SECTOR
    at_random(file, chance, START + data, 256 * 1024, 300)


def sectors_lost(file, chance):
    """As cells wear out: whole sectors of zeros or of something else, anywhere at the beginning."""
    for _ in range(40):
        file.seek(START + stick.SECTOR * chance.randrange(4096))
        file.write(chance.choice([bytes(stick.SECTOR), chance.randbytes(stick.SECTOR)]))


def partition_too_long(file, chance):
    file.seek(446 + 8)
    file.write(struct.pack("<II", START // stick.SECTOR, chance.randrange(1 << 17, 1 << 32)))


KINDS = (boot_sector, table, folders_and_bundles, sectors_lost, partition_too_long)


def make(number, seed):
    """A stick with bundles on it, and then the damage: as stick.damage() does it, or of another kind."""
    chance = random.Random(f"{seed} {number}")
    stick.fat32(PATH, megabytes=40)
    stick.make_folder(PATH, "WCMP")
    for part in range(3):
        messages = bundles.make_messages(f"{seed} {number} {part}", 10, int(time.time()) // 86400 + 1)
        name, data = bundles.make_bundle(messages)
        stick.put_files(PATH, {f"WCMP/{name}": data})
    kind = number % (len(KINDS) + 1)
    if kind == len(KINDS):
        stick.damage(PATH, f"{seed} {number}")
    else:
        with open(PATH, "r+b") as file:
            KINDS[kind](file, chance)
    return inside_stick.Stick(PATH, chance)


def ends_of(drives, known):
    """The states of what has come since, when nothing more comes of it."""
    states = {state for drive, state in drives.states.items() if drive not in known and state != "removed"}
    return states if states <= inside_pulls.AT_THE_END else set()


def main(count, seed):
    drives, ends = inside_pulls.Drives(), collections.Counter()
    drives.listen()
    for number in range(int(count)):
        played, known = make(number, seed), set(drives.states)
        played.plug()
        if not drives.wait_until(functools.partial(ends_of, drives, known), inside_pulls.ROUND_S):
            raise SystemExit(f"damage {number} of seed {seed} comes to no end: {drives.states}")
        ends[",".join(sorted(ends_of(drives, known)))] += 1
        played.pull()
        played.medium.close()
        drives.wait_none()
    print(json.dumps(ends))


if __name__ == "__main__":
    main(*sys.argv[1:])
