"""Relays with a wrong day, and messages whose day has come: what a home is told must not spoil it."""

import datetime
import struct

import bundles
import relay as relays
from between import Between
from person import EXIT_NOTHING, EXIT_USAGE, WcmpTest


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def date(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


class Days(WcmpTest):
    def relay_of_day(self, day):
        """A relay whose store has seen this day: earlier ones are over for it."""
        relay = self.relay()
        relay.start()
        relay.stop()
        path = relay.store / "state"
        record = bytearray(path.read_bytes())
        struct.pack_into(">BI", record, 8, 1, day)
        record[-4:] = struct.pack(">I", crc32c(record[:-4]))
        path.write_bytes(record)
        relay.start()
        self.assertEqual(relay.json("/v1/status")["clock"]["today"], date(day))
        return relay


class WrongDays(Days):
    def test_a_relay_in_2099_spoils_nothing(self):
        with self.relay() as relay, Between(self.folder / "between.sock", relay.socket) as between:
            alice, bob = self.acquainted("alice", "bob")
            sent = alice.json("send", "--to", "bob", content=b"before")
            alice.socket = between.socket
            for trust in ("none", "synced"):
                between.say_day("2099-01-01", trust)
                error = alice.err("inbox")
                self.assertIn("wcmp: the relay says that it is 2099-01-01, and is not believed", error)
                self.assertEqual([one["id"] for one in alice.json("inbox", "--sent")], [sent["id"]])
                later = alice.json("send", "--to", "bob", content=b"meanwhile")
                self.assertEqual(later["expires"], sent["expires"])
                alice.run("delete", later["number"])
            alice.socket = relay.socket
            self.assertEqual(alice.err("inbox"), "")
            self.assertEqual(alice.json("send", "--to", "bob", content=b"after")["expires"], sent["expires"])
            self.assertEqual(len(bob.json("inbox")), 4)

    def test_what_lies_in_a_folder_outlives_a_wrong_day(self):
        drive = self.drive()
        messages = bundles.make_messages(1, 5, relays.today())
        name, data = bundles.make_bundle(messages)
        (drive / "WCMP" / name).write_bytes(data)
        with self.relay() as relay, Between(self.folder / "between.sock", relay.socket) as between:
            self.assertEqual(relay.post_message(bundles.make_messages(2, 1, relays.today())[0]).status, 201)
            between.say_day("2099-01-01", "synced")
            done = self.person("somebody", between.socket).run("sync", drive, secret=False)
            self.assertIn(b"took 5 messages from the folder, gave it 1", done.stdout)
            self.assertIn("is not believed", done.stderr.decode())
        self.assertEqual(len(bundles.read_folder(drive / "WCMP")), 6)


class TheOperatorsDay(Days):
    """The tests run as whom the relay runs as: an operator."""

    def test_is_the_relays_until_it_stops(self):
        with self.relay() as relay:
            somebody = self.person("somebody", relay.socket)
            day = date(relays.today() + 3)
            self.assertIn(f"it is {day} now", somebody.out("clock", "set", day, secret=False))
            self.assertEqual(relay.json("/v1/status")["clock"], {"today": day, "trust": "operator"})
            back = date(relays.today() + 1)
            self.assertEqual(somebody.json("clock", "set", back, secret=False), {"today": back})
            self.assertEqual(relay.json("/v1/status")["clock"]["today"], back)

    def test_removes_nothing_by_mistake(self):
        with self.relay() as relay:
            message, = bundles.make_messages(1, 1, relays.today())
            self.assertEqual(relay.post_message(message).status, 201)
            relay.fold()
            somebody = self.person("somebody", relay.socket)
            far = date(relays.today() + 400)
            refused = somebody.err("clock", "set", far, secret=False, expect=EXIT_USAGE)
            self.assertIn(f"on {far} messages would be removed for good", refused)
            self.assertIn("--yes", refused)
            self.assertEqual(relay.json("/v1/status")["messages"], 1)
            somebody.run("clock", "set", far, "--yes", secret=False)
            relay.wait_until(lambda: relay.json("/v1/status")["messages"] == 0, "the removal")

    def test_says_what_is_wrong(self):
        with self.relay() as relay:
            somebody = self.person("somebody", relay.socket)
            wrong = somebody.err("clock", "set", "1.3.2027", secret=False, expect=EXIT_USAGE)
            self.assertIn("1.3.2027 is no day; write it like 2027-03-01", wrong)
            early = somebody.err("clock", "set", "1999-01-01", secret=False, expect=EXIT_NOTHING)
            self.assertIn("the day lies before this program was built", early)


class Expiry(Days):
    def test_a_relay_that_is_ahead_does_not_cost_a_letter(self):
        relay = self.relay_of_day(relays.today() + 40)
        alice, bob = self.acquainted("alice", "bob")
        done = alice.run("send", "--to", "bob", "--days", "7", content=b"soon", expect=EXIT_NOTHING)
        error = done.stderr.decode()
        self.assertIn(f"the relay says that it is {date(relays.today() + 40)}, and is not believed", error)
        self.assertIn("it is too old for the relay", error)
        self.assertIn("(410 expired); the message is kept", error)
        [letter] = alice.json("inbox", "--sent")
        self.assertEqual(letter["to"], ["bob"])
        relay.stop()
        with self.relay("another") as another:
            alice.socket = bob.socket = another.socket
            self.assertIn("1 sent again", alice.err("inbox"))
            bob.out("inbox")
            self.assertEqual(bob.out("read", 1), "soon")

    def test_an_expired_message_is_not_received_and_a_received_one_stays(self):
        with self.relay("before") as before:
            alice, bob = self.acquainted("alice", "bob")
            alice.socket = bob.socket = before.socket
            alice.run("send", "--to", "bob", "--days", "7", content=b"read in time")
            bob.out("inbox")
            sealed = self.folder / "sealed"
            alice.run("send", "--to", "bob", "--days", "7", "--output", sealed, content=b"too late")
        relay = self.relay_of_day(relays.today() + 40)
        bob.socket = relay.socket
        answer = relay.post_message(sealed.read_bytes())
        self.assertEqual((answer.status, answer.json()["code"]), (410, "expired"))
        self.assertEqual([one["number"] for one in bob.json("inbox")], [1])
        self.assertEqual(bob.out("read", 1), "read in time")


if __name__ == "__main__":
    relays.main()
