"""Messages and bundles made from the text of the formats alone, for tests from outside.

The messages are well-formed (lib/message/FORMAT.md, section 8) and for nobody: random bytes where a relay
cannot look.
"""

import hashlib
import random
import struct

HEADER = struct.Struct(">8sQIIQ32s")
MAGIC = b"WCMPBDL1"
CUT_BYTES = 64 << 20


def make_message(rng, expires, body_exp=10, slot_exp=2):
    tags = sorted(rng.randbytes(16) for _ in range(1 << slot_exp))
    parts = [bytes([1]), rng.randbytes(32), struct.pack(">IBB", expires, body_exp, slot_exp)]
    parts += [rng.randbytes(1 << body_exp), rng.randbytes(32)]
    for tag in tags:
        enc = bytearray(rng.randbytes(32))
        enc[31] &= 0x3F  # surely below p
        parts += [bytes(enc), rng.randbytes(48), tag]
    return b"".join(parts) + rng.randbytes(64)


def message_id(message):
    return hashlib.sha256(message).digest()


def expires_of(message):
    return struct.unpack_from(">I", message, 33)[0]


def make_bundle(messages):
    """The file name and the bytes of the bundle of a set of messages that fits one piece."""
    entries = sorted({(expires_of(m), message_id(m)): m for m in messages}.items())
    days = {}
    index = bytearray()
    offset = 0
    for (day, name), message in entries:
        days[day] = days.get(day, 0) + 1
        index += name + struct.pack(">II", offset, len(message))
        offset += len(message)
    table = b"".join(struct.pack(">II", day, count) for day, count in sorted(days.items()))
    digest = hashlib.sha256(table + bytes(index)).digest()
    start = 64 + len(table) + len(index)
    header = HEADER.pack(MAGIC, start + offset, len(days), len(entries), start, digest)
    data = header + table + bytes(index) + b"".join(message for _, message in entries)
    return f"{min(days)}-{max(days)}-{digest[:16].hex()}.wcmp", data


def read_bundle(data):
    """The messages of a sound bundle, checked; raises AssertionError for anything else."""
    magic, size, day_count, count, start, digest = HEADER.unpack_from(data)
    assert magic == MAGIC and size == len(data), "header"
    table = data[64 : 64 + 8 * day_count]
    index = data[64 + 8 * day_count : start]
    assert start == 64 + 8 * day_count + 40 * count, "messages offset"
    assert hashlib.sha256(table + index).digest() == digest, "index hash"
    days = [day for day, n in struct.iter_unpack(">II", table) for _ in range(n)]
    messages = []
    for day, (name, offset, length) in zip(days, struct.iter_unpack(">32sII", index), strict=True):
        message = data[start + offset : start + offset + length]
        assert message_id(message) == name and expires_of(message) == day, "message"
        messages.append(message)
    return messages


def read_folder(folder):
    """All messages of the bundles of a folder, by id."""
    return {message_id(m): m for path in folder.glob("*.wcmp") for m in read_bundle(path.read_bytes())}


def make_messages(seed, count, first_day, days=28, body_exp=10):
    rng = random.Random(seed)
    return [make_message(rng, first_day + rng.randrange(1, days + 1), body_exp) for _ in range(count)]
