"""People who use the program wcmp: two people on one machine are two homes."""

import json
import os
import subprocess

import relay as relays

EXIT_NOTHING, EXIT_USAGE, EXIT_DATA, EXIT_UNAVAILABLE, EXIT_PASSPHRASE = 1, 64, 65, 69, 77
PASSPHRASE = "correct horse battery staple"


class Person:
    """A home with a passphrase, and the program to use it with."""

    def __init__(self, test, name, socket, passphrase=PASSPHRASE):
        self.name = name
        self.home = test.folder / name
        self.secret = test.folder / f"{name}.passphrase"
        self.secret.write_text(passphrase + "\n")
        self.socket = socket

    def run(self, *arguments, content=b"", expect=0, secret=None, environment=None):
        command = [relays.program("wcmp"), "--home", str(self.home), "--socket", str(self.socket)]
        if secret is not False:
            command += ["--passphrase-file", str(secret or self.secret)]
        ours = ("XDG_", "WCMP_H", "WCMP_S", "WCMP_P")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | (environment or {})
        done = subprocess.run(
            command + [str(a) for a in arguments], input=content, capture_output=True,
            timeout=relays.WAIT_S, env=clean, start_new_session=True,  # no terminal to ask at
        )
        if done.returncode != expect:
            error = done.stderr.decode()
            raise AssertionError(f"{arguments}: {done.returncode} instead of {expect}: {error}")
        return done

    def out(self, *arguments, **keywords):
        return self.run(*arguments, **keywords).stdout.decode()

    def err(self, *arguments, **keywords):
        return self.run(*arguments, **keywords).stderr.decode()

    def json(self, *arguments, **keywords):
        return json.loads(self.out("--json", *arguments, **keywords))

    def new_key(self, name=None):
        return self.out("key", "new", name or self.name).strip()

    def send(self, *to, content=b"hello\n", **keywords):
        return self.run("send", *[a for name in to for a in ("--to", name)], content=content, **keywords)


class WcmpTest(relays.RelayTest):
    def person(self, name, socket=None):
        return Person(self, name, socket or self.folder / "relay" / "api.sock")

    def acquainted(self, *names):
        """People who have each other's keys."""
        people = [self.person(name) for name in names]
        lines = [one.new_key() for one in people]
        for one in people:
            for other, line in zip(people, lines):
                if other is not one:
                    one.run("contact", "add", other.name, line)
        return people
