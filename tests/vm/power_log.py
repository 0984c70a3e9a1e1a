"""What a disk may hold after a power cut, from a record of all that was written to it (dm-log-writes).

The record has the writes in the order in which they were complete, and the flushes. Whatever stands before a
flush was on the medium when that had been answered. Of what came after it, each 512 bytes may be there or
not: the disk's cache is written in any order, and not to the end.
"""

import dataclasses
import struct

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
END_MARK = "dm-log-writes-end"  # set by the kernel when the record is closed


@dataclasses.dataclass
class Entry:
    flags: int
    offset: int
    data: bytes
    mark: str


def read_entries(file):
    """The entries of a record, from its first byte on."""
    magic, version, count, sector_bytes = struct.unpack("<QQQI", file.read(28))
    if (magic, version) != (MAGIC, 1):
        raise ValueError("this is no record of dm-log-writes")
    file.seek(sector_bytes)
    for _ in range(count):
        head = file.read(sector_bytes)
        sector, sectors, flags, text_bytes = struct.unpack_from("<QQQQ", head)
        mark = head[32 : 32 + text_bytes].decode() if flags & MARK else ""
        data = b"" if flags & DISCARD else file.read(sectors * SECTOR)
        if mark != END_MARK:
            yield Entry(flags, sector * SECTOR, data, mark)


class Replay:
    """Goes through a record, from one cut to a later one."""

    def __init__(self, medium, entries):
        """medium: the disk as it was when the record began, a bytearray."""
        self.medium = medium  # what surely is on the disk
        self._entries = entries
        self._pending = []  # complete, not flushed
        self._next = 0
        self.last_mark = None

    def advance(self, position):
        """To the moment after entry number `position`."""
        while self._next <= position:
            entry = self._entries[self._next]
            self._next += 1
            if entry.flags & FLUSH:
                self._settle()
            if entry.mark:
                self.last_mark = entry.mark
            elif entry.flags & FUA:
                self._pending.append(entry)
                self._settle_one(entry)
            elif entry.data:
                self._pending.append(entry)

    def _settle(self):
        for entry in self._pending:
            self._settle_one(entry)
        self._pending = []

    def _settle_one(self, entry):
        self.medium[entry.offset : entry.offset + len(entry.data)] = entry.data

    def survivors(self, chance):
        """What else happened to reach the disk: (offset, bytes), in the order of writing."""
        share = chance.choice([0.1, 0.5, 0.9, 1.0])
        found = []
        for entry in self._pending:
            whole = entry.flags & FUA or chance.random() < 0.5
            kept = whole and (entry.flags & FUA or chance.random() < share)
            for start in range(0, len(entry.data), SECTOR):
                if kept if whole else chance.random() < share:
                    found.append((entry.offset + start, entry.data[start : start + SECTOR]))
        return found
