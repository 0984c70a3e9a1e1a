"""Power cuts at random moments, on the kernel's own file systems: what was acknowledged is there, no more."""

import json

import box

ROUNDS = 40 if box.FULL else 8
CUTS = {"vfat": 400 if box.FULL else 16, "exfat": 300 if box.FULL else 8, "store": 300 if box.FULL else 8}
INSIDE = ("inside_power.py", "power_log.py")


class PowerCut(box.BoxTest):
    @classmethod
    def prepare(cls):
        for name in INSIDE:
            cls.box.put((box.HERE / name).read_bytes(), f"/root/{name}")
        cls.box.put(box.pathlib.Path(box.bundles.__file__).read_bytes(), "/root/bundles.py")
        # The relay that is tested is another one.
        cls.box.sh("systemctl stop wcmpd.socket wcmpd.service wcmp-mountd.socket wcmp-mountd.service")
        cls.addClassCleanup(cls.box.sh, "systemctl start wcmpd.service wcmp-mountd.service")
        cls.box.sh("modprobe -a dm_log_writes loop vfat exfat")

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def cut(self, kind):
        self.box.sh(f"python3 -B /root/inside_power.py record {kind} {ROUNDS}", timeout=3600)
        replay = f"python3 -B /root/inside_power.py replay {kind} {CUTS[kind]} {kind}"
        said = self.box.try_sh(replay, timeout=7200)
        self.assertEqual(said.status, 0, said.err[-2000:])
        counts = json.loads(said.out)
        print(f"\npower cuts, {kind}: {counts}", flush=True)
        self.assertEqual(counts["cuts"], CUTS[kind])
        # What is found depends on the moment: else nothing was looked at.
        self.assertLess(counts["fewest"], counts["most"])
        bad = (counts["lost"], counts["invented"], counts["unreadable"])
        self.assertEqual(bad, (0, 0, 0), said.err[-2000:])

    def test_drive_with_fat(self):
        self.cut("vfat")

    def test_drive_with_exfat(self):
        self.cut("exfat")

    def test_store(self):
        self.cut("store")


if __name__ == "__main__":
    box.main()
