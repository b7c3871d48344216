"""An answer that takes long to parse: the time limit and a cancel of the call end that too."""

import json
import threading
from statistics import median

import pytest
from Peers import faults
from Peers.service import Peer
from support import raw

from Remote.calling import KEY, Stopwatch

ROUNDS = 5
#: 16 MiB, as a WABA of a million numbers would be shown.
NUMBERS = {
    "url": "https://hooks.example.com/waba",
    "waba_id": 7,
    "numbers_on_this_waba": [str(10**11 + n) for n in range(1_050_000)],
}
DESTINATIONS = {"enabled": True, "destinations": [{"name": str(n), "url": "https://hooks.example.com/"} for n in range(60_000)]}


def opened(peer: Peer, answer: object, timeout_ms: int) -> int:
    peer.script.every_reading(faults.status(200, json.dumps(answer).encode()))
    status, client, error = raw.open_client(
        peer.url, {"timeout_ms": timeout_ms, "max_response_bytes": 64 << 20, "max_attempts": 1}
    )
    assert status == "D360_OK" and client, error
    return client


@pytest.mark.parametrize(
    ("function", "answer", "timeout_ms"),
    [("waba_webhook_get", NUMBERS, 200), ("multi_webhook_get", DESTINATIONS, 40)],
    ids=["numbers", "destinations"],
)
def test_the_time_limit_ends_the_parsing_of_a_long_answer(function: str, answer: object, timeout_ms: int) -> None:
    seconds = []
    with Peer() as peer:
        client = opened(peer, answer, timeout_ms=timeout_ms)
        for _ in range(ROUNDS):
            stopwatch = Stopwatch()
            status, _ = raw.call(f"d360_{function}", client, KEY)
            seconds.append(stopwatch.seconds)
            assert status == "D360_TIMEOUT"
        raw.close(client)
    assert median(seconds) < timeout_ms / 1_000 + 0.1, seconds


def test_a_cancel_ends_the_parsing_of_a_long_answer() -> None:
    seconds = []
    with Peer() as peer:
        client = opened(peer, NUMBERS, timeout_ms=30_000)
        ended: list[str] = []
        for _ in range(ROUNDS):
            thread = threading.Thread(target=lambda: ended.append(raw.call("d360_waba_webhook_get", client, KEY)[0]))
            thread.start()
            thread.join(0.2)
            stopwatch = Stopwatch()
            raw.library.d360_cancel(client)
            thread.join()
            seconds.append(stopwatch.seconds)
            assert ended.pop() in ("D360_CANCELLED", "D360_OK")
        raw.close(client)
    assert median(seconds) < 0.1, seconds


def test_a_reading_that_takes_too_long_does_not_settle_a_write() -> None:
    with Peer() as peer:
        peer.script.every_write(faults.cut_before_status(taken=True))
        client = opened(peer, NUMBERS, timeout_ms=600)
        status, text = raw.call("d360_waba_webhook_set", client, KEY, {"url": "https://hooks.example.com/waba"})
        raw.close(client)
    assert text
    assert (status, json.loads(text)["error"]["outcome"]) == ("D360_OUTCOME_UNKNOWN", "unknown")


def test_a_reading_that_takes_too_long_does_not_explain_a_rejection() -> None:
    with Peer() as peer:
        peer.script.every_write(faults.error(409))
        client = opened(peer, DESTINATIONS, timeout_ms=160)
        added = {"destinations": [{"name": "crm", "url": "https://hooks.example.com/crm"}]}
        status, text = raw.call("d360_multi_webhook_append", client, KEY, added)
        raw.close(client)
    assert text
    assert (status, json.loads(text)["error"]["outcome"]) == ("D360_CONFLICT", "not_applied")
