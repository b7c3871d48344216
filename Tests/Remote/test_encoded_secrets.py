"""Each secret in each encoding at each place of an answer: what may repeat one is dropped as a whole."""

from typing import Any

import pytest
from Peers.encodings import ENCODINGS
from Peers.exchange import Exchange
from Peers.service import Peer
from support import raw

from Remote.calling import Client, Result
from Remote.repeating import MARK, NEVER, PASSED_ON

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
