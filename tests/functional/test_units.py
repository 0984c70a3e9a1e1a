"""The units as `cmake --install` leaves them: systemd accepts them without a word, and they are closed."""

import os
import shutil
import subprocess

import installation
import relay as relays

SYSTEM = ("wcmpd.service", "wcmpd.socket", "wcmp-mountd.service", "wcmp-mountd.socket")
USER = ("wcmpd.service", "wcmpd.socket", "wcmp-notify.service")


class Units(relays.RelayTest):
    def setUp(self):
        super().setUp()
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        self.prefix = self.folder / "prefix"
        installation.install(self, "--prefix", self.prefix)

    def analyze(self, folder, *arguments):
        """systemd-analyze that looks for units in the installation first, then where it always does."""
        path = {"SYSTEMD_UNIT_PATH": f"{self.prefix}/lib/systemd/{folder}:"}
        runtime = {"XDG_RUNTIME_DIR": str(self.folder)}
        pages = {"MANPATH": f"{self.prefix}/share/man:"}
        command = ["systemd-analyze", f"--{folder}", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **path, **runtime, **pages}
        )

    def paths(self, folder, names):
        return [str(self.prefix / "lib/systemd" / folder / name) for name in names]

    def test_system_units_are_accepted(self):
        run = self.analyze("system", "verify", *self.paths("system", SYSTEM))
        self.assertEqual((run.returncode, run.stderr + run.stdout), (0, ""))

    def test_user_units_are_accepted(self):
        run = self.analyze("user", "verify", *self.paths("user", USER))
        self.assertEqual((run.returncode, run.stderr + run.stdout), (0, ""))

    def test_mistakes_are_found(self):
        """Without this the tests above prove nothing."""
        unit = self.prefix / "lib/systemd/system/wcmpd.service"
        unit.write_text(unit.read_text() + "\nProtectEverything=yes\n")
        run = self.analyze("system", "verify", str(unit))
        self.assertIn("ProtectEverything", run.stderr)

    def test_the_relay_brings_along_who_mounts_for_it(self):
        """Without it, and started first, no stick would be used."""
        text = (self.prefix / "lib/systemd/system/wcmpd.service").read_text()
        self.assertIn("\nWants=wcmp-mountd.socket\n", text)

    def exposure_at_most(self, name, tenths):
        path = self.paths("system", [name])
        run = self.analyze("system", "security", "--offline=yes", f"--threshold={tenths}", *path)
        self.assertEqual(run.returncode, 0, run.stdout[-200:] + run.stderr)
        self.assertIn("Overall exposure level", run.stdout)

    def test_exposure(self):
        self.exposure_at_most("wcmpd.service", 10)
        self.exposure_at_most("wcmp-mountd.service", 19)

    def test_every_kind_of_drive_is_let_in(self):
        """The numbers of disks (the kernel's devices.txt), cards, many partitions, memory sticks."""
        text = (self.prefix / "lib/systemd/system/wcmp-mountd.service").read_text()
        kinds = [8, *range(65, 72), *range(128, 136), 179, 259, "ms_block", "mspro_block"]
        allowed = [line for line in text.splitlines() if line.startswith("DeviceAllow=")]
        self.assertEqual(allowed, [f"DeviceAllow=block-{kind} rw" for kind in kinds])

    def test_what_the_light_did_outlives_a_crash_in_a_folder_that_is_not_the_sockets(self):
        text = (self.prefix / "lib/systemd/system/wcmp-mountd.service").read_text()
        self.assertIn("\nRuntimeDirectory=wcmp-mountd/light\nRuntimeDirectoryPreserve=yes\n", text)

    def test_what_the_score_does_not_know(self):
        """Directives that would break what the programs are for are not in, though they please the score."""
        text = (self.prefix / "lib/systemd/system/wcmpd.service").read_text()
        settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#")
        for name in ("ProtectClock", "RestrictSUIDSGID", "PrivateUsers", "RuntimeDirectory"):
            self.assertNotIn(name, settings)
        self.assertEqual((settings["LimitCORE"], settings["MemorySwapMax"]), ("0", "0"))


if __name__ == "__main__":
    relays.main()
