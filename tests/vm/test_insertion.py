"""A stick is plugged in, the light says when to take it, both sides have the union: every kind of stick."""

import base64
import json

import box
import stick

# By which a stick can be told from all others.
SERIAL, LABEL, VOLUME = "Q7SERIALQ7", "Q7LABELQ7", "C7D15EA5"


class Insertion(box.BoxTest):
    def light(self):
        return json.loads(self.inside("light", box.LIGHT))

    def is_steady(self):
        return self.light() == {"trigger": "none", "brightness": "1"}

    def assert_union(self, path, *parts, offset=stick.FIRST_PARTITION):
        wanted = {name for part in parts for name in part}
        self.assertLessEqual(wanted, set(self.on_stick(path, offset)))
        self.assertLessEqual(wanted, self.held())
        self.assertTrue(stick.is_sound(path, offset))
        self.assertFalse(stick.is_dirty(path, offset))

    def test_all_that_people_see_says_the_same(self):
        ours, theirs = self.messages(7, "ours"), self.messages(5, "theirs")
        self.post(ours)
        path = stick.fat32(self.folder / "plain", self.bundle(theirs), options=["-n", LABEL, "-i", VOLUME])
        self.assertFalse(self.is_steady())
        mark = self.journal_mark()
        name = self.plug(path, serial=SERIAL)
        drive, = self.wait_drives("done")
        self.assertEqual((drive["kind"], drive["filesystem"]), ("mountd", "vfat"))
        self.assertEqual(json.loads(self.box.sh("wcmp drives --json"))[0]["state"], "done")
        self.assertIn("done", self.box.sh("wcmp drives"))
        self.assertEqual(json.loads(self.box.sh("wcmp status --json"))["drives"][0]["state"], "done")
        self.assertRegex(self.box.sh("wcmp status"), r"(?m)^drive +\w+ +mountd +vfat +done +take it")
        # The service manager is told every 10 s.
        self.box.wait_until("systemctl show -P StatusText wcmpd | grep -q 'a drive is done: take it'")
        self.box.wait_until(f"[ $(cat {box.LIGHT}/brightness) = 1 ]")
        self.assertTrue(self.is_steady())
        self.assertEqual(self.box.sh("grep -c /dev/sd /proc/self/mountinfo || true").strip(), "0")
        # Nobody has it any more: another program may take it for itself.
        self.box.sh("python3 -c 'import os; os.open(\"/dev/sda1\", os.O_RDONLY | os.O_EXCL)'")
        self.pull(name)
        self.wait_drives()
        self.box.wait_until(f"! grep -q '\\[none\\]' {box.LIGHT}/trigger")
        self.assert_union(path, ours, theirs)
        self.assertNotIn("error", self.journal("wcmpd.service", after=mark).lower())
        self.assert_nothing_known_of_the_stick()

    def assert_nothing_known_of_the_stick(self):
        """What is kept of a visit names nothing by which a stick could be told from others."""
        seen = self.box.sh("journalctl -q -o export -k").lower()
        self.assertIn(SERIAL.lower(), seen, "the kernel's own words, which show what to look for")
        volume = f"{VOLUME[:4]}-{VOLUME[4:]}"
        for unit in ("wcmp*", "wcmpd.service", "wcmp-mountd.service"):
            said = self.journal(unit, "export").lower()
            for word in (SERIAL, LABEL, VOLUME, volume):
                self.assertNotIn(word.lower(), said, unit)

    def test_the_light_blinks_while_the_stick_must_stay(self):
        path = stick.fat32(self.folder / "busy", self.bundle(self.messages(300)))
        watch = self.box.start_python("/root/inside.py", "follow-light", box.LIGHT, 30)
        self.visit(path, "done")
        said = [json.loads(line) for line in self.box.finish(watch, box.WAIT_S).out.splitlines()]
        steady = said.index({"trigger": "none", "brightness": "1"})
        busy = {"trigger": "timer", "delay_on": "100", "delay_off": "100"}
        if said[max(0, steady - 1)] == {"trigger": "none", "brightness": "0"}:
            # A moment that may be seen: the kernel turns a light off when its trigger changes.
            steady -= 1
            del said[steady]
        self.assertEqual(said[max(0, steady - 1)], busy, said)  # until it may be taken out
        self.assertEqual(len({json.dumps(one) for one in said[:steady + 1]}), steady + 1, said)

    def test_over_uas(self):
        theirs = self.messages(5)
        path = stick.fat32(self.folder / "uas", self.bundle(theirs))
        self.visit(path, "done", uas=True)
        self.assert_union(path, theirs)

    def test_without_partitions(self):
        theirs = self.messages(5)
        path = stick.fat32(self.folder / "superfloppy", self.bundle(theirs), table=False)
        self.visit(path, "done")
        self.assert_union(path, theirs, offset=0)

    def test_two_partitions_are_two_drives(self):
        first, second = self.messages(5, "first"), self.messages(5, "second")
        path, places = stick.two_partitions(self.folder / "two", self.bundle(first), self.bundle(second))
        self.visit(path, "done", "done")
        self.assertLessEqual({*first, *second}, self.held())
        for place, part in zip(places, (first, second)):
            self.assertLessEqual(set(part), set(self.on_stick(path, place)))

    def test_exfat(self):
        """Only a kernel writes exFAT: the guest's puts messages on it and reads them."""
        theirs, ours = self.messages(5, "theirs"), self.messages(5, "ours")
        self.post(ours)
        path = stick.exfat(self.folder / "exfat")
        (name, data), = self.bundle(theirs).items()
        self.box.sh("systemctl stop wcmp-mountd.socket wcmp-mountd.service")
        other = self.box.plug(path)
        self.box.wait_until("test -b /dev/sda1")
        self.box.sh("modprobe exfat && mount /dev/sda1 /mnt && mkdir /mnt/WCMP")
        self.box.put(data, f"/mnt/{name}")
        self.box.sh("umount /mnt")
        self.box.pull(other)
        self.box.sh("systemctl start wcmp-mountd.service")
        drive, = self.visit(path, "done")
        self.assertEqual(drive["filesystem"], "exfat")
        self.assertLessEqual(set(theirs), self.held())
        self.box.sh("systemctl stop wcmp-mountd.socket wcmp-mountd.service")
        other = self.box.plug(path)
        self.box.wait_until("test -b /dev/sda1")
        self.box.sh("fsck.exfat -n /dev/sda1 && mount -o ro /dev/sda1 /mnt")
        bundles = self.box.sh("base64 -w 0 /mnt/WCMP/*.wcmp && umount /mnt")
        self.box.pull(other)
        self.box.sh("systemctl start wcmp-mountd.service")
        self.assertLessEqual({*ours, *theirs}, self.in_base64(bundles))

    def in_base64(self, text):
        data, found = base64.b64decode(text), set()
        while data:
            size = int.from_bytes(data[8:16], "big")
            found |= {box.bundles.message_id(m) for m in box.bundles.read_bundle(data[:size])}
            data = data[size:]
        return found

    def test_read_only(self):
        theirs = self.messages(5)
        path = stick.fat32(self.folder / "read-only", self.bundle(theirs))
        before = path.read_bytes()
        self.visit(path, "done", read_only=True)
        self.assertLessEqual(set(theirs), self.held())
        self.assertEqual(path.read_bytes(), before)

    def test_full(self):
        ours, theirs = self.messages(5, "ours"), self.messages(5, "theirs")
        self.post(ours)
        path = stick.fat32(self.folder / "full", self.bundle(theirs))
        stick.fill(path, 1024)
        self.visit(path, "done")
        self.assertLessEqual(set(theirs), self.held())
        self.assertEqual(set(self.on_stick(path)), set(theirs))

    def test_dirty(self):
        """Pulled out of another machine while it was mounted there: used as it is, told by nobody's fsck."""
        theirs = self.messages(5)
        path = stick.fat32(self.folder / "dirty", self.bundle(theirs))
        stick.mark_dirty(path)
        self.visit(path, "done")
        self.assertLessEqual(set(theirs), self.held())
        self.assertLessEqual(set(theirs), set(self.on_stick(path)))
        self.assertTrue(stick.is_dirty(path))

    def test_unprepared(self):
        path = stick.fat32(self.folder / "unprepared", {"PHOTOS/A.JPG": b"not ours"})
        self.visit(path, "unprepared")
        self.assertEqual(stick.read_files(path), {})
        self.assertEqual(stick.read_files(path, "PHOTOS"), {"A.JPG": b"not ours"})

    def test_encrypted(self):
        path = stick.luks(self.folder / "luks")
        before = path.read_bytes()
        self.visit(path, "encrypted")
        self.assertEqual(path.read_bytes(), before)

    def test_empty(self):
        self.visit(stick.empty(self.folder / "nothing", 16), "empty")


if __name__ == "__main__":
    box.main()
