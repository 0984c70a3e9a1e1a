"""All tests in the virtual machine: one machine, one process. Prints what was skipped and why, and counts."""

import pathlib
import sys
import unittest

import box

HERE = pathlib.Path(__file__).resolve().parent


def main():
    if reason := box.why_not():
        print(f"skipped all but the model of a disk: {reason}")
    tests = unittest.defaultTestLoader.discover(str(HERE), "test_*.py")
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(tests)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
