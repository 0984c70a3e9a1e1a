"""The table of lib/bundle/BUNDLE.md, section 9: what the benchmarks measured, beside gate and aim.

    table.py FOLDER     where <program>.json of each is, and <program>.failed with the reason where one failed

A row takes the worst of its sources. Figures are medians of the repetitions; +- is their coefficient of
variation where there are several."""

import json
import math
import os
import pathlib
import sys


class Row:
    """`better`: "more" or "less", the way that gates are reached. Sources: (program, benchmark, counter)."""

    def __init__(self, text, better, gate, aim, sources, unit=""):
        self.text, self.better, self.gate, self.aim, self.unit = text, better, gate, aim, unit
        self.sources = sources

    def worst(self, values):
        return min(values) if self.better == "more" else max(values)

    def reaches(self, value, bound):
        return value >= bound if self.better == "more" else value <= bound

    def mark(self, value):
        if self.gate is None:
            return "reported"
        if not self.reaches(value, self.gate):
            return "MISSES THE GATE"
        return "reaches the aim" if self.aim is not None and self.reaches(value, self.aim) else "passes"


def written(counts, counter):
    """On both sides, and in folds, which come before a journal holds 8 MiB."""
    sides = [f"written/{side}/{count}" for side in ("store", "drive") for count in counts]
    folds = [f"folded/{count}" for count in counts if count in FOLDED]
    return [("visit_bench", one, counter) for one in sides + folds]


FOLDED = (1, 4, 12, 13, 20, 400)
BELOW, BETWEEN, ABOVE = (1, 4, 12), (13, 20, 400, 3000), (3300, 4000, 20_000)


def months(counter):
    return [("months_bench", f"two_months/visits_a_day:{count}", counter) for count in (1, 10)]


def against(peer):
    return [("import_bench", f"import_against/{peer}", "times")]


def nncp(row):
    return [("nncp_bench", row, "times")]


def million(row, counter):
    return [("million_bench", row, counter)]


def recognition(keys, messages):
    return [("recognition_bench", f"recognition/{keys}/{messages}", "share")]


def enqueue(counter):
    return [("enqueue_bench", "enqueue", counter)]


def process(row, counter):
    return [("process_bench", row, counter)]


ROWS = [
    Row("import, warm: limit / time", "more", 0.5, 0.9, [("import_bench", "import_warm", "share")]),
    Row("import, cold: limit / time", "more", 0.5, 0.85, [("import_bench", "import_cold", "share")]),
    Row("import, SQLite's time / ours", "more", 3, 6, against("sqlite")),
    Row("import, LMDB's time / ours", "more", 3, 6, against("lmdb")),
    Row("import, LMDB's, one transaction in 200 MB / ours", "more", None, None, against("lmdb_at_once")),
    Row("import, a file each, one syncfs: time / ours", "more", None, None, against("files")),
    Row("import, a file each, each synced: time / ours", "more", None, None, against("synced_files")),
    Row("import, nncp-xfer and nncp-toss: time / ours", "more", None, None, nncp("nncp_xfer")),
    Row("import, nncp-bundle and nncp-toss: time / ours", "more", None, None, nncp("nncp_bundle")),
    Row("bytes written / new bytes, from 8 MiB up", "less", 1.08, 1.03, written(ABOVE, "per_new")),
    Row("bytes written / new bytes, 32 KiB to 8 MiB", "less", 9, 5, written(BETWEEN, "per_new")),
    Row("bytes written, below 32 KiB of new ones", "less", 320 * 1024, None, written(BELOW, "bytes"), "B"),
    Row("file commits / (1 + one per started 32 MiB)", "less", 1, None,
        written(BELOW + BETWEEN + ABOVE, "commits_of_allowed")),
    Row("60 days, 1 GB: bytes written / new bytes", "less", 14, 10, months("per_new")),
    Row("the same, in the store", "less", 14, 10, months("store_per_new")),
    Row("60 days, 1 GB: longest merge at 20 MB/s", "less", 6, 4.5, months("merge_s"), "s"),
    Row("unchanged visit at 1 M: time / limit", "less", 2, 1.2,
        million("unchanged_visit/same_files", "times_limit")),
    Row("the same, the drive's files cut otherwise", "less", 2, 1.2,
        million("unchanged_visit/cut_otherwise", "times_limit")),
    Row("unchanged visit at 1 M: bytes written", "less", 0, 0,
        million("unchanged_visit/same_files", "written")
        + million("unchanged_visit/cut_otherwise", "written"),
        "B"),
    Row("cold start at 1 M / 30 random reads", "less", 3, 1.2, process("million", "times_reads")),
    Row("the same, without loader and libraries", "less", None, None,
        process("million", "times_reads_of_store")),
    Row("cold start at 10 M / 30 random reads", "less", 3, 1.2, process("ten_million", "times_reads")),
    Row("lookup of (day, id), warm: LMDB's time / ours", "more", 4, 10, million("lookup", "times")),
    Row("the same: time / one look at a random entry", "less", None, None, million("lookup", "times_miss")),
    Row("durable enqueue, single: limit / time", "more", 0.7, 0.85, enqueue("share")),
    Row("durable enqueue, groups of 64: rate / single rate", "more", 20, 35, enqueue("group_times")),
    Row("rescan, 2 KiB: bytes read / bytes in the store", "less", 0.07, 0.067,
        process("rescan", "read_per_stored")),
    Row("recognition of 1 M, 1 key: share of raw hashes", "more", 0.25, 0.5, recognition(1, 1000000)),
    Row("recognition, 100 keys: share of raw hashes", "more", 0.25, 0.5, recognition(100, 100000)),
    Row("bytes on the drive / bytes of messages, 2 KiB", "less", 1.03, 1.02,
        [("visit_bench", "bytes_on_drive", "per_message_byte")]),
    Row("private memory at 1 M, idle", "less", 8, None, process("million", "idle_mib"), "MiB"),
    Row("private memory at 1 M, during a visit", "less", 24, None, process("million", "visit_mib"), "MiB"),
    Row("resident at 1 M with mapped indexes, at most", "less", 64, None,
        process("million", "visit_resident_mib"), "MiB"),
    Row("private memory at 10 M, idle", "less", 8, None, process("ten_million", "idle_mib"), "MiB"),
    Row("private memory at 10 M, during a visit", "less", 24, None,
        process("ten_million", "visit_mib"), "MiB"),
]


