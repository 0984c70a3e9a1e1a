"""Figures of a benchmark in Python, kept in the form that the C++ ones write: one table shows both."""

import json
import os
import statistics


def coefficient_of_variation(values):
    mean = statistics.fmean(values)
    return statistics.stdev(values) / abs(mean) if len(values) > 1 and mean else 0


class Figures:
    """Observations by row and name. What counts is the median."""

    def __init__(self):
        self.seen = {}

    def add(self, row, name, value):
        self.seen.setdefault(row, {}).setdefault(name, []).append(value)

    def median(self, row, name):
        return statistics.median(self.seen[row][name])

    def refuse(self, row, reason):
        """The row could not be measured."""
        self.seen.setdefault(row, {})["error"] = [reason]

    def entries(self):
        for row, names in self.seen.items():
            if "error" in names:
                yield {"name": row, "error_occurred": True, "error_message": names["error"][0]}
                continue
            yield {"name": row, **{name: statistics.median(values) for name, values in names.items()}}
            varies = {name: coefficient_of_variation(values) for name, values in names.items()}
            yield {"name": row, "run_type": "aggregate", "aggregate_name": "cv", **varies}

    def write(self):
        """To the file that WCMP_BENCH_JSON names, if any."""
        path = os.environ.get("WCMP_BENCH_JSON")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"benchmarks": list(self.entries())}, file, indent=1)


def in_mib(private_kib, resident_kib):
    return f"{private_kib / 1024:.1f} MiB private, {resident_kib / 1024:.1f} MiB resident"


def say(what, figure):
    print(f"{what:<44} {figure}", flush=True)
