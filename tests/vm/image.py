"""The guest: a Debian with its own kernel, systemd and udev, and the programs as `cmake --install` leaves
them.

    image.build("bookworm", tree)  ->  the folder with vmlinuz, initrd.img and rootfs.ext4

The distribution's part is kept under a name that carries a hash of all it is made from, so it is made once a
machine; so is the whole, by a hash of the installed tree. Both need root: the files in it belong to the
guest's users.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "wcmp-vm"
KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
HERE = pathlib.Path(__file__).resolve().parent

PACKAGES = """
    systemd systemd-sysv udev dbus kmod util-linux procps python3 qemu-guest-agent initramfs-tools
    linux-image-amd64 dosfstools mtools exfatprogs e2fsprogs dmsetup
""".split()
# What a desktop has to do with sticks: who is asked to mount them, who asks by itself when one is plugged in,
# and what tells both that a person sits before the machine.
DESKTOP_PACKAGES = "udisks2 udiskie polkitd libpam-systemd dbus-user-session".split()
# What the programs are linked with.
LIBRARIES = {
    "bookworm": ["libbotan-2-19", "libspdlog1.10", "libfmt9", "libudev1"],
    "trixie": ["libbotan-3-7", "libspdlog1.15", "libfmt10", "libudev1"],
}
# The machine's one light: of the keyboard, which nobody types on.
LIGHT = "input0::scrolllock"
# Of no use here, and slow on an emulated processor.
MASKED = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
    fstrim.timer getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service
    systemd-networkd.service systemd-pstore.service systemd-update-utmp.service systemd-random-seed.service
""".split()


