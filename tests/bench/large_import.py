"""Ten million messages, imported once by a real wcmpd from a folder into an empty store: how long it takes,
and the memory. Needs about 35 GB below $TMPDIR, which are free again at the end; WCMP_BENCH_MESSAGES asks
for fewer messages."""

import os
import pathlib
import sys
import tempfile
import time

from figures import in_mib, say
from running_daemon import Daemon, limited, make_bundles, relay, settings

MESSAGES = int(os.environ.get("WCMP_BENCH_MESSAGES", "10000000"))
LIMIT_MIB = 64


def main():
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-") as name:
        top = pathlib.Path(name)
        settings(top)
        Daemon(top).stop()  # makes the store
        start = time.perf_counter()
        make_bundles(top / "drive/WCMP", MESSAGES, 1, relay.today(), days=175)
        size = sum(path.stat().st_size for path in (top / "drive/WCMP").iterdir())
        say("made", f"{MESSAGES} messages, {size / 1e9:.2f} GB in {time.perf_counter() - start:.0f} s")

        settings(top, top / "drive")
        start = time.perf_counter()
        daemon = Daemon(top, LIMIT_MIB)
        seen, private, resident = daemon.wait_for_visit()
        took = time.perf_counter() - start
        if seen["state"] != "done" or seen["result"]["imported"] != MESSAGES:
            raise RuntimeError(f"the visit went wrong: {seen}")
        say("imported", f"{MESSAGES} messages in {took:.0f} s, {size / 1e6 / took:.0f} MB/s")
        how = f"within {LIMIT_MIB} MiB" if limited(LIMIT_MIB) else "not limited"
        say("memory during the visit, at most", f"{in_mib(private, resident)}, {how}")
        daemon.stop()

        daemon = Daemon(top)
        seen, private, resident = daemon.wait_for_visit()
        say("the same again", f"{seen['result']['imported']} imported; at most {in_mib(private, resident)}")
        daemon.stop()

        settings(top)
        daemon = Daemon(top)
        held = daemon.get("/v1/status")["messages"]
        start = f"{held} messages, {daemon.started_s * 1000:.0f} ms"
        say("idle after a start", f"{start}, {in_mib(*daemon.memory_kib())}")
        daemon.stop()


if __name__ == "__main__":
    sys.exit(main())
