"""Holds sizes and names: files below 400 lines, a median near 100, no line over 110 columns, no catch-all file names."""

import pathlib
import re
import statistics
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 400
FILE_LINES_MEDIAN_MAX = 120
COLUMNS_MAX = 110
FUNCTION_LINES_MAX = 60
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|$)")
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=TOP, capture_output=True, text=True, check=True)
    return [TOP / line for line in out.stdout.splitlines()]


def long_functions(path, lines):
    """A function's body in this format starts after a line that ends in '{' at column 0 and ends at a '}' in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and line.endswith("{") and not line.startswith((" ", "}", "namespace", "extern", "class", "struct", "enum")):
            start = number
        elif start is not None and line.startswith("}"):
            if number - start - 1 > FUNCTION_LINES_MAX and "=" not in lines[start - 1]:
                yield f"{path}:{start}: a function of {number - start - 1} lines (at most {FUNCTION_LINES_MAX})"
            start = None


def complaints_about(path):
    name = path.relative_to(TOP)
    lines = path.read_text().splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{name}: {len(lines)} lines (at most {FILE_LINES_MAX})"
    if FORBIDDEN_NAMES.search(path.stem):
        yield f"{name}: a name that says nothing"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{name}:{number}: {len(line)} columns (at most {COLUMNS_MAX})"
        if FORBIDDEN_WORDS.search(line):
            yield f"{name}:{number}: a note for later; file an issue instead"
    yield from long_functions(name, lines)


def main():
    code = tracked("lib/*.h", "lib/*.cpp", "daemon/*.h", "daemon/*.cpp")
    tests = tracked("tests/*.h", "tests/*.cpp", "tests/*.py")
    found = [text for path in code + tests for text in complaints_about(path)]
    sizes = [len(path.read_text().splitlines()) for path in code]
    test_lines = sum(len(path.read_text().splitlines()) for path in tests)
    median = statistics.median(sizes)
    if median > FILE_LINES_MEDIAN_MAX:
        found.append(f"the median file has {median} lines (at most {FILE_LINES_MEDIAN_MAX})")
    print("\n".join(found) if found else "sizes hold")
    print(f"{len(code)} files, median {median:.0f} lines, {sum(sizes)} lines of code, {test_lines} of tests ({test_lines / sum(sizes):.2f})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
