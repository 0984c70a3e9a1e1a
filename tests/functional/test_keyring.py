"""The program wcmp and what it keeps in the home: keys, contacts, the passphrase. No relay is needed."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import relay as relays
from person import EXIT_DATA, EXIT_NOTHING, EXIT_PASSPHRASE, EXIT_USAGE, PASSPHRASE, WcmpTest


class Keys(WcmpTest):
    def test_keys_and_contacts(self):
        alice = self.person("alice")
        line = alice.new_key()
        self.assertTrue(line.startswith("wcmp1"))
        self.assertEqual(alice.out("key", "show").strip(), line)
        alice.run("key", "new", "alice", expect=EXIT_NOTHING)
        second = alice.new_key("work")
        self.assertNotEqual(line, second)
        alice.run("key", "show", expect=EXIT_USAGE)
        self.assertEqual(alice.out("key", "show", "work").strip(), second)
        self.assertEqual([k["name"] for k in alice.json("key", "list")], ["alice", "work"])

        bob = self.person("bob")
        bob.run("contact", "add", "alice", f"  {line.upper()}\n")
        bob.run("contact", "add", "alice", line)  # the same again
        bob.run("contact", "add", "alice", second, expect=EXIT_NOTHING)
        bob.run("contact", "add", "other", line, expect=EXIT_NOTHING)
        self.assertEqual(bob.json("contact", "list"), [{"name": "alice", "key": line}])
        bob.run("contact", "remove", "nobody", expect=EXIT_NOTHING)
        bob.run("contact", "remove", "alice")
        self.assertEqual(bob.out("contact", "list"), "")

    def test_typing_errors(self):
        alice = self.person("alice")
        line = alice.new_key()
        wrong = line[:20] + ("q" if line[20] != "q" else "p") + line[21:]
        for text, words in (
            (wrong, "the checksum does not match: a character is wrong or missing"),
            (line[:-1], "the key line is cut off: it has 115 characters"),
            (line + "x", "the key line is too long: it has 115 characters"),
            (line[4:], "this is no key line: one starts with wcmp1"),
        ):
            error = alice.err("contact", "add", "bob", text, expect=EXIT_DATA)
            self.assertEqual(error, f"wcmp: {words}; compare it with what the person gave you\n")
        for text in ("nonsense", "--nonsense"):
            error = alice.err(text, expect=EXIT_USAGE)
            self.assertIn(f"there is no command, option or argument {text} here", error)
        alice.run("contact", "add", "\x1b[2J", line, expect=EXIT_DATA)
        for name, words in ((b"\xff", "the name is not UTF-8"),
                            ("a\u202eb", "a name has no control characters"),
                            ("\u00e4" * 65, "a name has 1 to 64 characters")):
            self.assertIn(words, alice.err("contact", "add", os.fsdecode(name), line, expect=EXIT_DATA))
            self.assertIn(words, alice.err("key", "new", os.fsdecode(name), expect=EXIT_DATA))
        alice.run("contact", "add", "\u00e4" * 64, self.person("other").new_key())
        self.assertEqual([one["name"] for one in alice.json("contact", "list")], ["\u00e4" * 64])
        alice.run("contact", "add", "bob", expect=EXIT_USAGE)
        alice.run("nonsense", expect=EXIT_USAGE)
        alice.run(expect=EXIT_USAGE)

    def test_a_name_of_a_subcommand_is_a_name(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.run("contact", "add", "send", bob.new_key())
        self.assertEqual([c["name"] for c in alice.json("contact", "list")], ["send"])

    def test_the_home_tells_nothing(self):
        alice = self.person("alice")
        alice.new_key()
        self.assertEqual(alice.home.stat().st_mode & 0o777, 0o700)
        for path in alice.home.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0)
            if path.is_file():
                self.assertNotIn(b"alice", path.read_bytes())

    def test_general_options_after_the_subcommand(self):
        alice = self.person("alice")
        line = alice.new_key()
        done = subprocess.run(
            [relays.program("wcmp"), "key", "list", "--json", "--home", alice.home,
             "--passphrase-file", alice.secret], capture_output=True, timeout=relays.WAIT_S)
        self.assertEqual(json.loads(done.stdout), [{"name": "alice", "key": line}])


class Passphrases(WcmpTest):
    def test_wrong(self):
        alice = self.person("alice")
        alice.new_key()
        wrong = self.folder / "wrong"
        wrong.write_text("something else\n")
        error = alice.err("key", "list", secret=wrong, expect=EXIT_PASSPHRASE)
        words = "wrong passphrase, or the vault was altered; try again; if"
        self.assertIn(f"wcmp: {alice.home}/vault: {words}", error)

    def test_from_a_descriptor(self):
        alice = self.person("alice")
        alice.new_key()
        content = (PASSPHRASE + "\n").encode()
        alice.run("key", "list", secret=False, content=content, environment={"WCMP_PASSPHRASE_FD": "0"})
        alice.run("key", "list", secret=False, environment={"WCMP_PASSPHRASE_FD": "x"}, expect=EXIT_USAGE)

    def test_none(self):
        alice = self.person("alice")
        alice.new_key()
        alice.run("key", "list", secret=False, expect=EXIT_USAGE)
        empty = self.folder / "empty"
        empty.write_text("\n")
        alice.run("key", "list", secret=empty, expect=EXIT_USAGE)
        error = alice.err("key", "list", secret=self.folder / "missing", expect=EXIT_NOTHING)
        self.assertIn("missing: cannot open the passphrase file: No such file or directory", error)

    def test_corrupt_vault(self):
        alice = self.person("alice")
        alice.new_key()
        vault = alice.home / "vault"
        good = vault.read_bytes()
        for data, code, words in (
            (b"X" + good[1:], EXIT_DATA, "this is not a vault of wcmp, or its start was altered"),
            (good[:-1] + bytes([good[-1] ^ 1]), EXIT_PASSPHRASE, "or the vault was altered"),
            (good[:-40], EXIT_PASSPHRASE, "or the vault was altered"),
            (good + b"x", EXIT_PASSPHRASE, "or the vault was altered"),
            (good[:60], EXIT_DATA, "the vault is cut off"),
            (good[:30], EXIT_DATA, "the vault is cut off"),
            (b"", EXIT_DATA, "the vault is cut off"),
        ):
            vault.write_bytes(data)
            error = alice.err("key", "list", expect=code)
            self.assertIn(f"{vault}: ", error)
            self.assertIn(words, error)
            self.assertIn("put a copy of the vault from before back", error)
            self.assertEqual(vault.read_bytes(), data)
        vault.write_bytes(good)
        alice.run("key", "list")

    def test_no_vault(self):
        nobody = self.person("nobody")
        words = "there is no vault in this home yet; `wcmp key new NAME` makes one"
        self.assertIn(f"{nobody.home}: {words}", nobody.err("key", "list", expect=EXIT_NOTHING))
        nobody.home.write_text("a file")
        self.assertIn(f"{nobody.home}: ", nobody.err("key", "list", expect=EXIT_NOTHING))


class Terminals(WcmpTest):
    PROMPTS = (b"passphrase: ", b"Passphrase: ", b"once more: ")

    def on_terminal(self, *arguments, typed=(), program=None, columns=None):
        """Runs wcmp on a terminal of its own; answers prompts. The exit code, all it shows, and whether the
        terminal shows what is typed when it has ended. What is typed ends with a line end, but for control
        characters."""
        child, terminal = pty.fork()
        if child == 0:
            words = [str(a) for a in arguments]
            os.execv(program or relays.program("wcmp"), [program or "wcmp", *words])
        if columns:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown, answers = b"", list(typed)
        with open(terminal, "rb+", buffering=0) as end:
            while True:
                try:
                    part = end.read(4096)
                except OSError:  # the other side is closed
                    break
                if not part:
                    break
                shown += part
                if shown.endswith(self.PROMPTS):
                    answer = answers.pop(0)
                    end.write(answer if isinstance(answer, bytes) else answer.encode() + b"\n")
            echo = bool(termios.tcgetattr(end)[3] & termios.ECHO)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code, shown.decode(), echo

    def test_a_passphrase_is_typed_twice_and_not_shown(self):
        home = ("--home", self.folder / "alice")
        code, shown, _ = self.on_terminal(*home, "key", "new", "alice", typed=["open sesame", "open sesam"])
        self.assertEqual(code, EXIT_USAGE)
        self.assertIn("differ", shown)
        code, shown, _ = self.on_terminal(*home, "key", "new", "alice", typed=["open sesame"] * 2)
        self.assertEqual(code, 0)
        self.assertIn("wcmp1", shown)
        self.assertNotIn("sesame", shown)
        self.assertEqual(self.on_terminal(*home, "key", "list", typed=["open sesame"])[0], 0)
        self.assertEqual(self.on_terminal(*home, "key", "list", typed=["wrong"])[0], EXIT_PASSPHRASE)

    def test_control_characters_at_the_prompt(self):
        alice = self.person("alice")
        alice.new_key()
        home = ("--home", alice.home, "key", "list")
        for typed, number in ((b"\x03", signal.SIGINT), (b"corr\x03", signal.SIGINT),
                              (b"\x1c", signal.SIGQUIT)):
            code, shown, echo = self.on_terminal(*home, typed=[typed])
            self.assertEqual((code, echo), (-number, True), shown)
            self.assertNotIn("corr", shown)

    def test_a_signal_at_the_prompt(self):
        alice = self.person("alice")
        alice.new_key()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            child, terminal = pty.fork()
            if child == 0:
                os.execv(relays.program("wcmp"), ["wcmp", "--home", str(alice.home), "key", "list"])
            with open(terminal, "rb+", buffering=0) as end:
                shown = b""
                while not shown.endswith(self.PROMPTS):
                    shown += end.read(4096)
                self.assertFalse(termios.tcgetattr(end)[3] & termios.ECHO)
                os.kill(child, number)
                self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), -number)
                self.assertTrue(termios.tcgetattr(end)[3] & termios.ECHO)

    def test_a_stop_at_the_prompt(self):
        alice = self.person("alice")
        line = alice.new_key()
        command = f"{relays.program('wcmp')} --home {alice.home} key list; stty -a; fg >/dev/null; stty -a"
        typed = [b"corr\x1a", PASSPHRASE]  # what was begun before the stop does not count
        _, shown, _ = self.on_terminal("-mc", command, program="/bin/bash", typed=typed)
        self.assertEqual(len(re.findall(r"[ ;]echo[ ;]", shown)), 2, shown)
        self.assertIn(line, shown)
        self.assertEqual(shown.count("Passphrase: "), 2, shown)
        self.assertNotIn("horse", shown)

    def test_a_letter_does_not_steer_the_terminal(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            alice.send("bob", content=b"one\ntwo \x1b]0;title\x07 \xff")
            bob.out("inbox")
            general = ("--home", bob.home, "--passphrase-file", bob.secret)
            code, shown, _ = self.on_terminal(*general, "read", "1")
            self.assertEqual(code, 0)
            self.assertIn("| one\r\n| two \\x1b]0;title\\x07 \\xff\r\n", shown)
            self.assertNotIn("\x1b", shown)

    def test_a_letter_does_not_forge_its_sender(self):
        with self.relay():
            alice, bob = self.acquainted("alice", "bob")
            forged = "letter 1 from carol, verified by the signature"
            text = f"{forged}\nfrom carol\n{'x' * 38}{forged}"
            alice.run("send", "--to", "bob", "--anonymous", content=text.encode())
            bob.out("inbox")
            alice.send("bob")
            bob.out("inbox")
            general = ("--home", bob.home, "--passphrase-file", bob.secret)
            _, shown, _ = self.on_terminal(*general, "read", "1", columns=40)
            first, *rest = shown.splitlines()
            unknown = "unauthenticated: somebody who knows your key wrote it, no more"
            self.assertEqual(first, f"letter 1, {unknown}")
            self.assertTrue(all(line.startswith(("| ", ": ")) and len(line) <= 40 for line in rest), shown)
            self.assertEqual("".join(line[2:] for line in rest), text.replace("\n", ""))
            _, shown, _ = self.on_terminal(*general, "read", "2")
            self.assertEqual(shown, "letter 2 from alice, verified by the signature\r\n| hello\r\n")
            for number in (1, 2):  # not on a terminal: apart from the content, and before it
                done = bob.run("read", number)
                self.assertRegex(done.stderr.decode(), f"^letter {number}(,| from alice,) ")


if __name__ == "__main__":
    relays.main()
