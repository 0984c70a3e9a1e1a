"""The whole daemon at a million messages, and at ten with WCMP_BENCH_LARGE=1: start-up, memory, a visit with
news, a visit without; and what a client reads to find its messages.

Every figure stands beside what it is compared with, measured in turns."""

import os
import pathlib
import random
import subprocess
import tempfile
import time

from figures import Figures, in_mib, say
from running_daemon import Daemon, forget_cached, limited, make_bundles, relay, settings

SHARE = float(os.environ.get("WCMP_BENCH_SHARE", "1"))
RUNS = int(os.environ.get("WCMP_BENCH_REPETITIONS", "5"))
MILLION = 1_000_000
RESCANNED = 100_000
READS = 30
LIMIT_MIB = 64


def random_reads_s(folder, rng):
    """So many random reads of 4 KiB, uncached."""
    files = sorted(folder.glob("*.wcmp"))
    start = time.perf_counter()
    for _ in range(READS):
        path = rng.choice(files)
        fd = os.open(path, os.O_RDONLY)
        os.pread(fd, 4096, rng.randrange(max(1, path.stat().st_size - 4096)))
        os.close(fd)
    return time.perf_counter() - start


def bare_start_s():
    """The program alone: loader, libraries, what they set up, and the end. No store."""
    start = time.perf_counter()
    subprocess.run([relay.program("wcmpd"), "--version"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measure_starts(top, row, figures):
    store = top / "store"
    rng = random.Random(1)
    for _ in range(RUNS):
        forget_cached(store)
        reads = random_reads_s(store, rng)
        forget_cached(store)
        daemon = Daemon(top)
        private, resident = daemon.memory_kib()
        bare = bare_start_s()
        figures.add(row, "bare_s", bare)
        figures.add(row, "times_reads_of_store", (daemon.started_s - bare) / reads)
        figures.add(row, "start_s", daemon.started_s)
        figures.add(row, "reads_s", reads)
        figures.add(row, "times_reads", daemon.started_s / reads)
        figures.add(row, "idle_mib", private / 1024)
        figures.add(row, "idle_resident_mib", resident / 1024)
        held = daemon.get("/v1/status")["messages"]
        daemon.stop()
    say(f"{row}: messages held", held)
    say("  start-up, uncached", f"{figures.median(row, 'start_s') * 1000:.1f} ms")
    say("  of which the program alone", f"{figures.median(row, 'bare_s') * 1000:.1f} ms")
    say(f"  {READS} uncached random reads", f"{figures.median(row, 'reads_s') * 1000:.1f} ms")
    say("  memory, idle", in_mib(private, resident))


def measure_visits(top, row, figures, messages, today):
    """A drive with half as many new messages, then the same again."""
    drive = top / "drive"
    new = messages // 2
    make_bundles(drive / "WCMP", new, 7, today)
    settings(top, drive)
    begin = time.perf_counter()
    daemon = Daemon(top, LIMIT_MIB)
    seen, private, resident = daemon.wait_for_visit()
    took = time.perf_counter() - begin
    daemon.stop()
    if seen["state"] != "done" or seen["result"]["imported"] != new:
        raise RuntimeError(f"the visit went wrong: {seen}")
    figures.add(row, "visit_s", took)
    figures.add(row, "visit_mib", private / 1024)
    figures.add(row, "visit_resident_mib", resident / 1024)
    figures.add(row, "limited", int(bool(limited(LIMIT_MIB))))
    say("  visit: in, out", f"{new}, {seen['result']['exported']} in {took:.2f} s")
    how = f"within {LIMIT_MIB} MiB" if limited(LIMIT_MIB) else "not limited: no systemd here"
    say("  memory, during that visit", f"{in_mib(private, resident)}, {how}")

    daemon = Daemon(top)
    before = daemon.written_bytes()
    daemon.wait_for_visit()
    say("  unchanged visit", f"{daemon.written_bytes() - before} bytes, answers included")
    daemon.stop()


def measure_size(row, messages, figures, today):
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-") as name:
        top = pathlib.Path(name)
        settings(top)
        store = top / "store"
        make_bundles(store, messages, 1, today)
        Daemon(top).stop()  # makes the journals, once
        measure_starts(top, row, figures)
        measure_visits(top, row, figures, messages, today)


def measure_rescan(row, messages, figures, today):
    """All recognition records, as a client reads them that begins anew."""
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-") as name:
        top = pathlib.Path(name)
        settings(top)
        make_bundles(top / "store", messages, 2, today, body_exp=11)
        stored = sum(path.stat().st_size for path in (top / "store").glob("*.wcmp"))
        daemon = Daemon(top)
        read, cursor = 0, ""
        while True:
            headers, body = daemon.request("/v1/recognition" + (f"?after={cursor}" if cursor else ""))
            if not body:
                break
            read += len(body)
            cursor = headers["Wcmp-Cursor"]
        daemon.stop()
    if read < messages * 100:
        raise RuntimeError(f"only {read} bytes of records")
    figures.add(row, "read_per_stored", read / stored)
    say("rescan: bytes read / bytes in the store", f"{read / stored:.4f}")


def main():
    today = int(time.time()) // 86400
    figures = Figures()
    wanted = [
        ("million", measure_size, int(MILLION * SHARE)),
        ("rescan", measure_rescan, int(RESCANNED * SHARE)),
    ]
    if os.environ.get("WCMP_BENCH_LARGE") == "1":
        wanted.append(("ten_million", measure_size, int(10 * MILLION * SHARE)))
    else:
        figures.refuse("ten_million", "WCMP_BENCH_LARGE=1 measures it")
    failed = False
    for row, measure, messages in wanted:
        try:
            measure(row, messages, figures, today)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rows are measured
            figures.refuse(row, str(error))
            say(f"{row} failed", error)
            failed = True
        figures.write()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
