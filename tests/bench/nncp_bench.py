"""NNCP's receive path for messages of 2 KiB, end to end: a node packs each message, a folder that stands
for a drive (nncp-xfer) or a stream (nncp-bundle) is carried to another node, which takes the packets in and
tosses them, so that the messages lie there as files. In turns with wcmpd, from its start to the end of its
visit to a folder with 50 000 such messages, which it imports into an empty store.

NNCP has a process for each message that is sent, and files of its own, so 1000 are measured; what is
compared is the time for each."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from figures import Figures, say
from running_daemon import Daemon, make_bundles, relay, settings

import bundles

SHARE = float(os.environ.get("WCMP_BENCH_SHARE", "1"))
RUNS = min(3, int(os.environ.get("WCMP_BENCH_REPETITIONS", "5")))
SENT_BY_NNCP = max(10, int(1000 * SHARE))
SENT_BY_WCMP = max(10, int(50_000 * SHARE))


class Node:
    """One NNCP node in a folder of its own."""

    def __init__(self, top, name):
        self.name, self.top = name, top / name
        self.incoming = self.top / "incoming"
        self.incoming.mkdir(parents=True)
        (self.top / "spool").mkdir()
        made = subprocess.run(["nncp-cfgnew", "-nocomments"], capture_output=True, text=True, check=True)
        self.self_part = re.search(r"self:\s*\{(.*?)\}", made.stdout, re.S).group(1)
        self.keys = dict(re.findall(r"(\w+):\s*(\S+)", self.self_part))
        self.config = self.top / "nncp.hjson"

    def told(self, name):
        """What others write of this node into their settings."""
        keys = "\n".join(f"      {key}: {self.keys[key]}" for key in ("id", "exchpub", "signpub", "noisepub"))
        return f"    {name}: {{\n{keys}\n      incoming: {self.incoming}\n    }}\n"

    def meet(self, other):
        other_told = other.told(other.name).replace(str(other.incoming), str(self.incoming))
        self.config.write_text(
            f"{{\n  spool: {self.top}/spool\n  log: {self.top}/log\n  self: {{{self.self_part}}}\n"
            f"  neigh: {{\n{self.told('self')}{other_told}  }}\n}}\n")

    def run(self, program, *arguments, **streams):
        command = [program, "-cfg", self.config, "-quiet", "-noprogress", *arguments]
        if program == "nncp-toss":
            command.remove("-noprogress")
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **streams)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pack(sender, messages, folder):
    for number, message in enumerate(messages):
        path = folder / f"{number}.msg"
        path.write_bytes(message)
        sender.run("nncp-file", path, "receiver:")
        path.unlink()


def check_received(receiver, messages):
    received = {path.read_bytes() for path in receiver.incoming.iterdir() if path.is_file()}
    if received != set(messages):
        raise RuntimeError(f"NNCP brought {len(received)} of {len(messages)} messages")
    for path in receiver.incoming.iterdir():
        path.unlink()


def by_drive(sender, receiver, top):
    """What the receiver does: takes packets from the drive, and tosses them."""
    drive = top / "drive"
    drive.mkdir()
    sender.run("nncp-xfer", "-keep", "-mkdir", "-tx", drive)

    def receive():
        receiver.run("nncp-xfer", "-rx", drive)
        receiver.run("nncp-toss")
        os.sync()

    return seconds_of(receive)


def by_bundle(sender, receiver, top):
    stream = top / "stream"
    with open(stream, "wb") as out:
        sender.run("nncp-bundle", "-tx", "receiver", stdout=out)

    def receive():
        with open(stream, "rb") as source:
            receiver.run("nncp-bundle", "-rx", stdin=source)
        receiver.run("nncp-toss")
        os.sync()

    return seconds_of(receive)


def receive_s(way, messages):
    """Seconds for sending, and for receiving."""
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-") as name:
        top = pathlib.Path(name)
        sender, receiver = Node(top, "sender"), Node(top, "receiver")
        sender.meet(receiver)
        receiver.meet(sender)
        sent = seconds_of(lambda: pack(sender, messages, top))
        received = way(sender, receiver, top)
        check_received(receiver, messages)
        return sent, received


def visit_s(count, today):
    """From the start of wcmpd to the end of its visit."""
    with tempfile.TemporaryDirectory(prefix="wcmp-bench-") as name:
        top = pathlib.Path(name)
        settings(top)
        Daemon(top).stop()  # makes the store
        make_bundles(top / "drive/WCMP", count, 3, today, body_exp=11)
        settings(top, top / "drive")
        start = time.perf_counter()
        daemon = Daemon(top)
        seen, _, _ = daemon.wait_for_visit()
        seconds = time.perf_counter() - start
        daemon.stop()
        if seen["state"] != "done" or seen["result"]["imported"] != count:
            raise RuntimeError(f"the visit went wrong: {seen}")
        return seconds


def main():
    figures = Figures()
    rows = {"nncp_xfer": by_drive, "nncp_bundle": by_bundle}
    today = relay.today()
    messages = bundles.make_messages(5, SENT_BY_NNCP, today, body_exp=11)
    failed = False
    for row, way in rows.items():
        try:
            if not shutil.which("nncp-xfer"):
                raise RuntimeError("nncp is not installed (scripts/setup --bench)")
            for _ in range(RUNS):
                sent, received = receive_s(way, messages)
                ours = visit_s(SENT_BY_WCMP, today)
                figures.add(row, "send_ms", sent / len(messages) * 1e3)
                figures.add(row, "receive_ms", received / len(messages) * 1e3)
                figures.add(row, "wcmp_ms", ours / SENT_BY_WCMP * 1e3)
                figures.add(row, "times", received / len(messages) / (ours / SENT_BY_WCMP))
            say(f"{row}: a message sent, received", f"{figures.median(row, 'send_ms'):.3f} ms,"
                f" {figures.median(row, 'receive_ms'):.3f} ms")
            say("  received by wcmpd", f"{figures.median(row, 'wcmp_ms'):.4f} ms")
        except Exception as error:  # noqa: BLE001 - whatever it is, the other row is measured
            figures.refuse(row, str(error))
            say(f"{row} failed", error)
            failed = True
        figures.write()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
