"""`cmake --install` of the build that is tested."""

import os
import shutil
import subprocess

import relay as relays

BUILD = relays.BIN.parent


def install(test, *arguments, **environment):
    """Installs, or skips the test where there is nothing to install."""
    if shutil.which("cmake") is None or not (BUILD / "cmake_install.cmake").exists():
        test.skipTest(f"{BUILD} is no build folder of cmake")
    command = ["cmake", "--install", BUILD, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    test.assertEqual(run.returncode, 0, run.stderr)
