"""cmake --install: what a packager gets, and that it runs from there."""

import os
import pathlib
import re
import shutil
import subprocess

import installation
import relay as relays

UNITS = (
    "system/wcmpd.service", "system/wcmpd.socket", "system/wcmp-mountd.service", "system/wcmp-mountd.socket",
    "user/wcmpd.service", "user/wcmpd.socket", "user/wcmp-notify.service",
)
FOR_THE_SYSTEM = ("sysusers.d/wcmp.conf", "tmpfiles.d/wcmp.conf", "udev/rules.d/90-wcmp-led.rules")


class Install(relays.RelayTest):
    def check(self, top, prefix):
        """The programs run, and everything is where programs and people look for it."""
        for program in ("bin/wcmp", "bin/wcmpd", "sbin/wcmp-mountd"):
            name = pathlib.Path(program).name
            command = [top / program, "--version"]
            run = subprocess.run(command, capture_output=True, text=True, timeout=relays.WAIT_S, check=True)
            self.assertRegex(run.stdout, rf"^{name} \d+\.\d+")
            run = subprocess.run([*command[:1], "--help"], capture_output=True, text=True, check=True)
            self.assertIn("Usage: " + name, run.stdout)
        share = top / "share"
        for page in ("man1/wcmp.1", "man8/wcmpd.8", "man8/wcmp-mountd.8", "man5/wcmpd.toml.5"):
            self.check_page(share / "man" / page)
        completion = share / "bash-completion/completions/wcmp"
        subprocess.run(["bash", "-n", completion], check=True)
        example = share / "doc/wcmp/examples/wcmpd.toml"
        command = [top / "bin/wcmpd", "--check-config", "--config", example, "--socket", "/run/api.sock"]
        subprocess.run(command, check=True, capture_output=True)
        for name in ("README.md", "LICENSE", "API.md", "openapi.yaml", "THREATS.md"):
            self.assertTrue((share / "doc/wcmp" / name).is_file(), name)
        self.assertTrue((share / "doc/wcmp/examples/usbguard.rules").is_file())
        self.check_system(top / "lib", str(prefix))

    def check_system(self, library, prefix):
        """Units start what was installed here; the files beside them are where the system looks for them."""
        for unit in UNITS:
            text = (library / "systemd" / unit).read_text()
            for started in re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE):
                self.assertEqual(started.rpartition("/")[0].rpartition("/")[0], prefix)
        for name in FOR_THE_SYSTEM:
            self.assertTrue((library / name).is_file(), name)

    def check_page(self, page):
        if shutil.which("scdoc") is None and not page.exists():
            self.skipTest("scdoc is not installed: there are no manual pages")
        self.assertIn(".TH", page.read_text())
        if shutil.which("man"):
            environment = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
            command = ["man", "--warnings", "-l", page]
            run = subprocess.run(command, capture_output=True, text=True, env=environment)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertIn("SYNOPSIS" if "toml" not in page.name else "DESCRIPTION", run.stdout)

    def test_below_a_prefix(self):
        installation.install(self, "--prefix", self.folder / "prefix")
        self.check(self.folder / "prefix", self.folder / "prefix")

    def test_into_a_package(self):
        installation.install(self, "--prefix", "/usr", DESTDIR=str(self.folder / "package"))
        package = self.folder / "package"
        self.check(package / "usr", "/usr")
        self.assertEqual([path.name for path in package.iterdir()], ["usr"])
        strange = [path for path in package.rglob("*") if path.is_file() and not self.is_expected(path)]
        self.assertEqual(strange, [])

    def is_expected(self, path):
        parts = path.relative_to(self.folder / "package/usr").parts
        return pathlib.Path(*parts[:2]) in map(pathlib.Path, (
            "bin/wcmp", "bin/wcmpd", "sbin/wcmp-mountd", "lib/systemd", "lib/sysusers.d", "lib/tmpfiles.d",
            "lib/udev", "share/man", "share/doc", "share/bash-completion"))


if __name__ == "__main__":
    relays.main()
