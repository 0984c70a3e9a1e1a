"""What can happen to a relay's own store and to what is enqueued: full stores and disks, kills, damage, bad
messages. What was acknowledged is there afterwards, and a person is told what is wrong.
"""

import http.client
import json
import random
import signal
import subprocess
import threading

import bundles
import relay as relays
from person import EXIT_NOTHING, EXIT_UNAVAILABLE, WcmpTest

MIB = 1 << 20


class StoreFaults(WcmpTest):
    def fill(self, relay):
        """Enqueues smaller and smaller messages until none has room: those acknowledged, the last refusal."""
        taken = []
        for body_exp in (19, 16, 13, 10):
            for message in bundles.make_messages(body_exp, 100, relays.today(), body_exp=body_exp):
                answer = relay.post_message(message)
                if answer.status != 201:
                    break
                taken.append(message)
            self.assertNotEqual(answer.status, 201, "it was never full")
        return taken, answer


class Full(StoreFaults):
    def check_full(self, relay, taken, refused):
        """What the API, a person's status, and a person who sends are told."""
        self.assertEqual((refused.status, refused.json()["code"]), (507, "store_full"))
        words = "the store is full: its disk has no room"
        self.assertEqual(refused.json()["detail"], words)
        self.assertEqual(relay.json("/v1/status")["state"], "attention")
        alice, _ = self.acquainted("alice", "bob")
        alice.socket = relay.socket
        self.assertIn("warning   store_full: give the store more room", alice.out("status"))
        error = alice.err("send", "--to", "bob", content=bytes(9000), expect=EXIT_NOTHING)
        self.assertIn(f"the relay has no room: {words} (507 store_full); the message is kept", error)
        self.assert_all_held(relay, taken)

    def test_above_its_limit_a_store_lets_a_share_go(self):
        drive = self.drive()
        relay = self.relay(store_settings='bytes_max = "16 MiB"\n')
        relay.start()
        given = bundles.make_messages(1, 40, relays.today(), body_exp=19)
        for some in (given[:20], given[20:]):
            answer = relay.post_bundle(bundles.make_bundle(some)[1])
            self.assertEqual(answer.status, 200, answer)
        self.assertGreater(answer.json()["refused"]["import_share"], 0)
        relay.wait_until(lambda: relay.json("/v1/status")["evicted"] > 0, "it did not evict")
        relay.wait_until(lambda: relay.json("/v1/status")["bytes"] <= 16 * MIB, "it is above its limit")
        status = relay.json("/v1/status")
        self.assertEqual((status["state"], status["warnings"]), ("idle", ["no_cover"]))
        self.assertEqual(status["refused"], answer.json()["refused"])
        # A fifth of all draws a blank by now. Nobody who sends needs to know.
        alice, _ = self.acquainted("alice", "bob")
        alice.socket = relay.socket
        for number in range(20):
            alice.run("send", "--to", "bob", content=b"letter %d" % number)
        text = alice.out("status")
        self.assertIn("the relay is full and takes in a share at a time", text)
        self.assertIn(f"evicted   {status['evicted']}: the relay had no room for all", text)
        # What remains goes to drives as ever, and what they bring is taken by the same rules after a restart.
        relay.kill()
        relay.drives = [(drive, False)]
        relay.start()
        done = relay.wait_drive(states=["done"])["result"]
        self.assertEqual(done["exported"], relay.json("/v1/status")["messages"])
        name, data = bundles.make_bundle(given)
        (drive / "WCMP" / name).write_bytes(data)
        self.assertEqual(relay.request("POST", "/v1/drives/d1/sync").status, 202)
        relay.wait_until(lambda: relay.wait_drive(states=["done"])["result"]["refused"].get("evicted", 0) > 0,
                         "what the threshold keeps out came in")

    def test_a_full_disk(self):
        disk = self.file_system("24m")
        relay = self.relay()
        relay.store = disk / "store"
        relay.start()
        taken, refused = self.fill(relay)
        self.assertGreater(len(taken), 10)
        self.check_full(relay, taken, refused)
        # Something else fills the rest to the last byte.
        with open(disk / "other", "wb", buffering=0) as other:
            try:
                while other.write(bytes(65536)):
                    pass
            except OSError:
                pass
        small = bundles.make_messages(4, 3, relays.today())
        for message in small:
            answer = relay.post_message(message)
            self.assertEqual(answer.json().get("code", "store_full"), "store_full", answer)
            taken += [message] if answer.status == 201 else []
        relay.kill()
        relay.start()
        self.assertEqual(relay.json("/v1/status")["warnings"], ["no_cover", "store_full", "store_volatile"])
        self.assert_all_held(relay, taken)
        self.assertLessEqual(relay.log().count("could not be folded"), 4, "not a line for each attempt")
        (disk / "other").unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        relay.fold()
        self.assertEqual(relay.json("/v1/status")["warnings"], ["no_cover", "store_volatile"])
        self.assertEqual(relay.post_message(bundles.make_messages(3, 1, relays.today())[0]).status, 201)
        self.assert_all_held(relay, taken)
        relay.stop()
        self.assertGreaterEqual(set(bundles.read_folder(relay.store)), {bundles.message_id(m) for m in taken})

    def test_a_disk_that_is_too_small_to_begin_with(self):
        relay = self.relay()
        relay.store = self.file_system("2m") / "store"
        relay.start(wait=False)
        self.assertEqual(relay.wait(), EXIT_UNAVAILABLE)
        self.assertIn(f"error: {relay.store}: the store cannot be opened: ", relay.log())
        self.assertIn("No space left on device (no_space); --store and store.path name another", relay.log())


