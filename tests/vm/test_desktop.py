"""Beside a real desktop's automounter: udisks2, asked by udiskie in the session of a person who is logged in.
The relay is that person's service. In the long form only, for the guest is another one."""

import atexit
import json
import unittest

import box
import image
import machine
import stick

RUNTIME = f"/run/user/{image.PERSON_ID}"
SOCKET = f"{RUNTIME}/wcmp/api.sock"
# In her service manager, as a terminal of a desktop is: what she may do there depends on her session.
AS_PERSON = f"systemd-run --quiet --user --machine={image.PERSON}@.host --pipe --wait --"


class Desktop(machine.Machine):
    def __init__(self):
        self.sticks = box.place_for_sticks()
        super().__init__(box.built_image(image.build_desktop))
        atexit.register(self.off)
        self.start()
        self.put((box.HERE / "inside.py").read_bytes(), "/root/inside.py")
        self.wait_until(f"test -S {SOCKET}", box.WAIT_S)
        for unit in ("wcmpd.service", "automounter.service"):
            self.wait_until(f"systemctl --user --machine={image.PERSON}@.host is-active {unit}", box.WAIT_S)
        self.sh("modprobe usb-storage && echo 0 >/sys/module/usb_storage/parameters/delay_use")


class DesktopTest(box.BoxTest):
    command_inside = f"WCMP_SOCKET={SOCKET} {box.INSIDE}"
    desktop = None

    @classmethod
    def started_box(cls):
        if not box.FULL:
            raise unittest.SkipTest("a desktop's automounter: in the long form only (WCMP_VM=full)")
        if DesktopTest.desktop is None:
            DesktopTest.desktop = Desktop()
        return DesktopTest.desktop

    def tearDown(self):
        for name in list(self.plugged):
            self.box.try_sh("umount -l /dev/sd*")
            self.pull(name)
        self.inside("wait-drives", "", box.WAIT_S)

    # --- what a person does

    def as_person(self, command):
        return self.box.try_sh(f"{AS_PERSON} {command}")

    def take(self, name):
        """As the desktop's "safely remove" does, at the first try; then it is pulled out."""
        for command in ("unmount -b /dev/sda1", "power-off -b /dev/sda"):
            done = self.as_person(f"udisksctl {command}")
            self.assertEqual(done.status, 0, f"{command}: {done.out}{done.err}")
        self.pull(name)
        self.wait_drives()

    # --- the relay in the midst of something

    def stop_in_a_visit(self):
        """The process stands still with something of the stick open."""
        self.box.sh("relay=$(pidof wcmpd); until ls -l /proc/$relay/fd | grep -q ' /media/'; do :; done; "
                    "kill -STOP $relay; ls -l /proc/$relay/fd | grep -q ' /media/'", timeout=box.WAIT_S)

    def go_on(self):
        self.box.sh("kill -CONT $(pidof wcmpd)")

    def open_on_media(self):
        return self.box.sh("ls -l /proc/$(pidof wcmpd)/fd | grep -c ' /media/' || true").strip()

    def restarts(self):
        show = "show -P NRestarts wcmpd.service"
        return self.box.sh(f"systemctl --user --machine={image.PERSON}@.host {show}").strip()

    # --- what there is to see

    def wait_mounted(self):
        """Where the desktop mounts it: below the person's folder for media."""
        self.box.wait_until("grep -q '^/dev/sda1 /media/' /proc/mounts", box.WAIT_S)
        return self.box.sh("findmnt -n -o TARGET /dev/sda1").strip()

    def assert_union(self, path, *parts):
        wanted = {name for part in parts for name in part}
        self.assertLessEqual(wanted, set(self.on_stick(path)))
        self.assertLessEqual(wanted, self.held())
        self.assertTrue(stick.is_sound(path))
        self.assertFalse(stick.is_dirty(path))

    # --- the tests

    def test_the_person_is_at_the_machine(self):
        """Without that, udisks would ask for a password, and these tests would prove nothing."""
        session, = (one for one in json.loads(self.box.sh("loginctl list-sessions -o json"))
                    if one["user"] == image.PERSON)
        shown = self.box.sh(f"loginctl show-session -p Active -p Remote -p Seat {session['session']}")
        self.assertEqual(set(shown.split()), {"Active=yes", "Remote=no", "Seat=seat0"})
        self.assertEqual(self.box.sh("ps -o user= -C wcmpd").strip(), image.PERSON)
        self.assertEqual(json.loads(self.inside("get", "/v1/status"))["service"], "user")

    def test_a_stick_is_visited_and_can_be_taken_at_once_when_it_is_done(self):
        ours, theirs = self.messages(7, "ours"), self.messages(5, "theirs")
        self.post(ours)
        path = stick.fat32(self.folder / "prepared", self.bundle(theirs))
        name = self.plug(path)
        drive, = self.wait_drives("done")
        self.assertEqual((drive["kind"], drive["filesystem"]), ("desktop", "vfat"))
        self.assertIn("/media/", self.wait_mounted())
        self.take(name)
        self.assert_union(path, ours, theirs)

    def test_while_it_is_visited_the_desktop_does_not_let_it_go(self):
        theirs = self.messages(24, "large", body_exp=20)
        path = stick.fat32(self.folder / "large", self.bundle(theirs))
        name = self.plug(path)
        self.stop_in_a_visit()
        done = self.as_person("udisksctl unmount -b /dev/sda1")
        self.go_on()
        self.assertNotEqual(done.status, 0, "it was let go in the midst of a visit")
        self.assertIn("busy", (done.out + done.err).lower())
        self.wait_drives("done")
        self.assertEqual(self.open_on_media(), "0")
        self.take(name)
        self.assert_union(path, theirs)

    def test_torn_out_of_the_visits_hands(self):
        """A forced unmount takes its place away, and then it is pulled out: the visit has not ended."""
        theirs = self.messages(24, "forced", body_exp=20)
        path = stick.fat32(self.folder / "forced", self.bundle(theirs))
        name = self.plug(path)
        self.stop_in_a_visit()
        self.as_person("udisksctl unmount --force -b /dev/sda1")
        self.pull(name)
        self.go_on()
        self.wait_drives()
        self.assertEqual(set(self.on_stick(path)), set(theirs))
        self.assertEqual(self.restarts(), "0")
        name = self.plug(path)
        self.wait_drives("done")
        self.take(name)
        # That it was torn out once stays marked on it.
        self.assertLessEqual(set(theirs), set(self.on_stick(path)) & self.held())
        self.assertTrue(stick.is_sound(path))

    def test_without_the_folder_it_is_left_alone(self):
        path = stick.fat32(self.folder / "letters", {"letters/one.txt": b"to somebody else\n"})
        name = self.plug(path)
        self.wait_mounted()
        self.wait_drives("unprepared")
        self.take(name)
        self.assertEqual(stick.read_files(path, "letters"), {"one.txt": b"to somebody else\n"})
        self.assertEqual(stick.read_files(path), {})
        self.assertNotIn("WCMP", stick.run("mdir", "-i", f"{path}@@{stick.FIRST_PARTITION}", "::").decode())

    def test_prepared_while_it_is_mounted(self):
        ours = self.messages(6, "prepared later")
        self.post(ours)
        path = stick.fat32(self.folder / "bare")
        name = self.plug(path)
        place = self.wait_mounted()
        self.wait_drives("unprepared")
        done = self.as_person(f"wcmp drive init {place}")
        self.assertEqual(done.status, 0, done.err)
        self.wait_drives("done")
        self.take(name)
        self.assert_union(path, ours)

    def test_what_is_not_ours_is_mounted_and_not_looked_at(self):
        theirs = self.messages(4, "not ours")
        path = stick.fat32(self.folder / "notours", self.bundle(theirs), options=["-n", "NOTOURS"])
        before = stick.read_files(path)
        name = self.plug(path)
        self.wait_mounted()
        self.assertEqual(self.box.sh("udevadm info -q property -n sda1 | grep -c WCMP_IGNORE=1").strip(), "1")
        self.assert_nothing_is_used()
        self.take(name)
        self.assertEqual(stick.read_files(path), before)
        self.assertFalse(set(theirs) & self.held())

    def test_what_is_nobodys_is_not_even_mounted(self):
        theirs = self.messages(4, "nobody's")
        path = stick.fat32(self.folder / "nobodys", self.bundle(theirs), options=["-n", "NOBODYS"])
        self.plug(path)
        self.box.wait_until("udevadm info -q property -n sda1 | grep -q UDISKS_IGNORE=1", box.WAIT_S)
        self.box.sh("udevadm settle")
        self.assert_nothing_is_used()
        self.assertEqual(self.box.sh("grep -c sda1 /proc/mounts || true").strip(), "0")

    def assert_nothing_is_used(self):
        """Nothing tells that nothing comes; a stick that is plugged in afterwards is seen after it."""
        other = self.messages(2, "the next one")
        name = self.box.plug(stick.fat32(self.folder / "next", self.bundle(other)))
        drive, = self.wait_drives("done")
        self.assertEqual(drive["kind"], "desktop")
        self.box.sh("udisksctl unmount -b /dev/sdb1")
        self.box.pull(name)
        self.wait_drives()
        self.assertLessEqual(set(other), self.held())


if __name__ == "__main__":
    box.main()
