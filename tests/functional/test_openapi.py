"""Answers of a real relay against lib/api/openapi.yaml: each endpoint, and the errors one can provoke."""

import json
import random

import jsonschema
import yaml

import bundles
import relay

DOCUMENT = yaml.safe_load((relay.TOP / "lib/api/openapi.yaml").read_text())
MESSAGE = "application/vnd.wcmp.message"
BUNDLE = "application/vnd.wcmp.bundle"
JSON_BODY = {"Content-Type": "application/json"}
JSON_TYPES = ("application/json", "application/problem+json")


def resolve(node):
    while "$ref" in node and node["$ref"].startswith("#/components/") and len(node) == 1:
        target = DOCUMENT
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def check_schema(schema, value):
    """References lead into the document, so it stands around the schema."""
    jsonschema.Draft202012Validator({"components": DOCUMENT["components"], "allOf": [schema]}).validate(value)


class OpenApiTest(relay.RelayTest):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(20)
        self.drive_folder = self.drive()
        # What lives too long is refused only where the day is known.
        self.relay_ = self.relay(drives=[self.drive_folder], settings="[clock]\ntrust_rtc = true\n")
        self.relay_.start()
        self.seen = set()

    def check(self, path, answer, method="get"):
        """The answer's status, type, fields and body are among those of the document."""
        operation = DOCUMENT["paths"][path][method]
        responses = operation["responses"]
        self.seen.add((path, method))
        response = resolve(responses.get(str(answer.status), responses["default"]))
        if str(answer.status) not in responses:
            self.assertGreaterEqual(answer.status, 400, answer)
        for name, header in response.get("headers", {}).items():
            header, value = resolve(header), answer.headers.get(name)
            if value is not None:
                check_schema(header["schema"], value)
            else:
                self.assertFalse(header.get("required"), f"{path}: no {name}")
        if method == "head" or "content" not in response:
            self.assertEqual(answer.body, b"")
            return answer
        kind = answer.headers["Content-Type"]
        self.assertIn(kind, response["content"])
        schema = response["content"][kind]["schema"]
        if kind in JSON_TYPES:
            check_schema(schema, answer.json())
        elif kind == "application/x-ndjson":
            for line in answer.body.splitlines():
                check_schema(schema, json.loads(line))
        return answer

    def ask(self, path, method="get", target=None, body=None, headers=None, status=200, code=None):
        answer = self.check(path, self.relay_.request(method.upper(), target or path, body, headers), method)
        self.assertEqual(answer.status, status, answer)
        if code:
            self.assertEqual(answer.json()["code"], code)
            self.assertEqual(answer.json()["status"], status)
            self.assertEqual(answer.json()["type"], "urn:wcmp:error:" + code)
        return answer

    def enqueue(self, **shape):
        message = bundles.make_message(self.rng, relay.today() + 30, **shape)
        answer = self.ask("/v1/messages", "post", body=message, headers={"Content-Type": MESSAGE}, status=201)
        return message, answer.json()["id"]

    def test_every_endpoint_answers_as_the_document_says(self):
        self.ask("/v1")
        message, name = self.enqueue()
        self.assertEqual(name, bundles.message_id(message).hex())
        self.assertEqual(self.ask("/v1/messages/{id}", target=f"/v1/messages/{name}").body, message)
        head = self.ask("/v1/messages/{id}", "head", f"/v1/messages/{name}")
        self.assertEqual(int(head.headers["Content-Length"]), len(message))
        known = {"If-None-Match": f'"{name}"'}
        self.ask("/v1/messages/{id}", target=f"/v1/messages/{name}", headers=known, status=304)
        wanted = json.dumps({"ids": [name, "0" * 64]})
        fetched = self.ask("/v1/messages/fetch", "post", body=wanted, headers=JSON_BODY)
        self.assertEqual(fetched.body, len(message).to_bytes(4, "big") + message + bytes(4))
        self.ask("/v1/fold", "post")
        self.check_recognition(name)
        self.check_bundles()
        self.relay_.wait_drive()
        [drive] = self.ask("/v1/drives").json()
        self.ask("/v1/drives/{drive}/sync", "post", f"/v1/drives/{drive['id']}/sync", status=202)
        self.ask("/v1/drives/{drive}/release", "post", f"/v1/drives/{drive['id']}/release", status=202)
        today = self.ask("/v1/status").json()["clock"]["today"]
        self.ask("/v1/clock", "put", body=json.dumps({"today": today}), headers=JSON_BODY)
        self.check_events()
        documented = {(path, name) for path, methods in DOCUMENT["paths"].items() for name in methods}
        self.assertEqual(self.seen, {entry for entry in documented if entry[1] != "parameters"})

    def check_recognition(self, name):
        lines = self.ask("/v1/recognition", headers={"Accept": "application/x-ndjson"})
        self.assertEqual([json.loads(line)["id"] for line in lines.body.splitlines()], [name])
        records = self.ask("/v1/recognition")
        self.assertEqual(len(records.body), 2 + 106 + 16 * 4)
        cursor = records.headers["Wcmp-Cursor"]
        after = self.ask("/v1/recognition", target="/v1/recognition?wait=1&after=" + cursor)
        self.assertEqual(after.body, b"")
        day = json.loads(lines.body)["expires"]
        self.assertEqual(self.ask("/v1/recognition", target=f"/v1/recognition?expires_to={day}").body, b"")

    def check_bundles(self):
        bundle = self.ask("/v1/bundles").json()[0]
        target = "/v1/bundles/" + bundle["name"]
        whole = self.ask("/v1/bundles/{name}", target=target)
        self.assertEqual(len(whole.body), bundle["bytes"])
        part = self.ask("/v1/bundles/{name}", target=target, headers={"Range": "bytes=8-63"}, status=206)
        self.assertEqual(part.body, whole.body[8:64])
        known = {"If-None-Match": f'"{bundle["name"]}"'}
        self.ask("/v1/bundles/{name}", target=target, headers=known, status=304)
        beyond = {"Range": "bytes=99999999-"}
        self.ask("/v1/bundles/{name}", target=target, headers=beyond, status=416,
                 code="range_not_satisfiable")
        sent = self.ask("/v1/bundles", "post", body=whole.body, headers={"Content-Type": BUNDLE})
        self.assertEqual(sent.json()["known"], 1)

    def check_events(self):
        """One event is enough here: a second message, folded, is told."""
        connection = relay.UnixConnection(self.relay_.socket)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/events")
        response = connection.getresponse()
        self.enqueue()
        self.relay_.fold()
        line = response.readline()
        while json.loads(line)["type"] != "messages.added":
            self.check("/v1/events", relay.Answer(response.status, response.headers, line))
            line = response.readline()
        self.check("/v1/events", relay.Answer(response.status, response.headers, line))

    def test_errors_are_as_the_document_says(self):
        post = {"method": "post", "headers": {"Content-Type": MESSAGE}}
        stale = bundles.make_message(self.rng, relay.today() - 1)
        far = bundles.make_message(self.rng, relay.today() + 1000)
        good = bundles.make_message(self.rng, relay.today() + 30)
        self.ask("/v1/messages", body=b"short", status=400, code="malformed_message", **post)
        self.ask("/v1/messages", body=good[:-1], status=400, code="malformed_message", **post)
        self.ask("/v1/messages", body=stale, status=410, code="expired", **post)
        self.ask("/v1/messages", body=far, status=422, code="refused", **post)
        self.ask("/v1/messages", "post", body=good, headers={"Content-Type": "text/plain"}, status=415,
                 code="unsupported_media_type")
        self.ask("/v1/messages/{id}", target="/v1/messages/" + "0" * 64, status=404, code="not_found")
        self.ask("/v1/messages/{id}", target="/v1/messages/xyz", status=400, code="malformed_request")
        self.ask("/v1/messages/{id}", "head", "/v1/messages/" + "0" * 64, status=404)
        self.ask("/v1/messages/fetch", "post", body="{", headers=JSON_BODY, status=400,
                 code="malformed_request")
        self.ask("/v1/recognition", target="/v1/recognition?limit=0", status=400, code="malformed_request")
        self.ask("/v1/recognition", headers={"Accept": "text/html"}, status=406, code="not_acceptable")
        self.ask("/v1/bundles", "post", body=b"no bundle" * 100, status=400, code="malformed_bundle")
        self.ask("/v1/bundles/{name}", target="/v1/bundles/none", status=404, code="not_found")
        self.ask("/v1/drives/{drive}/sync", "post", "/v1/drives/d999/sync", status=404, code="not_found")
        early = json.dumps({"today": "1999-01-01"})
        refused = self.ask("/v1/clock", "put", body=early, headers=JSON_BODY, status=422, code="refused")
        self.assertEqual(refused.json()["rule"], "clock")
        wrong = self.relay_.request("DELETE", "/v1/messages/" + "0" * 64)
        self.assertEqual((wrong.status, wrong.headers["Allow"]), (405, "GET, HEAD"))

    def test_cursors_of_another_run_have_expired(self):
        self.enqueue()
        self.relay_.fold()
        cursor = self.ask("/v1/recognition").headers["Wcmp-Cursor"]
        self.relay_.stop()
        self.relay_.start()
        self.ask("/v1/recognition", target="/v1/recognition?after=" + cursor, status=410,
                 code="cursor_expired")

    def curl_posts(self, path, field):
        fields = ["-H", f"Content-Type: {MESSAGE}", "-H", field]
        return self.relay_.curl("/v1/messages", *fields, "--data-binary", f"@{path}")

    def test_curl_posts_a_megabyte_with_expect(self):
        message = bundles.make_message(self.rng, relay.today() + 30, body_exp=20)
        self.assertGreater(len(message), 900_000)
        path = self.folder / "message"
        path.write_bytes(message)
        status, body = self.curl_posts(path, "Expect: 100-continue")
        self.assertEqual(status, 201)
        self.assertEqual(json.loads(body)["id"], bundles.message_id(message).hex())

    def test_curl_is_told_when_a_body_is_too_large(self):
        limit = self.relay_.json("/v1")["limits"]["message_bytes_max"]
        path = self.folder / "large"
        path.write_bytes(bytes(limit + 1))
        for expect in ("Expect: 100-continue", "Expect:"):
            status, body = self.curl_posts(path, expect)
            self.assertEqual(status, 413)
            problem = json.loads(body)
            check_schema({"$ref": "#/components/schemas/Problem"}, problem)
            self.assertEqual((problem["code"], problem["limit"]), ("too_large", limit))


if __name__ == "__main__":
    relay.main()
