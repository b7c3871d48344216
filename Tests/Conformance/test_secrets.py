"""A key, a header's value, and what URLs lose are searched for in everything that is no answer with D360_OK."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Peers import faults
from support import raw

from .services import KINDS, File, Remote, RemoteVendor, Service

# All secrets hold this word, so one search finds any part of any of them.
WORD = "hidden"
KEY = "key-hidden-0001"
OTHER_KEY = "key-hidden-0002"
VALUE = "Bearer hidden-0003"
URL = "https://hooks.example.com/main?token=hidden-0004"
BROKEN_URL = "https://user:hidden-0005@hooks.example.com:80/main?token=hidden-0006#hidden-0007"
WEBHOOK: dict[str, Any] = {"url": URL, "headers": {"Authorization": VALUE}}
BROKEN: list[dict[str, Any]] = [
    {"url": BROKEN_URL, "headers": {"Authorization": VALUE}},
    {"url": URL, "headers": {"Authorization": f"{VALUE}\r\n"}},
    {"url": URL, "headers": {"Host": VALUE}},
    {"url": URL, "headers": {"X-A": VALUE, "x-a": VALUE}},
    {"url": URL, "headers": {"X-A": VALUE * 1_000}},
    {"url": URL, "headers": VALUE},
    {"url": URL, "headers": {"X-A": [VALUE]}},
    {"url": f"http://hooks.example.com/{'a' * 2_048}?hidden", "headers": {}},
    {"url": {"hidden": URL}},
]
TEXTS = [
    f'{{"url": "{URL}", "headers": {{"Authorization": "{VALUE}"',
    f'{{"url": "{URL}", "url": "{URL}"}}',
    f'{{"url": "{URL}", "headers": {{"Authorization": {VALUE}}}}}',
    f'"{URL}"',
    f'["{VALUE}"]',
    VALUE,
    f'{{"url": "{URL}", "more": 99999999999999999999}}',
]
DESTINATION = {"name": "crm", **WEBHOOK}


class Witness:
    """A client that logs everything and keeps every failure's text."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.failures: list[str] = []
        self.lines: list[str] = []
        self._callback = raw.LOG(lambda level, message, context: self.lines.append(message.decode()))
        raw.library.d360_set_log(service.client, self._callback, None)

    def call(self, operation: str, key: Any, *arguments: Any) -> str:
        status, text = self.service.call(f"d360_{operation}", key, *arguments)
        if status != "D360_OK":
            self.failures.append(text or "")
        return status

    def found(self) -> list[str]:
        return [text for text in self.failures + self.lines if WORD in text]


@pytest.fixture(params=list(KINDS))
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    service = KINDS[request.param]({}, tmp_path)
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": KEY})
    yield Witness(service)
    service.close()


def break_every_rule(witness: Witness) -> None:
    for webhook in BROKEN:
        witness.call("customer_webhook_set", KEY, webhook)
        witness.call("waba_webhook_set", KEY, webhook)
        witness.call("multi_webhook_update", KEY, {"name": "crm", **webhook})
        witness.call("multi_webhook_append", KEY, {"destinations": [{"name": "b", **webhook}]})
        witness.call("waba_webhook_wait", KEY, webhook, 0)
    for text in TEXTS:
        for operation in ("customer_webhook_set", "waba_webhook_set", "multi_webhook_set", "multi_webhook_update"):
            witness.call(operation, KEY, text)


def meet_every_state(witness: Witness) -> None:
    appended = {"destinations": [DESTINATION]}
    assert witness.call("multi_webhook_append", KEY, appended) == "D360_NOT_ENABLED"
    assert witness.call("multi_webhook_set", KEY, {"enabled": True, **appended}) == "D360_OK"
    assert witness.call("multi_webhook_append", KEY, appended) == "D360_CONFLICT"
    assert witness.call("multi_webhook_set", KEY, {"enabled": True, **appended}) == "D360_CONFLICT"
    many = {"destinations": [{**DESTINATION, "name": name} for name in "abc"]}
    assert witness.call("multi_webhook_append", KEY, many) in ("D360_LIMIT_EXCEEDED", "D360_INVALID_REQUEST")
    assert witness.call("multi_webhook_update", KEY, {"name": "unknown", **WEBHOOK}) == "D360_NOT_FOUND"
    assert witness.call("customer_webhook_set", KEY, WEBHOOK) == "D360_OK"
    assert witness.call("waba_webhook_set", KEY, WEBHOOK) == "D360_OK"
    assert witness.call("waba_webhook_wait", KEY, {"url": f"{URL}-other"}, 0) == "D360_TIMEOUT"
    for operation in ("multi_webhook_get", "customer_webhook_get", "waba_webhook_get"):
        assert witness.call(operation, OTHER_KEY) == "D360_UNAUTHORIZED"
        assert witness.call(operation, f"{KEY} ") == "D360_INVALID_ARGUMENT"
    assert witness.call("customer_webhook_set", f"{KEY}\n", WEBHOOK) == "D360_INVALID_ARGUMENT"


def test_no_failure_and_no_log_line_holds_a_secret(witness: Witness) -> None:
    meet_every_state(witness)
    break_every_rule(witness)
    assert len(witness.failures) >= 5 * len(BROKEN)
    assert witness.found() == []


def test_a_success_shows_what_was_configured(witness: Witness) -> None:
    """Else the search above would find nothing anyway."""
    witness.call("multi_webhook_set", KEY, {"enabled": True, "destinations": [DESTINATION]})
    text = witness.service.call("d360_multi_webhook_get", KEY)[1] or ""
    assert VALUE in text and URL in text


