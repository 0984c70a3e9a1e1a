"""A machine of its own with a USB port, into which drives are plugged.

    with Machine(image) as machine:
        machine.sh("uname -r")
        stick = machine.plug("stick.img")
        machine.pull(stick)

It is emulated, so it needs no rights and no special hardware. Its root disk is a throw-away layer over the
image.
"""

import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import agent
import wire

BOOT_S = 600
PROGRAM = "qemu-system-x86_64"


def accelerator():
    """/dev/kvm alone proves nothing: where virtual machines are nested in software it is there, and a kernel
    that is not made for that dies in it."""
    hardware = any(os.path.isdir(f"/sys/module/{name}") for name in ("kvm_intel", "kvm_amd"))
    if hardware and os.access("/dev/kvm", os.R_OK | os.W_OK):
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "Nehalem"]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a killed test leaves no machine behind


class Machine:
    def __init__(self, image, disks=()):
        """disks: image files that are there from the start, as /dev/vdb, ..."""
        self.image = pathlib.Path(image)
        self.disks = disks
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wcmp-vm."))
        self._count = 0
        self._process = self._monitor = self._agent = None

    def _command(self):
        image, folder = self.image, self.folder
        command = [PROGRAM, "-machine", "q35,usb=off", *accelerator(), "-m", "1024", "-smp", "2"]
        command += ["-nodefaults", "-display", "none", "-nic", "none", "-no-reboot"]
        # Without other inputs the keyboard, whose light is used, has the same number at every start.
        command += ["-kernel", image / "vmlinuz", "-initrd", image / "initrd.img", "-append",
                    "root=/dev/vda rw console=ttyS0 quiet loglevel=4 mitigations=off systemd.show_status=0 "
                    "random.trust_cpu=on panic=-1 module_blacklist=button,psmouse,pcspkr"]
        for number, (path, throw_away) in enumerate([(image / "rootfs.ext4", "on"),
                                                     *((path, "off") for path in self.disks)]):
            command += ["-drive", f"if=none,id=disk{number},file={path},format=raw,cache=unsafe,"
                                  f"snapshot={throw_away}"]
            command += ["-device", f"virtio-blk-pci,drive=disk{number}"]
        command += ["-object", "rng-random,filename=/dev/urandom,id=random"]
        command += ["-device", "virtio-rng-pci,rng=random"]
        command += ["-serial", f"file:{folder}/console"]
        command += ["-chardev", f"socket,id=monitor,path={folder}/monitor,server=on,wait=off"]
        command += ["-mon", "chardev=monitor,mode=control", "-device", "virtio-serial-pci"]
        command += ["-chardev", f"socket,id=agent,path={folder}/agent,server=on,wait=off"]
        command += ["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"]
        command += ["-device", "qemu-xhci,id=usb,p2=8,p3=8"]
        return [str(part) for part in command]

    # --- on and off

    def __enter__(self):
        try:
            return self.start()
        except BaseException as error:
            error.add_note(f"console:\n{self.console()}\nQEMU:\n{self._said()}")
            self.off()
            raise

    def __exit__(self, *_):
        self.off()

    def start(self, plugged=()):
        """plugged: sticks that are in from the start."""
        with open(self.folder / "qemu", "wb") as said:
            self._process = subprocess.Popen(
                [*self._command(), "-S"], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                preexec_fn=die_with_parent,
                env={**os.environ, "TMPDIR": str(self.folder)},  # where the throw-away layer is
            )
        self._monitor = self._connect(wire.Monitor, "monitor")
        for path in plugged:
            self.plug(path)
        self._monitor.execute("cont")
        self._agent = self._connect(agent.Agent, "agent")
        end = time.monotonic() + BOOT_S
        while not self._agent.answers(1):
            self._check_runs()
            if time.monotonic() > end:
                raise TimeoutError("the guest does not come up")
        return self

    def off(self):
        """A power cut: nothing is written that was not."""
        if self._process:
            self._process.kill()
            self._process.wait()
        for end in (self._monitor, self._agent):
            if end:
                end.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self, kind, name):
        end = time.monotonic() + 30
        while True:
            try:
                return kind(self.folder / name)
            except (FileNotFoundError, ConnectionRefusedError):
                self._check_runs()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)  # there is no event for a socket that is about to be made

    def _check_runs(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"QEMU has ended: {self._said()}\n{self.console()}")

    def _said(self):
        return (self.folder / "qemu").read_text(errors="replace")[-2000:]

    def console(self):
        path = self.folder / "console"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    # --- commands

    def try_sh(self, script, stdin=b"", timeout=300):
        return self._agent.run(["/bin/sh", "-c", script], stdin, timeout)

    def sh(self, script, stdin=b"", timeout=300):
        """What the script prints; an error when it fails."""
        ran = self.try_sh(script, stdin, timeout)
        if ran.status != 0:
            raise agent.GuestError(f"{script!r} ended with {ran.status}: {ran.out[-1000:]}{ran.err[-2000:]}")
        return ran.out

    def start_python(self, path, *arguments):
        return self._agent.start(["/usr/bin/python3", path, *map(str, arguments)])

    def finish(self, process, timeout):
        return self._agent.finish(process, timeout)

    def wait_until(self, condition, seconds=60):
        """Until a shell command succeeds in the guest. It is tried again there: a round trip costs more."""
        # By the time since the start: tests set the clock.
        script = (f"now() {{ read up rest </proc/uptime; up=${{up%.*}}; }}; now; end=$((up+{seconds})); "
                  f"while ! {{ {condition}\n}} >/dev/null 2>&1; do "
                  "now; [ $up -lt $end ] || exit 1; sleep 0.05; done")
        if self.try_sh(script, timeout=4 * seconds + 60).status != 0:
            raise TimeoutError(f"the guest has not come so far in {seconds} s: {condition}")

    def put(self, data, path, mode="0644"):
        self.sh(f"mkdir -p $(dirname {path}) && cat >{path} && chmod {mode} {path}", stdin=data)

    # --- drives

    def plug(self, path, uas=False, read_only=False, serial=None):
        """Puts a stick in; its name."""
        self._count += 1
        stick = f"stick{self._count}"
        do = self._monitor.execute
        do("blockdev-add", {
            "driver": "raw", "node-name": f"{stick}-medium", "read-only": read_only,
            "file": {"driver": "file", "filename": str(path), "aio": "threads"},
        })
        if uas:
            do("device_add", {"driver": "usb-uas", "id": stick, "bus": "usb.0"})
            do("device_add", {"driver": "scsi-hd", "id": f"{stick}-disk", "bus": f"{stick}.0",
                              "drive": f"{stick}-medium", "serial": serial or stick})
            # An enclosure is plugged in when its disk is in it.
            do("qom-set", {"path": f"/machine/peripheral/{stick}", "property": "attached", "value": True})
        else:
            do("device_add", {"driver": "usb-storage", "id": stick, "bus": "usb.0", "removable": True,
                              "drive": f"{stick}-medium", "serial": serial or stick})
        return stick

    def pull(self, stick):
        """Pulls a stick out. The guest is not asked, and learns of it when it is gone."""
        self._monitor.execute("device_del", {"id": stick})
        self._monitor.wait_event("DEVICE_DELETED", stick)
        end = time.monotonic() + 60
        while True:
            try:
                return self._monitor.execute("blockdev-del", {"node-name": f"{stick}-medium"})
            except wire.MonitorError:  # what is under way holds it for a moment
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
