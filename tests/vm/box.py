"""A relay as people have it: installed, started by systemd, nobody logged in, with a USB port and a light."""

import atexit
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "functional"))

import bundles  # noqa: E402
import chroot  # noqa: E402
import image  # noqa: E402
import machine  # noqa: E402
import stick  # noqa: E402

BIN = pathlib.Path(os.environ.get("WCMP_BIN", HERE.parents[1] / "build/dev/daemon"))
FULL = os.environ.get("WCMP_VM") == "full"
WAIT_S = 120
LIGHT = f"/sys/class/leds/{image.LIGHT}"
INSIDE = "/usr/bin/python3 -B /root/inside.py"
# What the tests with sticks that the guest plays itself run there.
PLAYED = ("inside_damage.py", "inside_pulls.py", "inside_stick.py", "inside_usbip.py", "power_log.py",
          "stick.py")


def suite():
    """The distribution of the guest: this machine's, for which WCMP_BIN was built, or the one asked for."""
    return os.environ.get("WCMP_VM_SUITE") or chroot.own()


def why_not():
    """Why there can be no guest on this machine, or None."""
    for program in (machine.PROGRAM, "mmdebstrap", "mkfs.vfat", "mkfs.exfat", "mcopy", "mke2fs", "cmake"):
        if shutil.which(program) is None:
            return f"{program} is not installed (scripts/setup --vm)"
    if suite() not in image.LIBRARIES:
        return f"the programs were built for another system than {' or '.join(image.LIBRARIES)}"
    if os.geteuid() != 0:
        return "the guest's files belong to its users: only root can make them"
    if suite() != chroot.own():
        return chroot.why_not(suite())
    if not (BIN / "wcmp-mountd").exists():
        return f"{BIN}/wcmp-mountd is not built"
    return None


def today_here():
    return int(time.time()) // 86400


def install_here(tree):
    command = ["cmake", "--install", BIN.parent, "--prefix", "/usr", "--strip"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": tree})


def built_image(build=image.build):
    with tempfile.TemporaryDirectory() as tree:
        if suite() == chroot.own():
            install_here(tree)
        else:
            chroot.install(suite(), tree)
        return build(suite(), pathlib.Path(tree))


def place_for_sticks():
    """Until this process ends."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="wcmp-sticks."))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


class Box(machine.Machine):
    """Started with a stick in its port, and with two more disks."""

    def __init__(self):
        self.sticks = place_for_sticks()
        disk, record = stick.empty(self.sticks / "disk", 48), stick.empty(self.sticks / "record", 512)
        super().__init__(built_image(), [disk, record])
        atexit.register(self.off)
        self.first = as_dictionary(bundles.make_messages("first", 5, today_here() + 1))
        path = stick.fat32(self.sticks / "first", bundle_file(self.first))
        self.start(plugged=[path])
        self.put((HERE / "inside.py").read_bytes(), "/root/inside.py")
        self.drives_at_the_start = json.loads(self.sh(f"{INSIDE} wait-visited {WAIT_S}"))
        self.restarts_at_the_start = self.restarts()
        self.pull("stick1")
        # The second to wait for slow disks is the kernel's, not the relay's.
        self.sh("echo 0 >/sys/module/usb_storage/parameters/delay_use")
        # Else the light asks for somebody to set the clock.
        self.sh(f"{INSIDE} clock synchronised && systemctl restart wcmpd.service")

    def restarts(self):
        """How often systemd had to start each of the two again."""
        return self.sh("systemctl show -P NRestarts wcmpd.service wcmp-mountd.service").split()


def as_dictionary(messages):
    return {bundles.message_id(message): message for message in messages}


def bundle_file(messages):
    name, data = bundles.make_bundle(list(messages.values()))
    return {f"WCMP/{name}": data}


class BoxTest(unittest.TestCase):
    """One machine for all tests: to start it takes longest."""

    box = None
    command_inside = INSIDE

    @classmethod
    def setUpClass(cls):
        if reason := why_not():
            raise unittest.SkipTest(reason)
        cls.box = cls.started_box()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="sticks.", dir=cls.box.sticks))
        cls.today = int(cls.box.sh("date +%s")) // 86400
        cls.prepare()

    @classmethod
    def started_box(cls):
        if BoxTest.box is None:
            BoxTest.box = Box()
        return BoxTest.box

    @classmethod
    def prepare(cls):
        """What the tests of a class need beyond that."""

    @classmethod
    def put_played(cls):
        for name in PLAYED:
            cls.box.put((HERE / name).read_bytes(), f"/root/{name}")
        cls.box.put(pathlib.Path(bundles.__file__).read_bytes(), "/root/bundles.py")
        cls.box.sh("modprobe -a vhci-hcd loop exfat")

    def setUp(self):
        self.plugged = {}

    def tearDown(self):
        """Every test leaves an empty port."""
        for name in list(self.plugged):
            self.pull(name)
        self.inside("wait-drives", "", WAIT_S)

    # --- messages

    def messages(self, count, seed=None, body_exp=10):
        name = self.id() if seed is None else seed
        return as_dictionary(bundles.make_messages(name, count, self.today + 1, body_exp=body_exp))

    def bundle(self, messages):
        return bundle_file(messages)

    def post(self, messages):
        batch = b"".join(struct.pack(">I", len(m)) + m for m in messages.values())
        self.box.sh(f"{self.command_inside} post-messages", stdin=batch)

    def held(self):
        return {bytes.fromhex(name) for name in json.loads(self.inside("held"))}

    def on_stick(self, path, offset=stick.FIRST_PARTITION):
        """The messages of a stick's bundles, each of which must be sound. Without a header it is none yet."""
        files = stick.read_files(path, offset=offset)
        return {bundles.message_id(m): m
                for name, data in files.items() if name.endswith(".wcmp") and data[:8] == bundles.MAGIC
                for m in bundles.read_bundle(data)}

    # --- drives

    def inside(self, *arguments):
        words = [self.command_inside, *(f"'{argument}'" for argument in arguments)]
        return self.box.sh(" ".join(words), timeout=600)

    def plug(self, path, **options):
        name = self.box.plug(path, **options)
        self.plugged[name] = path
        return name

    def pull(self, name):
        del self.plugged[name]
        self.box.pull(name)

    def wait_drives(self, *states, seconds=WAIT_S):
        return json.loads(self.inside("wait-drives", ",".join(states), seconds))

    def visit(self, path, *states, **options):
        """Plugs a stick in, waits for these states of its drives, pulls it out; the drives."""
        name = self.plug(path, **options)
        found = self.wait_drives(*states)
        self.pull(name)
        self.wait_drives()
        return found

    def journal_mark(self):
        """Where the journal is now."""
        return self.box.sh("journalctl -n 1 --show-cursor | sed -n 's/^-- cursor: //p'").strip()

    def journal(self, unit, form="cat", after=None):
        """What a unit said, all of it or after a mark."""
        since = f"--after-cursor='{after}'" if after else ""
        return self.box.sh(f"journalctl -q -o {form} -u {unit} {since}")


def main():
    """Runs the tests of a file, or all of them (run.py)."""
    if reason := why_not():
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
