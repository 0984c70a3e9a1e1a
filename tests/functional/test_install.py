"""cmake --install: what a packager gets, and that it runs from there."""

import os
import pathlib
import shutil
import subprocess

import relay as relays

BUILD = relays.BIN.parent


class Install(relays.RelayTest):
    def install(self, *arguments, **environment):
        if shutil.which("cmake") is None or not (BUILD / "cmake_install.cmake").exists():
            self.skipTest(f"{BUILD} is no build folder of cmake")
        command = ["cmake", "--install", BUILD, *arguments]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
        self.assertEqual(run.returncode, 0, run.stderr)

    def check(self, top):
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
        self.install("--prefix", self.folder / "prefix")
        self.check(self.folder / "prefix")

    def test_into_a_package(self):
        self.install("--prefix", "/usr", DESTDIR=str(self.folder / "package"))
        package = self.folder / "package"
        self.check(package / "usr")
        self.assertEqual([path.name for path in package.iterdir()], ["usr"])
        strange = [path for path in package.rglob("*") if path.is_file() and not self.is_expected(path)]
        self.assertEqual(strange, [])

    def is_expected(self, path):
        parts = path.relative_to(self.folder / "package/usr").parts
        return pathlib.Path(*parts[:2]) in map(pathlib.Path, (
            "bin/wcmp", "bin/wcmpd", "sbin/wcmp-mountd", "share/man", "share/doc", "share/bash-completion"))


if __name__ == "__main__":
    relays.main()
