"""The table of the benchmarks: which figure counts, what is marked, and that a row which failed says so."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TABLE = pathlib.Path(__file__).resolve().parent.parent / "bench" / "table.py"


def aggregate(name, kind, **counters):
    return {"name": f"{name}_{kind}", "run_type": "aggregate", "aggregate_name": kind, **counters}


class BenchTable(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)

    def give(self, program, *entries):
        (self.folder / f"{program}.json").write_text(json.dumps({"benchmarks": entries}))

    def table(self):
        command = [sys.executable, "-B", TABLE, self.folder]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def row(self, start):
        """The table's line that begins so."""
        table = self.table()
        found = [line for line in table.splitlines() if line.startswith(start)]
        self.assertEqual(len(found), 1, table)
        return found[0]

    def assert_not_measured(self, start, why):
        self.assertTrue(self.row(start).endswith(f"not measured: {why}"), self.row(start))

    def give_import(self, share):
        name = "import_warm/iterations:1/manual_time"
        self.give("import_bench", aggregate(name, "median", share=share), aggregate(name, "mean", share=9),
                  aggregate(name, "cv", share=0.25))

    def test_the_median_counts_and_its_variation_is_told(self):
        self.give_import(0.6)
        self.assertRegex(self.row("import, warm"), r"0\.6 +\+-25 % +0\.5 +0\.9 +passes$")

    def test_marks(self):
        for share, mark in ((0.49, "MISSES THE GATE"), (0.5, "passes"), (0.9, "reaches the aim")):
            self.give_import(share)
            self.assertTrue(self.row("import, warm").endswith(mark), share)

    def test_where_less_is_better(self):
        for times, mark in ((2.1, "MISSES THE GATE"), (2.0, "passes"), (1.2, "reaches the aim")):
            self.give("million_bench", aggregate("unchanged_visit/same_files", "median", times_limit=times))
            self.assertTrue(self.row("unchanged visit at 1 M: time").endswith(mark), times)

    def test_the_worst_of_several_sources_counts(self):
        for seconds in ((5, 7), (7, 5)):
            days = [{"name": f"two_months/visits_a_day:{count}/repeats:1", "merge_s": s}
                    for count, s in zip((1, 10), seconds, strict=True)]
            self.give("months_bench", *days)
            self.assertRegex(self.row("60 days, 1 GB: longest merge"), r" 7 s .*MISSES THE GATE$")

    def test_without_a_gate_it_is_reported(self):
        self.give("nncp_bench", {"name": "nncp_xfer", "times": 100.0})
        self.assertTrue(self.row("import, nncp-xfer").endswith("reported"))

    def test_a_row_that_failed_says_why_and_hides_no_other(self):
        failed = {"name": "lookup", "error_occurred": True, "error_message": "a message was not found"}
        self.give("million_bench", failed, aggregate("lookup", "median", times=5),
                  aggregate("unchanged_visit/same_files", "median", times_limit=1))
        self.assert_not_measured("lookup", "a message was not found")
        self.assertTrue(self.row("unchanged visit at 1 M: time").endswith("reaches the aim"))

    def test_one_of_several_sources_is_not_enough(self):
        self.give("months_bench", {"name": "two_months/visits_a_day:1", "merge_s": 1})
        self.assert_not_measured("60 days, 1 GB: longest", "months_bench has not measured it")

    def test_a_program_that_failed(self):
        (self.folder / "enqueue_bench.json").write_text('{"benchmarks": [')
        (self.folder / "enqueue_bench.failed").write_text("it was killed\n")
        self.assert_not_measured("durable enqueue, single", "it was killed")

    def test_figures_that_cannot_be_read(self):
        (self.folder / "enqueue_bench.json").write_text("")
        self.assert_not_measured("durable enqueue, single", "its figures cannot be read")

    def test_programs_that_were_not_asked_for_have_no_rows(self):
        self.give_import(0.6)
        self.assertNotIn("recognition", self.table())


if __name__ == "__main__":
    unittest.main()
