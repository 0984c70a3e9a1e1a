"""Names the tests that a run of ctest skipped, with their reasons: skipped.py NAME LastTest.log"""

import pathlib
import re
import sys

GTEST = re.compile(r"^\S+:\d+: Skipped\n(?P<reason>.*?)\n+\[  SKIPPED \] (?P<test>\S+)", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"^skipped (?P<test>[^:\n]+): (?P<reason>.*)$", re.MULTILINE)


def main():
    build, log = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(errors="replace")
    found = [match for pattern in (GTEST, OURS) for match in pattern.finditer(log)]
    for line in sorted({f"skipped ({build})  {match['test']}: {match['reason'].strip()}" for match in found}):
        print(line)


if __name__ == "__main__":
    main()
