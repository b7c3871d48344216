"""Each secret of an account in each encoding at each place of an answer: no report, error, event or log line has it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from Peers.encodings import ENCODINGS
from Peers.exchange import Exchange
from Remote.repeating import MARK, NEVER, PASSED_ON
from support import raw

from .fleet import Fleet, account, document

KEY = "key-berlin-0815-4711"
SECRETS = {
    "key": KEY,
    "header of a customer webhook": "Bearer 0wn-Secret/1",
    "header of a WABA webhook": "Bearer w4ba-Secret+2",
    "header of a destination": "Basic d3stination-Secret3",
    "query": "qu3ry-s3cret-0815",
}


def webhook(place: str, query: str = "") -> dict[str, Any]:
    return {"url": f"https://hooks.example.com/w{query}", "headers": {"Authorization": SECRETS[f"header of {place}"]}}


WANTED = document(
    {
        "name": "berlin",
        "api_key": KEY,
        "customer_webhook": webhook("a customer webhook", f"?token={SECRETS['query']}"),
        "waba_webhook": webhook("a WABA webhook"),
        "multi_webhook": {"destinations": [{"name": "crm", **webhook("a destination")}]},
    },
    account("munich", customer_webhook={"url": "https://hooks.example.com/w"}),
)
CALLS = ["plan", "audit", "apply", "export"]


class Echo:
    """berlin's `answered` requests, readings or writes, are answered with `answer`."""

    def __init__(self, fleet: Fleet) -> None:
        self.answer, self.answered = b"", "readings"
        self._fleet = fleet
        self.said: list[str] = []
        self._sink = raw.LOG(lambda level, text, context: self.said.append(text.decode()))
        fleet.register("berlin", waba_id=1, key=KEY)
        fleet.register("munich", waba_id=2)
        fleet.peer.script.always(self._meet)
        raw.library.d360_set_log(fleet.client, self._sink, None)

    def _meet(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.fields["d360-api-key"] == KEY and request.is_reading == (self.answered == "readings"):
            exchange.send(self.answer)
        else:
            exchange.answer(exchange.take())

    def call(self, call: str, answered: str, answer: bytes, wanted: Any = WANTED) -> str:
        """All that the call lets out."""
        self.answer, self.answered = answer, answered
        self.said.clear()
        keys = {"accounts": [{"name": one["name"], "api_key": one["api_key"]} for one in wanted["accounts"]]}
        given = keys if call == "export" else wanted
        status, answer_ = self._fleet.call(call, given, lambda event: self.said.append(json.dumps(event)) or 0, wait_ms=1)
        report = answer_["report"] if status == "D360_OK" and call == "export" else answer_
        return "\n".join([json.dumps(report, ensure_ascii=False), *self.said])


@pytest.fixture
def echo(opened: Callable[..., Fleet]) -> Echo:
    return Echo(opened("remote-vendor", max_attempts=1, timeout_ms=5_000))


#: A 429 would be waited out. A reading that succeeds is shown by the report, so a mark in it proves nothing.
PLACES = {name: make for name, make in (PASSED_ON | NEVER).items() if "429" not in name and name not in ("a time", "a reading")}
#: A write whose success cannot be used is looked for until the time is up.
UNUSABLE = ("a wrong type", "no JSON", "an encoding", "the content type of a success")
WAYS = [(call, "readings") for call in CALLS] + [("apply", "writes")]
#: An export knows no other.
KNOWN = [(*way, secret) for way in WAYS for secret in SECRETS if way[0] != "export" or secret == "key"]


@pytest.mark.parametrize(("call", "answered", "secret"), KNOWN, ids=[" ".join(one) for one in KNOWN])
def test_no_secret_of_the_account_is_repeated(echo: Echo, call: str, answered: str, secret: str) -> None:
    let_out = []
    for encoding, encode in ENCODINGS.items():
        text = f"{MARK} {encode(SECRETS[secret])} {MARK}"
        for place, make in PLACES.items():
            if answered == "writes" and place in UNUSABLE:
                continue
            said = echo.call(call, answered, make(text))
            if MARK in said or SECRETS[secret].lower() in said.lower():
                let_out.append((encoding, place))
    assert let_out == []


def test_words_without_a_secret_are_passed_on(echo: Echo) -> None:
    """Else the test above would find nothing anyway."""
    for call, answered in WAYS:
        for place in PASSED_ON.keys() & PLACES.keys():
            assert MARK in echo.call(call, answered, PASSED_ON[place](f"{MARK} and pear")), (call, place)


@pytest.mark.parametrize(("call", "answered"), WAYS, ids=[" ".join(one) for one in WAYS])
def test_no_secret_of_another_account_is_repeated(echo: Echo, call: str, answered: str) -> None:
    """munich's are in what the service says about berlin."""
    others = {"key": "key-munich", "header": "Bearer mun1ch-Secret/9", "query": "mun1ch-qu3ry-s3cret"}
    url, headers = f"https://hooks.example.com/w?token={others['query']}", {"Authorization": others["header"]}
    munich = account("munich", multi_webhook={"destinations": [{"name": "crm", "url": url, "headers": headers}]})
    given = document(WANTED["accounts"][0], munich)
    if call == "export":
        others = {"key": others["key"]}
    let_out = []
    for place, make in PLACES.items():
        if place in UNUSABLE and answered == "writes":
            continue
        for encoding, encode in ENCODINGS.items():
            for secret, value in others.items():
                text = f"{MARK} {encode(value)} {MARK}"
                if MARK in echo.call(call, answered, make(text), given):
                    let_out.append((place, encoding, secret))
    assert let_out == []
