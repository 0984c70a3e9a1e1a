"""Another Debian than this machine's, in a folder that is its root: its compiler and its libraries build the
programs there, and every test that needs no machine of its own runs there.

    chroot.py trixie COMMAND ARGUMENT...      runs a command there, in this tree; its exit status
    chroot.py own                             prints this machine's distribution
    chroot.py other                           prints the one that this machine is not

The distribution's part is made once a machine, as the guest's is. What is built stays in build/<suite>.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import image

TOP = image.HERE.parents[1]
RELEASES = {"bookworm": "12", "trixie": "13"}
SKIPPED = 77


def own():
    """This machine's own distribution."""
    text = pathlib.Path("/etc/os-release").read_text()
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", "").strip('"')


def other():
    return next(suite for suite in RELEASES if suite != own())


def why_not(suite):
    """Why it cannot be made on this machine, or None."""
    if suite not in RELEASES:
        return f"there is none called {suite}, only {' and '.join(RELEASES)}"
    if own() not in RELEASES:
        return f"this machine's packages are of another distribution than {' or '.join(RELEASES)}"
    for program in ("mmdebstrap", "unshare"):
        if shutil.which(program) is None:
            return f"{program} is not installed (scripts/setup --vm)"
    if os.geteuid() != 0:
        return "a folder can be the root of a process only for root"
    return None


def distribution(suite):
    """The folder with its root/: what scripts/setup wants there to build and to test."""
    packages = image.run(TOP / "scripts/setup", "--list", RELEASES[suite]).split()
    with image.made_once(f"{suite}-build-{image.digest(*packages)}") as (target, work):
        if work is not None:
            print(f"making a folder with {suite} to build in: some minutes, once", file=sys.stderr)
            image.install_packages(suite, packages, work / "root")
    return target


# In a space of its own, so that nothing stays mounted. Its network and its devices are this machine's. The
# folder becomes the root of all mounts, not only of a process: else nothing there may make such a space.
ENTER = r"""
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
while [ "$1" != -- ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
done
shift
cd "$root"
PATH=/usr/sbin:/usr/bin:/sbin:/bin
pivot_root . .
umount -l .
cd /src
exec env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 "$@"
"""


def run(suite, *command, bound=(), **options):
    """Runs a command there, with this tree as /src; bound: more pairs of a folder here and its path there."""
    folders = [str(part) for pair in [(TOP, "/src"), *bound] for part in pair]
    # Without that, a killed test leaves a compiler behind.
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--propagation", "private"]
    enter = [*apart, "sh", "-euc", ENTER, "sh", distribution(suite) / "root", *folders, "--", *command]
    return subprocess.run([str(part) for part in enter], **options)


# Configured once: the build day is the configuration's, and a new one makes new programs.
INSTALL = r"""
build=build/$1
[ -e "$build/build.ninja" ] || cmake --preset dev -B "$build"
cmake --build "$build" --target lib/all daemon/all systemd/all
DESTDIR=/installed cmake --install "$build" --prefix /usr --strip
"""


def install(suite, tree):
    """Builds the programs there; what `cmake --install` leaves is below tree."""
    done = run(suite, "sh", "-euc", INSTALL, "sh", suite, bound=[(tree, "/installed")],
               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"the programs cannot be built on {suite}: {done.stdout[-3000:]}")


def main():
    suite, *command = sys.argv[1:]
    if not command:
        print({"own": own, "other": other}[suite]())
        return 0
    if reason := why_not(suite):
        print(f"skipped all of {suite}: {reason}")
        return SKIPPED
    return run(suite, *command).returncode


if __name__ == "__main__":
    sys.exit(main())