class Failing(StoreFaults):
    def assert_reads_only(self, relay, held):
        """What a client is told while the disk fails, and what it still gets."""
        status = relay.json("/v1/status")
        self.assertEqual(status["state"], "attention")
        self.assertIn("store_failing", status["warnings"])
        self.assert_all_held(relay, held)
        answer = relay.post_message(bundles.make_messages("refused", 1, relays.today())[0])
        self.assertEqual((answer.status, answer.json()["code"]), (507, "store_failing"))
        answer = relay.post_bundle(bundles.make_bundle(bundles.make_messages("too", 2, relays.today()))[1])
        self.assertEqual((answer.status, answer.json()["code"]), (507, "store_failing"))

    def test_a_disk_that_fails_to_sync(self):
        behind, disk, mount_anew = self.thin_disk()
        relay = self.relay()
        relay.store = disk / "store"
        relay.start()
        held = bundles.make_messages(31, 5, relays.today())
        for message in held:
            self.assertEqual(relay.post_message(message).status, 201)
        relay.fold()
        waiting = bundles.make_messages(32, 8, relays.today(), body_exp=17)  # 1 MiB in the journal
        for message in waiting[:7]:
            self.assertEqual(relay.post_message(message).status, 201)
        held += waiting[:7]
        with open(behind / "other", "wb", buffering=0) as other:
            try:
                while other.write(bytes(65536)):
                    pass
            except OSError:
                pass
        # The file system still counts free blocks: only the sync learns that there are none.
        answer = relay.request("POST", "/v1/fold")
        self.assertEqual((answer.status, answer.json()["code"]), (507, "store_failing"), relay.log())
        self.assert_reads_only(relay, held)
        self.assertIn("the disk of the store fails: nothing more is written, the daemon ends in 10 seconds",
                      relay.log())
        self.assertEqual(relay.wait(), relays.EXIT_STORE_FAILING)

        # The next start tries once. Then it only reads, and stays.
        relay.start()
        self.assert_reads_only(relay, held)
        self.assertIn("the disk of the store fails, what it holds can only be read", relay.log())
        self.assertEqual(relay.log().count("ends in 10 seconds"), 1)
        self.assertEqual(relay.stop(), 0)

        (behind / "other").unlink()
        mount_anew()
        relay.start()
        self.assertEqual(relay.json("/v1/status")["warnings"], ["no_cover"])
        self.assert_all_held(relay, held)
        self.assertEqual(relay.post_message(waiting[7]).status, 201)
        relay.fold()
        self.assertEqual(relay.json("/v1/status")["messages"], len(held) + 1)


