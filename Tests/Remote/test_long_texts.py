"""Texts that are slow to look through cost no more than the time limit, to which `Client` holds every call."""

import json

import pytest
from Peers import faults

from Remote.calling import APPEND, AUDIT, MAIN, between, failed, succeeded

NEARLY = "a" * 20_000 + "b"
"""A header's value that an answer of nothing but `a` begins everywhere, and nowhere holds."""

BODIES = {
    "plain": b"a" * 900_000,
    "JSON": json.dumps({"error": "a" * 900_000}).encode(),
    "escaped": json.dumps({"error": "\\u0061" * 100_000}).encode(),
    "a path": json.dumps({"error": "no", "status": "D360_INVALID_REQUEST", "path": "/" + "a" * 900_000}).encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("values", [[NEARLY], [NEARLY[n:] for n in range(40)]], ids=["one value", "many values"])
def test_words_that_nearly_repeat_a_long_secret_are_looked_through_in_time(body: bytes, values: list[str]) -> None:
    request = {"url": MAIN, "headers": {f"X-{n}": value for n, value in enumerate(values)}}
    with between(APPEND, timeout_ms=1_000) as (peer, client):
        peer.script.every_write(faults.status(400, body))
        failed(client.call("customer_webhook_set", request), "D360_INVALID_REQUEST")


MANY = [{**AUDIT, "name": f"destination-{n}"} for n in range(8_000)]


@pytest.mark.parametrize("shown", [MANY[::-1], MANY[1:]], ids=["all", "all but one"])
def test_a_lost_append_of_thousands_of_destinations_is_settled_in_time(shown: list[dict[str, object]]) -> None:
    reading = json.dumps({"enabled": True, "destinations": shown}).encode()
    with between(APPEND, timeout_ms=4_000, url_policy="none") as (peer, client):
        peer.script.every_write(faults.cut_before_status()).every_reading(faults.body(reading, taken=False))
        result = client.call("multi_webhook_append", {"destinations": MANY})
        if len(shown) == len(MANY):
            succeeded(result)
            assert len(peer.record.writes) == 1
        else:
            failed(result, "D360_OUTCOME_UNKNOWN", "unknown")
