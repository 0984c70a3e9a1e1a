"""Sticks that are pulled out while the installed services write to them, and whose power is cut."""

import base64
import json
import os
import pathlib
import random
import tempfile
import time

import box
import stick

PULLS = int(os.environ.get("WCMP_VM_PULLS") or (1000 if box.FULL else 21))
ENOUGH_TO_MEET_VISITS = 20
CUTS_A_PULL = 4  # states that a write cache may leave, which are looked at
STORE, KEPT = "/var/lib/wcmp/store", "/var/lib/wcmp/kept"
STOP, START = "systemctl stop wcmpd.socket wcmpd.service", "systemctl start wcmpd.service"


class AtExactMoments(box.BoxTest):
    """Thousands of pulls, inside the guest, of sticks that a program plays there (inside_stick.py)."""

    @classmethod
    def prepare(cls):
        cls.put_played()
        # These relays begin with nothing: what the other tests have put there comes back.
        cls.box.sh(f"{STOP} && mv {STORE} {KEPT} && {START}")
        cls.addClassCleanup(cls.box.sh, f"{STOP} && rm -rf {STORE} && mv {KEPT} {STORE} && {START}")

    def pulled(self, pulls, kind, cuts=0):
        seed = f"{time.time_ns():x}"
        before = self.box.restarts()
        command = f"python3 -B /root/inside_pulls.py {pulls} {seed} {kind} {cuts}"
        ran = self.box.try_sh(command, timeout=6 * 3600)
        if ran.status != 0:
            self.fail(f"seed {seed}: {ran.err[-3000:]}{self.evidence()}")
        counts = json.loads(ran.out.splitlines()[-1])
        print(f"\n{f'power cuts, mountd {kind}' if cuts else f'pulled out, {kind}'}: {counts}", flush=True)
        self.assertEqual((counts["pulls"], counts["states"]), (pulls, pulls * (cuts or 1)))
        bad = {name: counts[name] for name in ("lost", "invented", "lying", "unsound") if counts[name]}
        if bad:
            self.fail(f"seed {seed}: {bad}: {ran.err[-3000:]}{self.evidence()}")
        if pulls >= ENOUGH_TO_MEET_VISITS:
            self.assertGreater(counts["busy"], pulls // 10, "hardly a stick was pulled out during a visit")
        self.assertEqual(self.box.restarts(), before)

    def evidence(self):
        """Sticks, and what was written to them, brought out of the guest."""
        packed = self.box.try_sh("tar -C /root/evidence -czSf - . | base64 -w 0")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="wcmp-evidence."))
        (folder / "evidence.tar.gz").write_bytes(base64.b64decode(packed.out))
        return f"\nthe sticks are in {folder}"

    def test_fat(self):
        self.pulled(PULLS, "vfat")

    def test_exfat(self):
        self.pulled(PULLS // 5, "exfat")

    def test_power_cut_of_fat(self):
        self.pulled(PULLS // 4, "vfat", CUTS_A_PULL)

    def test_power_cut_of_exfat(self):
        self.pulled(PULLS // 5, "exfat", CUTS_A_PULL)


class OutOfQemu(box.BoxTest):
    """The same with QEMU's stick, in its own port: nothing in the guest knows of it."""

    def test_pulled_at_random_moments(self):
        chance = random.Random(time.time_ns())
        path = stick.fat32(self.folder / "pulled")
        stick.make_folder(path, "WCMP")
        made, had = self.held(), set()
        for number in range(10 if box.FULL else 2):
            ours, theirs = self.messages(10, f"ours {number}"), self.messages(10, f"theirs {number}")
            made |= {*ours, *theirs}
            stick.put_files(path, self.bundle(theirs))
            self.post(ours)
            had |= set(theirs)
            name = self.plug(path)
            time.sleep(chance.uniform(0.3, 2.5))  # the moment is what is tested: it is no event
            self.pull(name)
            self.wait_drives()
            found = set(self.on_stick(path))
            self.assertEqual((had - found, found - made), (set(), set()))
            had = found
        self.visit(path, "done")
        self.assertEqual(made - set(self.on_stick(path)), set())
        self.assertEqual(made - self.held(), set())
        self.assertEqual(stick.faults(path), [])


if __name__ == "__main__":
    box.main()
