"""What tests have done inside the guest, where it costs no round trips: inside.py COMMAND ARGUMENT..."""

import ctypes
import http.client
import json
import os
import pathlib
import socket
import sys
import time

API = os.environ.get("WCMP_SOCKET", "/run/wcmp/api.sock")
ONE_LOOK_S = 0.05


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(API)


def ask(method, path, body=None, kind="application/octet-stream"):
    connection = Connection("wcmp", timeout=120)
    connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def get(path):
    status, body = ask("GET", path)
    if status != 200:
        raise SystemExit(f"GET {path}: {status} {body[:300]!r}")
    return json.loads(body)


def show(path):
    print(json.dumps(get(path)))


def drives():
    return [drive for drive in get("/v1/drives") if drive["state"] != "removed"]


def wait_drives(states, seconds):
    """Until there are exactly drives in these states ("done,encrypted"); prints them."""
    wanted = sorted(filter(None, states.split(",")))
    end = time.monotonic() + float(seconds)
    found = None
    while time.monotonic() < end:
        try:
            found = drives()
            if sorted(drive["state"] for drive in found) == wanted:
                print(json.dumps(found))
                return
        except (OSError, http.client.HTTPException):  # it is being started
            found = "no answer"
        time.sleep(ONE_LOOK_S)
    raise SystemExit(f"the drives are {found}, not in {wanted}")


def wait_visited(seconds):
    """Until there is a drive and every one has come to an end, whichever; prints them."""
    end = time.monotonic() + float(seconds)
    found = None
    while time.monotonic() < end:
        try:
            found = drives()
            if found and not {drive["state"] for drive in found} & {"waiting", "busy"}:
                print(json.dumps(found))
                return
        except (OSError, http.client.HTTPException):
            found = "no answer"
        time.sleep(ONE_LOOK_S)
    raise SystemExit(f"the drives are still {found}")


def post(messages):
    """Enqueues messages; each is acknowledged."""
    connection = Connection("wcmp", timeout=120)
    for message in messages:
        connection.request("POST", "/v1/messages", message, {"Content-Type": "application/vnd.wcmp.message"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise SystemExit(f"POST /v1/messages: {answer.status} {body[:300]!r}")


def post_messages():
    """Messages from standard input, each behind its length."""
    data, messages = sys.stdin.buffer.read(), []
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        messages.append(data[4:end])
        data = data[end:]
    post(messages)
    ask("POST", "/v1/fold")


def held_ids():
    """The ids of the messages that the relay has."""
    cursor, ids = "", []
    while True:
        connection = Connection("wcmp", timeout=120)
        kind = {"Accept": "application/x-ndjson"}
        connection.request("GET", f"/v1/recognition?limit=100000{cursor}", headers=kind)
        answer = connection.getresponse()
        lines = answer.read().splitlines()
        if not lines:
            break
        ids += [json.loads(line)["id"] for line in lines]
        cursor = "&after=" + answer.headers["Wcmp-Cursor"]
    return ids


def held():
    print(json.dumps(held_ids()))


def follow_lights(path, seconds):
    """Prints what a light shows, each time that it shows something else, for so long."""
    folder = pathlib.Path(path)
    last, end = None, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        shown = describe_light(folder)
        if shown != last:
            print(json.dumps(shown), flush=True)
            last = shown
        time.sleep(ONE_LOOK_S)


def describe_light(folder):
    """The trigger in use and its parameters."""
    trigger = (folder / "trigger").read_text()
    trigger = trigger[trigger.index("[") + 1 : trigger.index("]")]
    shown = {"trigger": trigger}
    names = {"none": ["brightness"], "timer": ["delay_on", "delay_off"], "pattern": ["pattern", "repeat"]}
    for name in names.get(trigger, []):
        try:
            shown[name] = (folder / name).read_text().strip()
        except OSError:  # the trigger has been changed meanwhile
            pass
    return shown


def light(path):
    print(json.dumps(describe_light(pathlib.Path(path))))


class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("rest", ctypes.c_byte * 256)]


def clock(state):
    """Tells the kernel that a time server has set its clock, or that none has ("synchronised", "alone")."""
    adj_maxerror, adj_esterror, adj_status, sta_unsync = 4, 8, 16, 64
    status = 0 if state == "synchronised" else sta_unsync
    change = Timex(modes=adj_maxerror | adj_esterror | adj_status, status=status)
    if ctypes.CDLL(None).adjtimex(ctypes.byref(change)) < 0:
        raise SystemExit("adjtimex failed")


COMMANDS = {
    "get": show, "wait-drives": wait_drives, "wait-visited": wait_visited, "clock": clock, "held": held,
    "post-messages": post_messages, "light": light, "follow-light": follow_lights,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