def mirror():
    """Where this machine's own packages come from: no host is named here."""
    for path in sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")):
        for part in path.read_text().split("\n\n"):
            found = re.search(r"^URIs:\s*(\S+)", part, re.MULTILINE | re.IGNORECASE)
            if found and re.search(r"^Components:.*\bmain\b", part, re.MULTILINE | re.IGNORECASE):
                return found[1]
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*.list")]
    for path in filter(pathlib.Path.exists, lists):
        found = re.search(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+\S+\s+main\b", path.read_text(), re.MULTILINE)
        if found:
            return found[1]
    raise RuntimeError("the sources of apt name no archive of Debian")


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def tree_digest(tree):
    whole = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        whole.update(f"{path.relative_to(tree)} {path.lstat().st_mode}\0".encode())
        if path.is_file() and not path.is_symlink():
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


@contextlib.contextmanager
def made_once(name):
    """The folder of this name; yields a second, empty one to fill when it is not there yet, else None."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = CACHE / name
        if target.exists():
            yield target, None
            return
        work = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}.making.", dir=CACHE))
        try:
            yield target, work
            work.rename(target)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise


# Runs before the packages are configured: the initial file system is made meanwhile, with these drivers only.
SETUP = r"""
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'MODULES=list\nCOMPRESS=gzip\n' >"$1/etc/initramfs-tools/conf.d/guest"
printf 'virtio_pci\nvirtio_blk\next4\ncrc32c\ncrc32c_generic\n' >"$1/etc/initramfs-tools/modules"
"""

CUSTOMIZE = r"""
echo box >"$1/etc/hostname"
echo '/dev/vda / ext4 rw,noatime 0 0' >"$1/etc/fstab"
echo 00000000000000000000000000000001 >"$1/etc/machine-id"
touch "$1/etc/.updated" "$1/var/.updated"
rm -f "$1/etc/resolv.conf"
ln -sf /usr/lib/systemd/system/multi-user.target "$1/etc/systemd/system/default.target"
mkdir -p "$1/etc/systemd/journald.conf.d" "$1/etc/systemd/system.conf.d"
printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >"$1/etc/systemd/journald.conf.d/guest.conf"
printf '[Manager]\nDefaultTimeoutStartSec=180s\nDefaultDeviceTimeoutSec=180s\n' \
    >"$1/etc/systemd/system.conf.d/guest.conf"
"""


def install_packages(suite, packages, root, *options):
    """Makes a folder that could be the root of a system with these packages and what they need."""
    leave_out = ("doc", "man", "locale", "info")
    run("mmdebstrap", "--quiet", "--mode=root", "--variant=apt", f"--keyring={KEYRING}",
        "--include=" + ",".join(packages),
        "--aptopt=Acquire::Languages \"none\"", "--aptopt=Acquire::Retries \"3\"",
        *(f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in leave_out),
        *options, suite, root, mirror())


def distribution(suite, more=()):
    """The folder with the distribution's part: root/, vmlinuz, initrd.img."""
    packages = PACKAGES + LIBRARIES[suite] + list(more)
    name = f"{suite}-{digest(SETUP, CUSTOMIZE, *packages, *MASKED)}"
    with made_once(name) as (target, work):
        if work is None:
            return target
        started = time.monotonic()
        (work / "setup").write_text("set -e\n" + SETUP)
        masks = "".join(f'ln -sf /dev/null "$1/etc/systemd/system/{unit}"\n' for unit in MASKED)
        (work / "customize").write_text("set -e\n" + CUSTOMIZE + masks)
        install_packages(suite, packages, work / "root", f'--setup-hook=sh {work}/setup "$1"',
                         f'--customize-hook=sh {work}/customize "$1"')
        for kernel, plain in (("vmlinuz-*", "vmlinuz"), ("initrd.img-*", "initrd.img")):
            shutil.copy(next((work / "root/boot").glob(kernel)), work / plain)
        (work / "seconds").write_text(f"{time.monotonic() - started:.0f}\n")
    return target


def enable(root):
    """What an administrator does after the installation, for a root that is not running."""
    (root / "etc/default").mkdir(exist_ok=True)
    (root / "etc/default/wcmp-mountd").write_text(f'WCMP_MOUNTD_OPTIONS="--led {LIGHT}"\n')
    run("systemd-sysusers", f"--root={root}")
    run("systemctl", f"--root={root}", "enable", "wcmpd.service", "wcmp-mountd.service")


PERSON, PERSON_ID = "anna", 1000
# Logged in at the first console from the start on: who is active there may mount what is plugged in.
AUTOLOGIN = f"""
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin {PERSON} --noclear %I linux
"""
AUTOMOUNTER = """
[Service]
ExecStart=/usr/bin/udiskie --no-notify --no-tray --no-file-manager
[Install]
WantedBy=default.target
"""
# By their labels, as an administrator would write them for sticks that are nobody's business.
IGNORED = """
ENV{ID_FS_LABEL}=="NOTOURS", ENV{WCMP_IGNORE}="1"
ENV{ID_FS_LABEL}=="NOBODYS", ENV{UDISKS_IGNORE}="1"
"""


def enable_desktop(root):
    """A person is logged in; the desktop's automounter and the relay are services of hers."""
    run("useradd", "--root", root, "--create-home", "--no-log-init", "--uid", PERSON_ID,
        "--shell", "/bin/sh", PERSON)
    (root / "etc/systemd/system/getty@tty1.service").unlink()
    files = {"etc/systemd/system/getty@tty1.service.d/autologin.conf": AUTOLOGIN,
             "etc/systemd/user/automounter.service": AUTOMOUNTER,
             "etc/udev/rules.d/90-ignored.rules": IGNORED}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    run("systemctl", f"--root={root}", "enable", "getty@tty1.service")
    run("systemctl", f"--root={root}", "--global", "enable", "automounter.service", "wcmpd.service")


def build_desktop(suite, tree):
    """The same for a laptop, in a larger image of its own."""
    return build(suite, tree, DESKTOP_PACKAGES, enable_desktop)


def build(suite, tree, more=(), enabling=enable):
    """tree: what `cmake --install` left below DESTDIR."""
    base = distribution(suite, more)
    own = (HERE / "image.py").read_text()
    with made_once(f"{base.name}-with-{digest(tree_digest(tree), own)}") as (target, work):
        if work is None:
            return target
        # Links are enough: whatever changes a file of the distribution puts a new one in its place.
        run("cp", "-al", base / "root", work / "root")
        run("cp", "-a", "--remove-destination", f"{tree}/.", work / "root")
        (work / "root").chmod(0o755)  # the installed tree's folder was for its maker only
        enabling(work / "root")
        # Room for what a relay leaves free.
        megabytes = int(run("du", "-sm", work / "root").split()[0]) * 13 // 10 + 2000
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-E", "lazy_itable_init=1", "-m", "0",
            "-d", work / "root", work / "rootfs.ext4", f"{megabytes}M")
        shutil.rmtree(work / "root")
        for name in ("vmlinuz", "initrd.img"):
            os.link(base / name, work / name)
    forget_older(target)
    return target


def forget_older(kept):
    """One whole image a distribution stays: each is some hundred megabytes."""
    for path in CACHE.glob(kept.name.split("-with-")[0] + "-with-*"):
        if path.is_dir() and path != kept and ".making." not in path.name:
            shutil.rmtree(path, ignore_errors=True)