def base_name(entry):
    """A benchmark's name without what only says how it was run."""
    name = entry["name"]
    if entry.get("run_type") == "aggregate":
        name = name.removesuffix("_" + entry["aggregate_name"])
    how = ("manual_time", "iterations:", "repeats:")
    return "/".join(part for part in name.split("/") if not part.startswith(how))


class Measured:
    """What the programs wrote, by program and benchmark."""

    def __init__(self, folder):
        self.found = {}
        self.failed = {path.stem: path.read_text().strip() for path in folder.glob("*.failed")}
        self.ran = set(self.failed)
        for path in sorted(folder.glob("*.json")):
            self.ran.add(path.stem)
            try:
                entries = json.loads(path.read_text())["benchmarks"]
            except (ValueError, KeyError):
                self.failed.setdefault(path.stem, "its figures cannot be read")
                continue
            for entry in entries:
                self.keep(path.stem, entry)

    def keep(self, program, entry):
        kind = entry.get("aggregate_name", "median")
        kept = self.found.setdefault((program, base_name(entry)), {})
        # What failed once is not a figure, whatever the other times were.
        if kind in ("median", "cv") and not kept.get(kind, {}).get("error_occurred"):
            kept[kind] = entry

    def value(self, program, benchmark, counter):
        """A figure and how it varies; a text instead when there is none."""
        entries = self.found.get((program, benchmark), {})
        entry = entries.get("median")
        if entry is None:
            return self.failed.get(program, f"{program} has not measured it"), None
        if entry.get("error_occurred"):
            return entry.get("error_message", "failed"), None
        if counter not in entry:
            return f"{program} has not measured it", None
        return entry[counter], entries.get("cv", {}).get(counter)


def shown(value, unit=""):
    if value is None:
        return "-"
    number = f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".rstrip()


def cells(row, measured):
    values, spreads, reasons = [], [], []
    for source in row.sources:
        value, spread = measured.value(*source)
        if isinstance(value, str):
            reasons.append(value)
        else:
            values.append(value)
            spreads.append(spread if spread and math.isfinite(spread) else 0)
    bounds = [shown(row.gate, row.unit), shown(row.aim, row.unit)]
    if reasons:
        return [row.text, "-", "", *bounds, "not measured: " + reasons[0].splitlines()[-1]]
    worst = row.worst(values)
    spread = spreads[values.index(worst)]
    varies = f"+-{spread * 100:.0f} %" if spread else ""
    return [row.text, shown(worst, row.unit), varies, *bounds, row.mark(worst)]


def main():
    measured = Measured(pathlib.Path(sys.argv[1]))
    # A program that was not asked for has no rows.
    rows = [row for row in ROWS if any(program in measured.ran for program, _, _ in row.sources)]
    if not rows:
        return
    if os.environ.get("WCMP_BENCH_SHARE", "1") != "1":
        print("Sizes are a share of what they should be: these figures mean nothing.")
    lines = [["measured", "median", "", "gate", "aim", ""], *(cells(row, measured) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