class Ends(StoreFaults):
    def post_until_it_dies(self, relay, messages, acknowledged):
        for message in messages:
            try:
                if relay.post_message(message).status == 201:
                    acknowledged.append(message)
            except (OSError, http.client.HTTPException):  # no answer, or one that was cut off
                return

    def test_kill_in_the_middle_of_many_posts(self):
        rng, relay, acknowledged = random.Random(5), self.relay(), []
        for turn in range(4):
            relay.start()
            threads = []
            for worker in range(6):
                size = rng.choice([10, 13, 17])
                some = bundles.make_messages(f"{turn}-{worker}", 60, relays.today(), body_exp=size)
                post = (relay, some, acknowledged)
                threads.append(threading.Thread(target=self.post_until_it_dies, args=post))
            before = len(acknowledged)
            for thread in threads:
                thread.start()
            enough = before + rng.randrange(5, 60)
            relay.wait_until(lambda: len(acknowledged) >= enough, "some are acknowledged")
            relay.kill()
            for thread in threads:
                thread.join()
        relay.start()
        self.assertGreater(len(acknowledged), 20)
        self.assert_all_held(relay, acknowledged)
        relay.fold()
        self.assertGreaterEqual(relay.json("/v1/status")["messages"], len(acknowledged))

    def test_an_end_during_a_visit(self):
        for number, end in enumerate((signal.SIGTERM, signal.SIGKILL)):
            drive = self.drive(f"drive-{number}")
            theirs = bundles.make_messages(6, 200, relays.today(), body_exp=17)  # 25 MiB
            own = bundles.make_messages(7, 10, relays.today())
            name, data = bundles.make_bundle(theirs)
            (drive / "WCMP" / name).write_bytes(data)
            relay = self.relay(f"relay-{number}", drives=[drive])
            relay.start(wait=False)
            relay.wait_until(lambda relay=relay: relay.socket.exists(), "the socket")
            for message in own:
                self.assertEqual(relay.post_message(message).status, 201)
            relay.process.send_signal(end)
            self.assertEqual(relay.wait(), 0 if end == signal.SIGTERM else -end)
            self.assertNotIn("error", relay.log())
            relay.start()
            relay.wait_drive(states=["done"])
            self.assert_all_held(relay, own + theirs[:5])
            relay.stop()
            both = {bundles.message_id(message) for message in own + theirs}
            self.assertEqual(set(bundles.read_folder(drive / "WCMP")), both)
            self.assertEqual(set(bundles.read_folder(relay.store)), both)

    def test_damage_in_the_store_is_told_and_costs_one_message(self):
        messages = bundles.make_messages(8, 20, relays.today())
        relay = self.relay()
        relay.start()
        for message in messages:
            self.assertEqual(relay.post_message(message).status, 201)
        relay.fold()
        relay.stop()
        [bundle] = relay.store.glob("*.wcmp")
        data = bytearray(bundle.read_bytes())
        data[100] ^= 1  # in the index
        bundle.write_bytes(data)
        relay.start()
        held = [message for message in messages if relay.holds(bundles.message_id(message))]
        self.assertGreaterEqual(len(held), 19)
        status = self.person("somebody", relay.socket).out("status", secret=False)
        self.assertIn("relay     attention", status)
        self.assertIn("warning   store_damaged: look at the disk", status)
        self.assertRegex(relay.log(), "the store held damaged bundles; what could be saved was saved")
        relay.stop()
        self.assertEqual(len(bundles.read_folder(relay.store)), len(held))


class BadMessages(StoreFaults):
    def curl(self, relay, message):
        path = self.folder / "message"
        path.write_bytes(message)
        status, body = relay.curl("/v1/messages", "--data-binary", f"@{path}", "-H",
                                  "Content-Type: application/vnd.wcmp.message")
        return status, json.loads(body)

    def test_each_is_refused_in_words(self):
        rng, today = random.Random(9), relays.today()
        good = bundles.make_message(rng, today + 30)
        relay = self.relay(settings="[clock]\ntrust_rtc = true\n[rules]\nlifetime_days_max = 60\n")
        relay.start()
        self.assertEqual(self.curl(relay, good)[0], 201)
        for message, status, code, words in (
            (b"hello", 400, "malformed_message", "too short for a message"),
            (good[:-1], 400, "malformed_message", "the length is not what the header says"),
            (good + b"x", 400, "malformed_message", "the length is not what the header says"),
            (b"\x00" + good[1:], 400, "malformed_message", "suite"),
            (b"", 400, "malformed_message", "too short for a message"),
            (bundles.make_message(rng, today), 410, "expired", "the message has expired"),
            (bundles.make_message(rng, today - 40), 410, "expired", "the message has expired"),
            (bundles.make_message(rng, today + 100), 422, "refused", "longer than this relay allows"),
            (bundles.make_message(rng, today + 1000), 422, "refused", "182 days"),
            (bundles.make_message(rng, today + 30, body_exp=21), 413, "too_large", "at most 1114112 bytes"),
        ):
            told, problem = self.curl(relay, message)
            self.assertEqual((told, problem["code"]), (status, code), problem)
            self.assertIn(words, problem["detail"])
        self.assert_all_held(relay, [good])
        relay.fold()
        self.assertEqual(relay.json("/v1/status")["messages"], 1)


if __name__ == "__main__":
    relays.main()
