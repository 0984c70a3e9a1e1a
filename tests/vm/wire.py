"""JSON objects, one a line, over the Unix sockets that QEMU listens on."""

import json
import select
import socket
import time


class JsonLines:
    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._rest = b""

    def send(self, message, before=b""):
        self._socket.sendall(before + json.dumps(message).encode() + b"\n")

    def receive(self, timeout):
        """The next object, or None when none came in time. What is no JSON is passed over."""
        end = time.monotonic() + timeout
        while True:
            while b"\n" in self._rest:
                line, self._rest = self._rest.split(b"\n", 1)
                try:
                    # The guest's agent puts 0xff before the first answer after a synchronisation.
                    return json.loads(line.rsplit(b"\xff", 1)[-1])
                except ValueError:
                    continue
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                return None
            data = self._socket.recv(1 << 20)
            if not data:
                raise ConnectionError("QEMU has closed its socket")
            self._rest += data

    def close(self):
        self._socket.close()


class MonitorError(RuntimeError):
    """QEMU refused a command."""


class Monitor:
    """The QEMU Machine Protocol."""

    def __init__(self, path):
        self._wire = JsonLines(path)
        self._events = []
        while "QMP" not in (self._wire.receive(20) or {}):
            pass
        self.execute("qmp_capabilities")

    def execute(self, command, arguments=None, timeout=60):
        self._wire.send({"execute": command, "arguments": arguments or {}})
        while True:
            answer = self._wire.receive(timeout)
            if answer is None:
                raise TimeoutError(f"QEMU does not answer to {command}")
            if "event" in answer:
                self._events.append(answer)
            elif "error" in answer:
                raise MonitorError(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def wait_event(self, name, device, timeout=60):
        end = time.monotonic() + timeout
        while True:
            for event in self._events:
                if event["event"] == name and event["data"].get("device") == device:
                    self._events.remove(event)
                    return
            answer = self._wire.receive(max(0.0, end - time.monotonic()))
            if answer is None:
                raise TimeoutError(f"QEMU does not report {name} of {device}")
            if "event" in answer:
                self._events.append(answer)

    def close(self):
        self._wire.close()
