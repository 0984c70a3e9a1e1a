"""Cover: what is handed in waits for visits, and a visit brings as many messages as were drawn."""

import bundles
import relay
from relay import RelayTest

# Of so many on the average, a visit brings none once in 257.
COVER = "[cover]\nmessages_per_visit = 256\n"


class Cover(RelayTest):
    def test_what_is_handed_in_waits_and_a_visit_brings_what_was_drawn(self):
        drive = self.drive()
        message = bundles.make_messages(41, 1, relay.today() + 2)[0]
        large = bundles.make_messages(42, 1, relay.today() + 2, body_exp=20)[0]
        name = bundles.message_id(message)
        self.assertGreater(len(large), 1 << 20)
        with self.relay("relay", settings=COVER) as one:
            self.assertEqual(one.post_message(large).status, 413)
            self.assertEqual(one.post_message(message).status, 201)
            self.assertEqual(one.message(name).body, message)
            self.assertEqual(one.request("POST", "/v1/fold").status, 202)
            self.assertEqual(one.json("/v1/status")["messages"], 0)
            self.assertEqual(one.stop(), 0)
            one.drives = [(drive, False)]
            one.start()
            self.assertEqual(one.message(name).body, message)
            exported = one.wait_drive(states=["done"])["result"]["exported"]
            self.assertEqual(exported, one.json("/v1/status")["messages"])
            self.assertEqual(exported, len(bundles.read_folder(drive / "WCMP")))
            self.assertEqual(one.message(name).body, message)


if __name__ == "__main__":
    relay.main()
