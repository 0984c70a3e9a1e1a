"""`wcmp store`: an operator looks at the store of a relay that is stopped."""

import json

import bundles
import relay as relays
from person import EXIT_DATA, EXIT_NOTHING, WcmpTest


class Store(WcmpTest):
    def setUp(self):
        super().setUp()
        self.relay_ = self.relay()
        self.operator = self.person("operator")

    def store(self, *arguments, **keywords):
        return self.operator.run("store", *arguments, self.relay_.store, secret=False, **keywords)

    def filled(self):
        self.relay_.start()
        messages = bundles.make_messages("held", 12, relays.today())
        name, data = bundles.make_bundle(messages)
        self.assertEqual(self.relay_.post_bundle(data).status, 200)
        self.assertEqual(self.relay_.post_message(bundles.make_messages(2, 1, relays.today())[0]).status, 201)
        return self.relay_.store / name

    def test_check_finds_nothing_and_then_what_is_damaged(self):
        path = self.filled()
        self.relay_.stop()
        self.assertIn(b"the store is sound", self.store("check").stdout)
        data = bytearray(path.read_bytes())
        data[-100] ^= 1
        path.write_bytes(data)
        done = self.store("check", expect=EXIT_DATA)
        self.assertIn(f"damaged   {path.name}", done.stdout.decode())
        self.assertIn("1 messages are not what they were", done.stdout.decode())
        self.assertIn("the relay saves what can be saved when it starts", done.stderr.decode())
        found = json.loads(self.store("check", "--json", expect=EXIT_DATA).stdout)
        self.assertEqual(found["damaged"], [path.name])

    def test_stats(self):
        self.filled()
        self.relay_.stop()
        stats = self.operator.json("store", "stats", self.relay_.store, secret=False)
        self.assertEqual((stats["messages"], stats["journal_messages"], stats["unusable"]), (12, 1, 0))
        self.assertEqual(sum(part["messages"] for part in stats["by_day"]), 12)
        self.assertEqual(sum(part["bytes"] for part in stats["by_size"]), stats["bytes"])
        self.assertIn(b"all                  12", self.store("stats").stdout)

    def test_a_store_in_use_is_left_alone(self):
        self.filled()
        for command in ("check", "stats"):
            error = self.store(command, expect=EXIT_NOTHING).stderr.decode()
            self.assertIn("the relay works in this store; stop it first", error)

    def test_another_folder_is_none(self):
        self.relay_.store = self.drive()
        self.assertIn("this is no store of a relay", self.store("check", expect=EXIT_NOTHING).stderr.decode())


if __name__ == "__main__":
    relays.main()
