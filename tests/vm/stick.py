"""Images of USB sticks, made and read without mounting anything (mtools), so that a second implementation of
FAT judges what the kernel's has written."""

import pathlib
import random
import struct
import subprocess
import tempfile
import uuid

SECTOR = 512
FIRST_PARTITION = 1 << 20
TYPES = {"vfat": 0x0C, "exfat": 0x07, "luks": 0x83}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout


def empty(path, megabytes):
    with open(path, "wb") as file:
        file.truncate(megabytes << 20)
    return path


def put_table(path, partitions):
    """A partition table; partitions: (kind, start, bytes)."""
    entries = b"".join(
        struct.pack("<4xB3xII", TYPES[kind], start // SECTOR, size // SECTOR)
        for kind, start, size in partitions)
    with open(path, "r+b") as file:
        file.seek(440)
        number = struct.pack("<IH", len(partitions) + 0x57434D50, 0)
        file.write(number + entries.ljust(64, b"\0") + b"\x55\xaa")


def make_folder(path, folder, offset=FIRST_PARTITION):
    run("mmd", "-i", f"{path}@@{offset}", f"::{folder}")


def put_files(path, files, offset=FIRST_PARTITION):
    """files: path on the stick -> bytes; their folders must be there."""
    medium = f"{path}@@{offset}"
    with tempfile.TemporaryDirectory() as work:
        for name, data in files.items():
            (pathlib.Path(work) / "file").write_bytes(data)
            run("mcopy", "-o", "-i", medium, pathlib.Path(work) / "file", f"::{name}")


def format_fat(path, offset, size, files, *options):
    run("mkfs.vfat", "-F", "32", "-s", "1", "-I", *options, f"--offset={offset // SECTOR}", path,
        size // 1024)
    for folder in sorted({str(pathlib.PurePosixPath(name).parent) for name in files} - {"."}):
        make_folder(path, folder, offset)
    put_files(path, files, offset)


def fat32(path, files=None, megabytes=64, table=True, options=()):
    """One partition, or none: the file system is the whole stick then. options: of mkfs.vfat."""
    empty(path, megabytes)
    offset = FIRST_PARTITION if table else 0
    size = (megabytes << 20) - offset
    format_fat(path, offset, size, files or {}, *options)
    if table:
        put_table(path, [("vfat", offset, size)])
    return path


def two_partitions(path, first, second, megabytes=80):
    empty(path, megabytes)
    size = (megabytes << 19) - FIRST_PARTITION
    places = [FIRST_PARTITION, FIRST_PARTITION + size]
    for offset, files in zip(places, (first, second)):
        format_fat(path, offset, size, files)
    put_table(path, [("vfat", offset, size) for offset in places])
    return path, places


def exfat(path, megabytes=64):
    """Empty: nothing but a kernel writes into this one here."""
    empty(path, megabytes)
    size = (megabytes << 20) - FIRST_PARTITION
    with tempfile.TemporaryDirectory() as work:
        part = empty(pathlib.Path(work) / "part", size >> 20)
        run("mkfs.exfat", part)
        run("dd", f"if={part}", f"of={path}", "bs=1M", "seek=1", "conv=notrunc,sparse")
    put_table(path, [("exfat", FIRST_PARTITION, size)])
    return path


def luks(path, megabytes=16):
    """The header by which encryption is recognised; there is nothing behind it."""
    empty(path, megabytes)
    header = struct.pack(">6sH32s32s32sII20s32sI40s", b"LUKS\xba\xbe", 1, b"aes", b"xts-plain64", b"sha256",
                         4096, 32, b"", b"", 1000, str(uuid.UUID(int=7)).encode())
    with open(path, "r+b") as file:
        file.seek(FIRST_PARTITION)
        file.write(header)
    put_table(path, [("luks", FIRST_PARTITION, (megabytes << 20) - FIRST_PARTITION)])
    return path


def mark_dirty(path, offset=FIRST_PARTITION):
    """As a stick is that was pulled out while it was mounted."""
    with open(path, "r+b") as file:
        file.seek(offset + 65)  # the state in the boot sector of FAT32
        file.write(b"\x01")


def is_dirty(path, offset=FIRST_PARTITION):
    with open(path, "rb") as file:
        file.seek(offset + 65)
        return file.read(1) != b"\0"


def free_bytes(path, offset=FIRST_PARTITION):
    listing = run("mdir", "-i", f"{path}@@{offset}", "::").decode()
    return int(listing.rstrip().splitlines()[-1].replace("bytes free", "").replace(" ", ""))


def fill(path, leave_bytes, offset=FIRST_PARTITION):
    put_files(path, {"FILL.BIN": bytes(free_bytes(path, offset) - leave_bytes)}, offset)


def damage(path, seed, offset=FIRST_PARTITION):
    """What no formatter makes: chains that run in circles, folders in themselves, sizes without data."""
    chance = random.Random(seed)
    with open(path, "r+b") as file:
        file.seek(offset)
        boot = file.read(SECTOR)
        reserved, fats = struct.unpack_from("<H", boot, 14)[0], boot[16]
        fat_bytes = struct.unpack_from("<I", boot, 36)[0] * SECTOR
        data = offset + reserved * SECTOR + fats * fat_bytes
        for _ in range(60):  # links of the allocation table
            file.seek(offset + reserved * SECTOR + 4 * chance.randrange(2, 400))
            file.write(struct.pack("<I", chance.choice([2, 3, 0x0FFFFFF7, chance.randrange(1 << 28)])))
        for _ in range(60):  # entries of folders
            file.seek(data + 32 * chance.randrange(16 * 60))
            file.write(chance.randbytes(11) + bytes([chance.choice([0x10, 0x20, 0x08, 0xFF])]) + bytes(8)
                       + struct.pack("<HIHI", 0, 0, 2, 0xFFFFFFFF))


def read_files(path, folder="WCMP", offset=FIRST_PARTITION):
    """The files of a folder, by name; what cannot be read is left out."""
    with tempfile.TemporaryDirectory() as work:
        command = ["mcopy", "-s", "-n", "-i", f"{path}@@{offset}", f"::{folder}", work]
        subprocess.run(command, capture_output=True)
        here = pathlib.Path(work) / folder
        return {file.name: file.read_bytes() for file in here.glob("*") if file.is_file()}


def is_sound(path, offset=FIRST_PARTITION):
    """What fsck.vfat says; the mark of having been pulled out is no damage."""
    with tempfile.TemporaryDirectory() as work:
        part = pathlib.Path(work) / "part"
        run("dd", f"if={path}", f"of={part}", "bs=1M", f"skip={offset >> 20}", "conv=sparse")
        with open(part, "r+b") as file:
            file.seek(65)
            file.write(b"\0")
        return subprocess.run(["fsck.vfat", "-n", part], capture_output=True).returncode == 0


def faults(path, offset=FIRST_PARTITION):
    """What fsck.vfat says of files. Places that nobody has are no fault, nor is a pulled-out stick's mark."""
    with tempfile.TemporaryDirectory() as work:
        part = pathlib.Path(work) / "part"
        run("dd", f"if={path}", f"of={part}", "bs=1M", f"skip={offset >> 20}", "conv=sparse")
        said = subprocess.run(["fsck.vfat", "-n", "part"], cwd=work, capture_output=True, text=True)
        failed = [said.stderr] if said.returncode > 1 else []
        return failed + [line for line in said.stdout.splitlines() if line.startswith("/")]
