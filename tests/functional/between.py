"""Somebody between wcmp and a real relay: passes everything on, changes an answer, or holds a request back.

    with Between(folder / "between.sock", relay.socket) as between:
        between.change["/v1/status"] = lambda status: status | {"state": "idle"}
        between.hold("/v1/bundles")
        ... between.held.wait(); between.release.set()
"""

import contextlib
import http.server
import json
import socketserver
import threading

import relay as relays

# What belongs to one connection and not to the answer.
HOP = {"connection", "content-length", "transfer-encoding", "keep-alive"}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False


class Between:
    def __init__(self, socket, to):
        self.socket, self.to = socket, to
        self.change = {}  # by path: what becomes of a JSON answer
        self.held, self.release = threading.Event(), threading.Event()
        self.held_path = None
        self.requests = []
        between = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                between.pass_on(self)

            do_GET = do_HEAD = do_POST = pass_on

            def log_message(self, *_):
                pass

        self.server = Server(str(socket), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def hold(self, path):
        self.held_path = path

    def pass_on(self, handler):
        path = handler.path.partition("?")[0]
        self.requests.append((handler.command, path))
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length) if handler.command == "POST" else None
        if handler.command == "POST" and path == self.held_path:
            self.held.set()
            self.release.wait(relays.WAIT_S)
        fields = {k: v for k, v in handler.headers.items() if k.lower() not in HOP}
        with contextlib.closing(relays.UnixConnection(self.to)) as connection:
            connection.request(handler.command, handler.path, body, fields)
            answer = connection.getresponse()
            content = answer.read()
        if path in self.change and answer.status == 200:
            content = json.dumps(self.change[path](json.loads(content))).encode()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                handler.send_header(name, value)
        size = answer.getheader("Content-Length") if handler.command == "HEAD" else None
        handler.send_header("Content-Length", size or str(len(content)))
        with contextlib.suppress(ConnectionError):  # who asked may be gone
            handler.end_headers()
            handler.wfile.write(content)

    def say_day(self, today, trust):
        """The relay's status with another day in it."""
        self.change["/v1/status"] = lambda status: status | {"clock": {"today": today, "trust": trust}}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.socket.unlink(missing_ok=True)
