"""Inside the guest: a memory stick whose medium is a file, and that is pulled out at an exact moment.

    stick = Stick("/run/sticks/a", random.Random(1))
    stick.pull_at(7, 3)     # in the midst of the 7th WRITE: 3 of its sectors arrive
    stick.plug()
    stick.out.wait()

The file holds exactly what the stick was sent. With a write cache it holds, after the stick was pulled out,
what a cache may leave: all that was flushed, and of the rest whatever chance kept, each 512 bytes for
themselves.
"""

import os
import struct

import inside_usbip
import power_log

SECTOR = power_log.SECTOR
COMMAND = struct.Struct("<4sIIBBB16s")
COMMAND_MARK, STATUS_MARK = b"USBC", b"USBS"
PASSED, FAILED = 0, 1

TEST_UNIT_READY, REQUEST_SENSE, INQUIRY, MODE_SENSE_6 = 0x00, 0x03, 0x12, 0x1A
START_STOP, PREVENT, READ_CAPACITY, READ_10, WRITE_10 = 0x1B, 0x1E, 0x25, 0x28, 0x2A
VERIFY_10, SYNCHRONIZE, MODE_SENSE_10 = 0x2F, 0x35, 0x5A
DONE_BY_DOING_NOTHING = (TEST_UNIT_READY, START_STOP, PREVENT, VERIFY_10)
NO_SENSE, ILLEGAL_REQUEST = (0, 0), (5, 0x20)
OUT_OF_RANGE = (5, 0x21)
CACHING_PAGE, ALL_PAGES = 0x08, 0x3F


class Medium:
    """A file, and a record of what was written to it."""

    def __init__(self, path, write_cache):
        self._file = os.open(path, os.O_RDWR)
        self.sectors = os.fstat(self._file).st_size // SECTOR
        self.write_cache = write_cache
        self.record = []  # (entry, what was there before)
        self._flushed = 0  # so many of these are safe

    def read(self, offset, size):
        return os.pread(self._file, size, offset)

    def write(self, offset, data):
        self.record.append((power_log.Entry(0, offset, bytes(data), ""), self.read(offset, len(data))))
        os.pwrite(self._file, data, offset)

    def flush(self):
        self._flushed = len(self.record)

    def lose_power(self, chance):
        """Leaves of the cache what may have reached the medium. Whoever asks again gets another chance."""
        pending = self.record[self._flushed :]
        for entry, before in reversed(pending):
            os.pwrite(self._file, before, entry.offset)
        replay = power_log.Replay(None, [entry for entry, _ in pending])
        replay.advance(len(pending) - 1)
        for offset, data in replay.survivors(chance):
            os.pwrite(self._file, data, offset)

    def close(self):
        os.close(self._file)


class Stick(inside_usbip.Device):
    def __init__(self, path, chance, write_cache=False, when_out=lambda: None):
        super().__init__(f"{chance.getrandbits(64):016X}", when_out)
        self._chance = chance
        self.medium = Medium(path, write_cache)
        self._moment = None
        self.writes = self.reads = self.flushes = 0  # commands since it was made
        self._tag = self._left = 0
        self._status, self._sense = PASSED, NO_SENSE
        self._phase = self._command
        self._to_host = b""
        self._write_to = None  # where the data of a WRITE go
        self._room = None  # how many of them arrive, when this is the moment

    def pull_at(self, write, sectors):
        """Out in the midst of this WRITE, the first being 1: so many of its sectors arrive, and no answer."""
        self._moment = (write, sectors)

    def pull(self):
        super().pull()
        if self.medium.write_cache:
            self.medium.lose_power(self._chance)

    # --- bulk only: a command, its data, its status

    def host_gives(self, data):
        self._phase(data)

    def host_takes(self, size):
        if self._left > 0:
            part, self._to_host = self._to_host[:size], self._to_host[size:]
            self._left = self._left - len(part) if len(part) == size else 0  # a short one ends the data
            return part
        status = struct.pack("<4sIIB", STATUS_MARK, self._tag, 0, self._status)
        self._phase = self._command
        return status

    def _command(self, packet):
        mark, self._tag, size, direction, _, _, command = COMMAND.unpack(packet)
        if mark != COMMAND_MARK:
            raise inside_usbip.Gone
        self._left, self._to_host, self._status = size, b"", PASSED
        self._do(command, size)
        if direction & 0x80 == 0 and size > 0:
            self._phase = self._data

    def _data(self, data):
        self._left -= len(data)
        if self._write_to is None:
            return
        part = data if self._room is None else data[: self._room]
        self.medium.write(self._write_to, part)
        self._write_to += len(part)
        if self._room is not None:
            self._room -= len(part)
            if self._room == 0 or self._left == 0:
                raise inside_usbip.Gone

    # --- SCSI

    def _do(self, command, size):
        what, self._write_to = command[0], None
        if what == INQUIRY:
            names = b"Emulated" + b"Stick".ljust(16) + b"1.00"
            self._to_host = struct.pack(">BBBBBxxx", 0, 0x80, 4, 2, 31) + names
        elif what == REQUEST_SENSE:
            key, code = self._sense
            self._to_host = struct.pack(">BBBIBIBB4x", 0x70, 0, key, 0, 10, 0, code, 0)
            self._sense = NO_SENSE
        elif what == READ_CAPACITY:
            self._to_host = struct.pack(">II", self.medium.sectors - 1, SECTOR)
        elif what == MODE_SENSE_6:
            pages = self._pages(command[2])
            self._to_host = bytes([3 + len(pages), 0, 0, 0]) + pages
        elif what == MODE_SENSE_10:
            pages = self._pages(command[2])
            self._to_host = struct.pack(">HBBHH", 6 + len(pages), 0, 0, 0, 0) + pages
        elif what in (READ_10, WRITE_10):
            self._move(what, *struct.unpack_from(">IxH", command, 2))
        elif what == SYNCHRONIZE:
            self.flushes += 1
            self.medium.flush()
        elif what not in DONE_BY_DOING_NOTHING:
            self._refuse(ILLEGAL_REQUEST)
        self._to_host = self._to_host[:size]

    def _refuse(self, sense):
        self._status, self._sense = FAILED, sense

    def _pages(self, page):
        if page & 0x3F not in (CACHING_PAGE, ALL_PAGES):
            return b""
        return bytes([CACHING_PAGE, 18, 4 if self.medium.write_cache else 0]) + bytes(17)

    def _move(self, what, first, count):
        if first + count > self.medium.sectors:
            self._refuse(OUT_OF_RANGE)
        elif what == READ_10:
            self.reads += 1
            self._to_host = self.medium.read(first * SECTOR, count * SECTOR)
        else:
            self.writes += 1
            self._write_to = first * SECTOR
            number, sectors = self._moment or (0, 0)
            self._room = sectors * SECTOR if number == self.writes else None
