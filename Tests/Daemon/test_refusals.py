"""Keys, content types, bodies: wrong ones are rejected, in the documented order."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from .accounts import STARTED, URL, Account
from .wire import JSON, Headers, Wire

ENABLE = b'{"enabled":true}'
MIB = 1_048_576


@pytest.mark.parametrize("name", ["D360-API-KEY", "D360-Api-Key", "d360-api-key", "D360-aPI-kEY"])
def test_the_case_of_the_keys_header_does_not_matter(account: Account, wire: Wire, name: str) -> None:
    wire.ask("GET", "/multi_webhook", [(name, account.key)]).must_be({"enabled": False, "destinations": []})
    wire.ask("GET", "/multi_webhook", [(name, f"  {account.key}\t ")]).must_be({"enabled": False, "destinations": []})


def wrong_keys(key: str) -> list[Headers]:
    values = [
        "",
        " ",
        "unknown",
        key.upper(),
        key[:-1],
        key + "x",
        f"{key} {key}",
        f"{key},{key}",
        f'"{key}"',
        "schlüssel",
        "\xff",
        key + "\x01",
    ]
    values += ["k" * 10_000, f"Bearer {key}"]
    name = "D360-API-KEY"
    alone: list[Headers] = [[(name, value)] for value in values]
    return [
        *alone, [], [("Authorization", f"Bearer {key}")], [("X-D360-API-KEY", key)],
        [(name, key), (name, "unknown")], [(name, "unknown"), (name, key)], [(name, key), (name.lower(), key)],
    ]  # fmt: skip


@pytest.mark.parametrize("index", range(len(wrong_keys("key"))))
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/multi_webhook"), ("POST", "/multi_webhook"), ("DELETE", "/multi_webhook/crm")]
)
def test_a_key_that_is_not_exactly_one_known_one_is_unauthorized(
    account: Account, wire: Wire, method: str, path: str, index: int
) -> None:
    headers = wrong_keys(account.key)[index]
    answer = wire.ask(method, path, [*headers, JSON], ENABLE if method == "POST" else None).must_fail(401, "D360_UNAUTHORIZED")
    assert answer.header("WWW-Authenticate") is None
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize(
    "value",
    [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
        "application/json ;x=y",
        'application/json; profile="a;b"', "application/json\t; charset=utf-8",
    ],
)  # fmt: skip
def test_json_by_any_spelling_is_taken(account: Account, wire: Wire, value: str) -> None:
    wire.ask("POST", "/multi_webhook", [*account.headers, ("Content-Type", value)], ENABLE).must_be(STARTED)


@pytest.mark.parametrize(
    "value",
    [
        "", "text/plain", "application/jsonx", "application/ld+json", "application/json, text/plain", "json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json", "application /json", "text/json", "*/*", "application/j\xf6son",
    ],
)  # fmt: skip
def test_any_other_content_type_is_refused(account: Account, wire: Wire, value: str) -> None:
    wire.ask("POST", "/multi_webhook", [*account.headers, ("Content-Type", value)], ENABLE).must_fail(415, "D360_INVALID_REQUEST")
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize(
    "types", [[], [JSON, JSON], [JSON, ("Content-Type", "text/plain")], [("Content-Type", "text/plain"), JSON]]
)
def test_a_missing_content_type_or_two_of_them_are_refused(account: Account, wire: Wire, types: Headers) -> None:
    wire.ask("POST", "/multi_webhook", [*account.headers, *types], ENABLE).must_fail(415, "D360_INVALID_REQUEST")


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"nonsense", b'{"enabled":true}}', b'{"enabled":true,}', b"{'enabled':true}", b'{"enabled":true}\x00',
        b"\xef\xbb\xbf" + ENABLE,
        b'{"enabled":true,"x":"\xff"}', b'{"enabled":true,"x":"\xed\xa0\x80"}', b'{"enabled":true,"x":"\\ud800"}',
        b'{"enabled":true,"x":"\\u0000"}',
        b'{"enabled":true,"enabled":true}', b"[" * 65 + b"]" * 65, ENABLE.decode().encode("utf-16"), b"\xff\xfe", b"\x80",
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_malformed(account: Account, wire: Wire, body: bytes) -> None:
    wire.ask("POST", "/multi_webhook", account.json_headers, body).must_fail(400, "D360_MALFORMED_JSON")
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"', b"true"])
def test_a_body_that_is_no_object_is_invalid(account: Account, wire: Wire, body: bytes) -> None:
    wire.ask("POST", "/multi_webhook", account.json_headers, body).must_fail(400, "D360_INVALID_REQUEST", "")


@dataclass
class Attempt:
    """An append of one destination to an account that has three, `taken` among them, and is enabled or not; flaws are put in."""

    account: Account
    method: str = "PUT"
    path: str = "/multi_webhook"
    headers: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    is_disabled: bool = False

    def send(self) -> Any:
        if self.is_disabled:
            self.account.ask("POST", "/multi_webhook", {"enabled": False}).must_be(STARTED)
        body = json.dumps(self.document).encode() if self.body is None else self.body
        if "Content-Length" in self.headers:
            body = b""
        with Wire(self.account.daemon.port) as wire:
            return wire.ask(self.method, self.path, list(self.headers.items()), body)


def unknown_path(attempt: Attempt) -> None:
    attempt.path = "/nowhere"


def wrong_method(attempt: Attempt) -> None:
    attempt.method = "DELETE"


def unknown_key(attempt: Attempt) -> None:
    attempt.headers["D360-API-KEY"] = "unknown"


def too_long(attempt: Attempt) -> None:
    attempt.headers["Content-Length"] = str(MIB + 1)


def no_json_type(attempt: Attempt) -> None:
    attempt.headers["Content-Type"] = "text/plain"


def no_json(attempt: Attempt) -> None:
    attempt.body = b"{"


def unknown_member(attempt: Attempt) -> None:
    attempt.document = {"unknown": 1, **attempt.document}


def bad_url(attempt: Attempt) -> None:
    attempt.document["destinations"][0]["url"] = "no URL"


def is_off(attempt: Attempt) -> None:
    attempt.is_disabled = True


def name_taken(attempt: Attempt) -> None:
    attempt.document["destinations"][0]["name"] = "taken"


def too_many(attempt: Attempt) -> None:
    """Three are there already."""


#: In the order in which they answer: code, status, path.
FLAWS: dict[Any, tuple[int, str, str | None]] = {
    unknown_path: (404, "D360_NOT_FOUND", None),
    wrong_method: (405, "D360_INVALID_REQUEST", None),
    unknown_key: (401, "D360_UNAUTHORIZED", None),
    too_long: (413, "D360_INVALID_REQUEST", ""),
    no_json_type: (415, "D360_INVALID_REQUEST", None),
    no_json: (400, "D360_MALFORMED_JSON", None),
    unknown_member: (400, "D360_INVALID_REQUEST", "/unknown"),
    bad_url: (400, "D360_INVALID_REQUEST", "/destinations/0/url"),
    is_off: (409, "D360_NOT_ENABLED", None),
    name_taken: (409, "D360_CONFLICT", "/destinations/0/name"),
    too_many: (400, "D360_LIMIT_EXCEEDED", "/destinations"),
}
PAIRS = list(itertools.combinations(FLAWS, 2))


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=[f"{a.__name__}-{b.__name__}" for a, b in PAIRS])
def test_of_two_flaws_the_earlier_rule_answers(account: Account, first: Any, second: Any) -> None:
    attempt = Attempt(account.enable("a", "b", "taken"), headers=dict(account.json_headers))
    attempt.document = {"destinations": [{"name": "new", "url": URL}]}
    second(attempt)
    first(attempt)
    attempt.send().must_fail(*FLAWS[first])
    assert account.names() == ["a", "b", "taken"]


def test_the_order_holds_with_every_flaw_at_once(account: Account) -> None:
    flaws = list(FLAWS)
    account.enable("a", "b", "taken")
    for start, first in enumerate(flaws):
        attempt = Attempt(account, headers=dict(account.json_headers))
        attempt.document = {"destinations": [{"name": "new", "url": URL}]}
        for flaw in reversed(flaws[start:]):
            flaw(attempt)
        attempt.send().must_fail(*FLAWS[first])
        account.ask("POST", "/multi_webhook", {"enabled": True}).must_be(STARTED)


def test_an_error_says_what_went_wrong_word_by_word(account: Account) -> None:
    account.enable("crm")
    answer = account.append("crm")
    assert answer.code == 409
    assert list(json.loads(answer.body)) == ["error", "status", "message", "path"]
    assert answer.header("Content-Length") == str(len(answer.body))