def answers(words: str) -> dict[str, Any]:
    """What a service may say of a request, its own words included."""
    problems = [{"code": 1, "title": words, "details": words}]
    return {
        **{str(code): faults.error(code, words) for code in (400, 401, 403, 404, 409, 422, 429, 500, 503)},
        "text": faults.status(400, words.encode()),
        "nested": faults.status(400, json.dumps({"error": {"message": words, "code": 1}}).encode()),
        "list": faults.status(400, json.dumps({"meta": {}, "errors": problems}).encode()),
        "ours": faults.ours(400, "D360_INVALID_REQUEST", words, "/url"),
        "redirect": faults.status(302, b"", [("Location", BROKEN_URL)]),
        "no JSON": faults.body(words.encode()),
        "wrong types": faults.body(json.dumps({"url": [words], "message": [words], "destinations": words}).encode()),
        "cut": faults.cut_in_body(),
    }


WRITES = {
    "customer_webhook_set": WEBHOOK,
    "waba_webhook_set": WEBHOOK,
    "multi_webhook_set": {"enabled": True, "destinations": [DESTINATION]},
    "multi_webhook_append": {"destinations": [DESTINATION]},
    "multi_webhook_update": {"name": "crm", **WEBHOOK},
}
# What a reading or a delete could be told of a header is not among what the client knows.
OTHERS: dict[str, list[str]] = {
    "customer_webhook_get": [],
    "waba_webhook_get": [],
    "multi_webhook_get": [],
    "multi_webhook_delete": ["crm"],
}
ECHO = f"key {KEY} for {URL} and <{BROKEN_URL}>, again {KEY}"


@pytest.mark.parametrize("kind", [Remote, RemoteVendor])
@pytest.mark.parametrize("answer", list(answers("")))
def test_a_service_that_repeats_secrets_is_not_repeated(kind: type[Remote], answer: str, tmp_path: Path) -> None:
    service = kind({"max_attempts": 2, "timeout_ms": 1_000}, tmp_path)
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": KEY})
    witness = Witness(service)
    fault = answers(f"{ECHO}, Authorization: {VALUE}")[answer]
    service.peer.script.when(lambda request: True, lambda exchange: fault(exchange))
    for operation, request in WRITES.items():
        assert witness.call(operation, KEY, request) != "D360_OK"
    fault = answers(ECHO)[answer]
    for operation, arguments in OTHERS.items():
        assert witness.call(operation, KEY, *arguments) != "D360_OK"
    service.close()
    assert len(witness.failures) == len(WRITES) + len(OTHERS) and witness.lines
    assert witness.found() == []


def said_to_a_write(answer: str, words: str, folder: Path) -> str:
    """The error document of a write that a service refuses with these words."""
    service = RemoteVendor({}, folder)
    witness = Witness(service)
    service.peer.script.when(lambda request: True, answers(words)[answer])
    witness.call("customer_webhook_set", KEY, WEBHOOK)
    service.close()
    return witness.failures[0]


@pytest.mark.parametrize("answer", ["400", "401", "422", "nested", "list", "ours"])
def test_the_words_of_a_service_are_repeated_and_withheld_as_a_whole_if_they_repeat_a_secret(answer: str, tmp_path: Path) -> None:
    assert "no room for this webhook" in said_to_a_write(answer, "no room for this webhook", tmp_path)
    failure = said_to_a_write(answer, f"no room for this webhook at {KEY}", tmp_path)
    assert "withheld" in failure and "no room" not in failure and KEY not in failure


def test_a_registration_that_fails_repeats_no_key(witness: Witness) -> None:
    given = [
        {"phone_number_id": "2", "waba_id": 1, "api_key": KEY},
        {"phone_number_id": "2", "waba_id": 1, "api_key": f"{OTHER_KEY} "},
        {"phone_number_id": "2", "waba_id": 0, "api_key": OTHER_KEY},
        {"phone_number_id": "2", "api_key": OTHER_KEY},
        {"phone_number_id": "2", "waba_id": 1, "api_key": [OTHER_KEY]},
    ]
    for channel in [*given, f'{{"api_key": "{OTHER_KEY}"', f'{{"api_key": {OTHER_KEY}}}']:
        status, text = witness.service.call("d360_channel_register", channel)
        assert status != "D360_OK" and WORD not in (text or "")
    status, text = witness.service.call("d360_channel_list")
    assert WORD not in (text or "")


def test_a_database_holds_keys_as_digests_only(tmp_path: Path) -> None:
    service = File({}, tmp_path)
    witness = Witness(service)
    keys = [KEY, OTHER_KEY, "key-hidden-0008"]
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": KEY})
    meet_every_state(witness)
    break_every_rule(witness)
    service.register({"phone_number_id": "1", "api_key": OTHER_KEY})
    service.register({"phone_number_id": "2", "waba_id": 1, "api_key": keys[2]})
    witness.call("channel_register", {"phone_number_id": "3", "waba_id": 1, "api_key": OTHER_KEY})
    digest = hashlib.sha256(OTHER_KEY.encode()).digest()

    def search(moment: str) -> None:
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert any(digest in content for content in files.values()), moment
        for name, content in files.items():
            for key in keys:
                assert key.encode() not in content, (moment, name)

    search("open")
    service.close()
    search("closed")


def test_an_open_that_fails_repeats_no_secret_of_the_url() -> None:
    for url in (f"https://user:{KEY}@a.example/?{KEY}#{KEY}", f"http://a.example/?{KEY}", f"{KEY}:", f"https:/u:{KEY}@a.example"):
        error = raw.open_client(url)[2] or ""
        assert error and (WORD not in error), error
