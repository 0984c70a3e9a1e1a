"""The guest's agent: commands run in the guest, without network and without reading a console."""

import base64
import dataclasses
import time

import wire


class GuestError(RuntimeError):
    """A command in the guest failed, or the agent refused it."""


@dataclasses.dataclass
class Ran:
    status: int
    out: str
    err: str


class Agent:
    def __init__(self, path):
        self._wire = wire.JsonLines(path)
        self._number = 0

    def answers(self, timeout):
        """Drops what an earlier exchange left, and says whether the agent is there."""
        self._number += 1
        request = {"execute": "guest-sync-delimited", "arguments": {"id": self._number}}
        self._wire.send(request, before=b"\xff")
        end = time.monotonic() + timeout
        while (answer := self._wire.receive(max(0.0, end - time.monotonic()))) is not None:
            if answer.get("return") == self._number:
                return True
        return False

    def call(self, command, arguments, timeout=120):
        self._wire.send({"execute": command, "arguments": arguments})
        answer = self._wire.receive(timeout)
        while answer is not None and not isinstance(answer.get("return", {}), dict):
            answer = self._wire.receive(timeout)  # a late answer to answers()
        if answer is None:
            raise TimeoutError(f"the guest does not answer to {command}")
        if "error" in answer:
            raise GuestError(f"{command}: {answer['error']['desc']}")
        return answer["return"]

    def start(self, command, stdin=b""):
        """A command, a list, in the guest; its process id."""
        arguments = {"path": command[0], "arg": command[1:], "capture-output": True}
        if stdin:
            arguments["input-data"] = base64.b64encode(stdin).decode()
        return self.call("guest-exec", arguments)["pid"]

    def finish(self, process, timeout):
        end = time.monotonic() + timeout
        pause = 0.01
        while True:
            state = self.call("guest-exec-status", {"pid": process})
            if state["exited"]:
                out, err = (base64.b64decode(state.get(key, "")).decode(errors="replace")
                            for key in ("out-data", "err-data"))
                return Ran(state.get("exitcode", 128 + state.get("signal", 0)), out, err)
            if time.monotonic() > end:
                raise TimeoutError(f"a command in the guest takes longer than {timeout} s")
            time.sleep(pause)  # the agent has no event for the end of a process
            pause = min(2 * pause, 0.3)

    def close(self):
        self._wire.close()

    def run(self, command, stdin=b"", timeout=300):
        return self.finish(self.start(command, stdin), timeout)
