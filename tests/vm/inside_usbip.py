"""Inside the guest: a USB device that a program plays, plugged into the kernel's virtual host controller.

The kernel speaks USB/IP over a socket (Documentation/usb/usbip_protocol.rst). When the socket is closed, the
device has been pulled out: the port is empty at once, and whatever was under way fails.
"""

import contextlib
import pathlib
import socket
import struct
import threading

CONTROLLER = pathlib.Path("/sys/devices/platform/vhci_hcd.0")
FREE = 4  # what the status of an empty port says
HIGH_SPEED = 3
IN, OUT = 1, 0
PACKET = 512

HEAD = struct.Struct(">IIIII")
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
REST = struct.Struct(">IiiIi8s")
RESULT = struct.Struct(">iiiii8x")
STALL = -32  # EPIPE: the endpoint refuses

ENDPOINT_IN, ENDPOINT_OUT = 1, 2
DEVICE, CONFIGURATION, STRING = 1, 2, 3
GET_STATUS, GET_DESCRIPTOR, GET_MAX_LUN = (0x80, 0), (0x80, 6), (0xA1, 0xFE)


def descriptors(serial):
    """What a memory stick says about itself, by (type, index)."""
    device = struct.pack("<BBHBBBBHHHBBBB", 18, DEVICE, 0x0200, 0, 0, 0, 64, 0x1209, 1, 0x0100, 1, 2, 3, 1)
    interface = struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, 8, 6, 80, 0)  # mass storage, SCSI, bulk only
    ends = b"".join(struct.pack("<BBBBHB", 7, 5, address, 2, PACKET, 0)
                    for address in (0x80 | ENDPOINT_IN, ENDPOINT_OUT))
    body = interface + ends
    whole = struct.pack("<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), 1, 1, 0, 0x80, 50) + body
    found = {(DEVICE, 0): device, (CONFIGURATION, 0): whole}
    found[STRING, 0] = struct.pack("<BBH", 4, STRING, 0x0409)
    for number, text in enumerate(("Emulated", "Stick", serial), 1):
        data = text.encode("utf-16-le")
        found[STRING, number] = bytes([2 + len(data), STRING]) + data
    return found


def free_port():
    for line in (CONTROLLER / "status").read_text().splitlines():
        fields = line.split()
        if fields[0] == "hs" and int(fields[2]) == FREE:
            return int(fields[1])
    raise RuntimeError("every port of the virtual host controller is taken")


class Gone(Exception):
    """The device is no longer in the port."""


class Device:
    """Plugged in by plug(). What it does with bulk data is for those derived from it."""

    def __init__(self, serial, when_out=lambda: None):
        self._descriptors = descriptors(serial)
        self._when_out = when_out
        self._socket = self._thread = self._trouble = None
        self.out = threading.Event()
        self.out.set()

    def host_gives(self, data):
        """Bulk data that the host has sent."""
        raise NotImplementedError

    def host_takes(self, size):
        """At most so many bytes of bulk data for the host, or None to refuse."""
        raise NotImplementedError

    def plug(self):
        ours, kernels = socket.socketpair()
        with kernels:
            self._socket = ours
            self.out.clear()
            words = f"{free_port()} {kernels.fileno()} {1 << 16 | 2} {HIGH_SPEED}"
            (CONTROLLER / "attach").write_text(words)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def pull(self):
        """Out, now. Nothing more reaches the device when this has returned."""
        with contextlib.suppress(OSError):  # it is out already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        if self._trouble:
            raise RuntimeError("the device was out because it failed") from self._trouble

    def _serve(self):
        try:
            while True:
                self._answer(*HEAD.unpack(self._receive(HEAD.size)))
        except Gone:
            pass
        except Exception as error:  # to be told by whoever pulls it out
            self._trouble = error
        finally:
            self._socket.close()
            self.out.set()
            self._when_out()

    def _receive(self, size):
        data = bytearray(size)
        view, got = memoryview(data), 0
        while got < size:
            try:
                more = self._socket.recv_into(view[got:])
            except OSError:
                more = 0
            if more == 0:
                raise Gone
            got += more
        return data

    def _send(self, data):
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Gone from error

    def _answer(self, command, number, _device, direction, endpoint):
        _, size, _, _, _, setup = REST.unpack(self._receive(REST.size))
        if command == UNLINK:  # it was answered before: whatever comes is answered at once
            self._send(HEAD.pack(UNLINKED, number, 0, 0, 0) + bytes(28))
            return
        data = self._receive(size) if direction == OUT else b""
        if endpoint == 0:
            back = self._control(setup, size)
        elif direction == OUT:
            self.host_gives(data)
            back = b""
        else:
            back = self.host_takes(size)
        status, back = (STALL, b"") if back is None else (0, back)
        length = size if direction == OUT else len(back)
        head = HEAD.pack(SUBMITTED, number, 0, 0, 0)
        self._send(head + RESULT.pack(status, length, 0, 0, 0) + back)

    def _control(self, setup, size):
        kind, request, value, _, _ = struct.unpack("<BBHHH", setup)
        if (kind, request) == GET_DESCRIPTOR:
            found = self._descriptors.get((value >> 8, value & 0xFF))
            return None if found is None else found[:size]
        if (kind, request) == GET_STATUS:
            return bytes(2)[:size]
        if (kind, request) == GET_MAX_LUN:
            return b"\0"
        return b""  # configurations, interfaces, halts: there is only one way to be
