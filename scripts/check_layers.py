"""Compares every #include of lib/ and daemon/ with the layer table of lib/ARCHITECTURE.md."""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
# A third-party header has few owners.
OWNERS = {
    "botan": {"crypto"},
    "toml++": {"settings"},
    "libudev.h": {"drives"},
    "spdlog": {"log", "daemon"},
    "boost/asio": {"drives", "node", "api", "client", "daemon"},
    "boost/beast": {"api", "client"},
    "boost/json": {"api", "client", "daemon"},
    "CLI": {"daemon"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def layer_table():
    """The rows `| module | may include | third party |` of the text, as module -> set of modules."""
    table = {}
    text = (TOP / "lib/ARCHITECTURE.md").read_text()
    for line in text.splitlines():
        cells = [cell.strip(" `") for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"[a-z]+", cells[0]) and cells[0] != "module":
            if cells[1] == "all above":
                table[cells[0]] = set(table)
            else:
                table[cells[0]] = {name.strip() for name in cells[1].split("(")[0].split(",")} - {"–", "-", ""}
    return table


def complaints_about(path, module, table):
    for header in INCLUDE.findall(path.read_text()):
        layer = header.split("/")[0]
        where = f"{path.relative_to(TOP)}: {module}"
        if layer in table and module != "daemon" and layer != module and layer not in table[module]:
            yield f"{where} may not include {header} (layer table in lib/ARCHITECTURE.md)"
        for prefix, owners in OWNERS.items():
            if header.startswith(prefix) and module not in owners:
                yield f"{where} may not include {header}: only {', '.join(sorted(owners))} may"


def main():
    table = layer_table()
    folders = {path.name for path in (TOP / "lib").iterdir() if path.is_dir()}
    found = [f"lib/ARCHITECTURE.md: the layer table and the folders differ: {sorted(folders ^ set(table))}"] if folders != set(table) else []
    for path in sorted(TOP.glob("lib/*/*.[hc]*")):
        if path.suffix in {".h", ".cpp"}:
            found += complaints_about(path, path.parent.name, table)
    for path in sorted(TOP.glob("daemon/*/*.[hc]*")):
        if path.suffix in {".h", ".cpp"}:
            found += complaints_about(path, "daemon", table)
    print("\n".join(found) if found else f"layers: {len(table)} modules hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
