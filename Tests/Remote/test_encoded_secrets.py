"""Each secret in each encoding at each place of an answer: what may repeat one is dropped as a whole."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from Peers.encodings import ENCODINGS
from Peers.exchange import Exchange
from Peers.service import Peer
from support import raw

from Remote.calling import Client, Result

KEY = "live_8f2bA0c4-secret-key"
VALUE = "Bearer h3ader/Value+0123"
USERINFO = "us3rname:pa55word"
QUERY = "qu3ry-s3cret-0815"
FRAGMENT = "fr4gment-4711"
URL = f"https://{USERINFO}@hooks.example.com/main?token={QUERY}&x=1#{FRAGMENT}"
WEBHOOK: dict[str, Any] = {"url": URL, "headers": {"Authorization": VALUE}}
CALLS: dict[str, list[Any]] = {
    "multi_webhook_get": [],
    "multi_webhook_set": [{"enabled": True, "destinations": [{"name": "crm", **WEBHOOK}]}],
    "multi_webhook_append": [{"destinations": [{"name": "crm", **WEBHOOK}]}],
    "multi_webhook_update": [{"name": "crm", **WEBHOOK}],
    "multi_webhook_delete": ["crm"],
    "customer_webhook_get": [],
    "customer_webhook_set": [WEBHOOK],
    "waba_webhook_get": [],
    "waba_webhook_set": [{**WEBHOOK, "override_all": True}],
    "waba_webhook_wait": [WEBHOOK, 0],
}
SECRETS = {"key": KEY, "header": VALUE, "userinfo": USERINFO, "query": QUERY, "fragment": FRAGMENT}
MARK = "quince"
"""Is in the same text as the secret, and in nothing else."""


def answer(body: Any, code: int = 400, content_type: str = "application/json", headers: str = "", reason: str = "No") -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {code} {reason}\r\nContent-Type: {content_type}\r\n{headers}Content-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def page(text: str) -> bytes:
    return f"<!doctype html><html><head><title>{text}</title></head><body>{text}</body></html>".encode()


def line(text: str) -> str:
    return text.replace("\n", " ")


#: Where a text may be in an answer; those in the first part are passed on if they hold no secret.
PASSED_ON: dict[str, Callable[[str], bytes]] = {
    "error": lambda text: answer({"error": text}),
    "error of 401": lambda text: answer({"error": text}, 401),
    "error of 404": lambda text: answer({"error": text}, 404),
    "message of 409": lambda text: answer({"message": text}, 409),
    "error of 429": lambda text: answer({"error": text}, 429),
    "error of 500": lambda text: answer({"error": text}, 500),
    "error object": lambda text: answer({"error": {"message": text, "code": 7}}),
    "errors": lambda text: answer({"meta": {}, "errors": [{"code": 1, "title": text, "details": text}]}),
    "developer_message": lambda text: answer({"meta": {"developer_message": text, "details": [{"developer_message": text}]}}),
    "details": lambda text: answer({"meta": {"developer_message": "no", "details": [{"developer_message": text}]}}),
    "detail": lambda text: answer({"detail": text}),
    "our status": lambda text: answer({"error": text, "message": text, "status": "D360_CONFLICT"}, 409),
    "a title": lambda text: answer(page(text), 403, "text/html"),
}
NEVER: dict[str, Callable[[str], bytes]] = {
    "plain text": lambda text: answer(text.encode(), 400, "text/plain"),
    "our path": lambda text: answer({"error": "no", "status": "D360_INVALID_REQUEST", "path": f"/{text}"}),
    "a member's name": lambda text: answer({text: text, "error": {text: text}}),
    "a wrong type": lambda text: answer({"url": [text], "message": [text], "enabled": text, "destinations": text}, 200),
    "no JSON": lambda text: answer(text.encode(), 200),
    "a reading": lambda text: answer({"url": "https://x.example.com/", "headers": {"A": text}, "note": text, "enabled": 1}, 200),
    "the reason": lambda text: answer({}, 400, reason=line(text)),
    "a header": lambda text: answer({}, 400, headers=f"X-Echo: {line(text)}\r\n"),
    "a header's name": lambda text: answer({}, 400, headers=f"X-{line(text).replace(':', '-').replace(' ', '-')}: 1\r\n"),
    "the content type": lambda text: answer({"error": "no"}, 400, content_type=f"text/{line(text)}"),
    "the content type of a success": lambda text: answer(b"x", 200, content_type=f"text/{line(text)}"),
    "a location": lambda text: answer({}, 302, headers=f"Location: https://x.example.com/{line(text)}\r\n"),
    "a time": lambda text: answer({}, 429, headers=f"Retry-After: {line(text)}\r\n"),
    "an encoding": lambda text: answer({}, 200, headers=f"Content-Encoding: {line(text)}\r\n"),
}


class Echo:
    """A service that answers everything with `answer`, and a client of it; its log is in `lines`."""

    def __init__(self) -> None:
        self.answer = b""
        self.lines: list[str] = []
        self._peer = Peer(channels=[])
        self._peer.script.always(self._send)
        self._client = Client(self._peer.url, max_attempts=1, timeout_ms=5_000, url_policy="none")
        self._sink = raw.LOG(lambda level, text, context: self.lines.append(text.decode()))
        raw.library.d360_set_log(self._client.handle, self._sink, None)

    def _send(self, exchange: Exchange) -> None:
        exchange.send(self.answer)

    def call(self, function: str, answer: bytes) -> tuple[Result, str]:
        """The result, and all that the call let out."""
        self.answer = answer
        self.lines.clear()
        result = self._client.call(function, *CALLS[function], key=KEY)
        return result, "\n".join([result.text or "", *self.lines])

    def __enter__(self) -> "Echo":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._peer.close()


#: A call without a body has no secret but the key.
KNOWN = [
    (function, secret)
    for function, given in CALLS.items()
    for secret in (SECRETS if given and isinstance(given[0], dict) else ["key"])
]


@pytest.mark.parametrize(("function", "secret"), KNOWN, ids=[f"{function} {secret}" for function, secret in KNOWN])
def test_no_secret_is_repeated_in_any_encoding_from_any_place(function: str, secret: str) -> None:
    let_out = []
    with Echo() as service:
        for encoding, encode in ENCODINGS.items():
            text = f"{MARK} {encode(SECRETS[secret])} {MARK}"
            for place, make in (PASSED_ON | NEVER).items():
                result, said = service.call(function, make(text))
                if result.status == "D360_OK":  # the service's own text
                    assert place == "a reading", (encoding, place)
                    said = "\n".join(service.lines)
                if MARK in said or SECRETS[secret].lower() in said.lower():
                    let_out.append((encoding, place))
    assert let_out == []


@pytest.mark.parametrize("function", CALLS)
def test_words_without_a_secret_are_passed_on(function: str) -> None:
    """Else the test above would find nothing anyway."""
    with Echo() as service:
        for place, make in PASSED_ON.items():
            assert MARK in service.call(function, make(f"{MARK} and pear"))[1], place
