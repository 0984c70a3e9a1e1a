"""Inside the guest: how long a visit takes, and how long what cannot be spared.

    inside_times.py done                   waits for the end of a visit; prints the seconds since udev's event
    inside_times.py alone BYTES            prints the seconds that mounting and so many bytes take
"""

import ctypes
import json
import os
import pathlib
import subprocess
import sys
import time

import inside

DEVICE = "/dev/sda1"
WATCHING = pathlib.Path("/run/watching")


def seconds_to_done():
    connection = inside.Connection("wcmp", timeout=600)
    connection.request("GET", "/v1/events")
    answer = connection.getresponse()
    WATCHING.touch()
    for line in answer:
        now = time.monotonic()
        if json.loads(line)["type"] == "drive.done":
            break
    command = ["udevadm", "info", "-q", "property", DEVICE]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = dict(entry.split("=", 1) for entry in said.stdout.splitlines())["USEC_INITIALIZED"]
    return now - int(seen) / 1e6


def mount(flags, options):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(DEVICE.encode(), b"/mnt", b"vfat", flags, options) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def seconds_alone(new_bytes):
    subprocess.run(["modprobe", "vfat"], check=True)
    begin = time.monotonic()
    mount(0, b"flush")
    folder = pathlib.Path("/mnt/WCMP")
    for path in folder.iterdir():
        path.read_bytes()
    if new_bytes:
        with open(folder / "new", "wb") as file:
            file.write(os.urandom(new_bytes))
            file.flush()
            os.fsync(file.fileno())
    subprocess.run(["umount", "/mnt"], check=True)
    return time.monotonic() - begin


if __name__ == "__main__":
    print(seconds_to_done() if sys.argv[1] == "done" else seconds_alone(int(sys.argv[2])))
