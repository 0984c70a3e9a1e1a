"""The model of a disk that loses its power, on records made by hand."""

import io
import random
import struct
import unittest

import power_log
from power_log import FLUSH, FUA, MARK, SECTOR, Entry, Replay


def sectors(letters):
    return b"".join(letter.encode() * SECTOR for letter in letters)


def states(entries, position, tries=400):
    """All contents, a letter a sector, that a disk of four sectors may have after a cut there."""
    seen = set()
    for seed in range(tries):
        replay = Replay(bytearray(sectors("....")), entries)
        replay.advance(position)
        disk = bytearray(replay.medium)
        for offset, data in replay.survivors(random.Random(seed)):
            disk[offset : offset + len(data)] = data
        seen.add("".join(chr(disk[at]) for at in range(0, len(disk), SECTOR)))
    return seen


class PowerLog(unittest.TestCase):
    def test_what_was_flushed_stays(self):
        entries = [Entry(0, 0, sectors("a"), ""), Entry(FLUSH, 0, b"", "")]
        self.assertEqual(states(entries, 1), {"a..."})

    def test_what_was_not_flushed_may_be_there_or_not(self):
        entries = [Entry(0, 0, sectors("a"), ""), Entry(0, SECTOR, sectors("b"), "")]
        self.assertEqual(states(entries, 1), {"....", "a...", ".b..", "ab.."})

    def test_a_write_is_torn_between_sectors(self):
        self.assertEqual(states([Entry(0, 0, sectors("ab"), "")], 0), {"....", "a...", ".b..", "ab.."})

    def test_a_write_that_forces_itself_stays(self):
        entries = [Entry(0, 0, sectors("a"), ""), Entry(FUA, SECTOR, sectors("b"), "")]
        self.assertEqual(states(entries, 1), {".b..", "ab.."})

    def test_an_older_write_does_not_come_over_one_that_forced_itself(self):
        entries = [Entry(0, 0, sectors("a"), ""), Entry(FUA, 0, sectors("b"), "")]
        self.assertEqual(states(entries, 1), {"b..."})

    def test_a_flush_says_nothing_of_what_comes_after_it(self):
        entries = [Entry(FLUSH, 0, b"", ""), Entry(0, 0, sectors("a"), "")]
        self.assertEqual(states(entries, 1), {"....", "a..."})

    def test_a_record_is_read_as_the_kernel_writes_it(self):
        def entry(sector, count, flags, text=b""):
            return (struct.pack("<QQQQ", sector, count, flags, len(text)) + text).ljust(SECTOR, b"\0")

        head = struct.pack("<QQQI", power_log.MAGIC, 1, 4, SECTOR).ljust(SECTOR, b"\0")
        record = head + entry(2, 1, FUA) + sectors("x") + entry(0, 0, MARK, b"done 1") + entry(0, 0, FLUSH)
        record += entry(0, 0, MARK, power_log.END_MARK.encode())
        found = list(power_log.read_entries(io.BytesIO(record)))
        self.assertEqual(found, [Entry(FUA, 2 * SECTOR, sectors("x"), ""), Entry(MARK, 0, b"", "done 1"),
                                 Entry(FLUSH, 0, b"", "")])
        with self.assertRaises(ValueError):
            list(power_log.read_entries(io.BytesIO(bytes(SECTOR))))


if __name__ == "__main__":
    unittest.main(verbosity=2)
