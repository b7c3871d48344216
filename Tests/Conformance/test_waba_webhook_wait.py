"""d360_waba_webhook_wait: reads until the WABA webhook is what is asked for."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import raw

from .answers import Answer
from .channel import OTHER_URL, URL, Channel
from .services import Embedded

HEADERS = {"Authorization": "Bearer hidden-value", "X-A": "1"}


def wait(channel: Channel, request: Any, timeout: int, key: str | None = None) -> Answer:
    return channel.unrecorded("waba_webhook_wait", request, timeout, key=key)


@pytest.fixture
def set_up(channel: Channel) -> Channel:
    channel("waba_webhook_set", {"url": URL, "headers": HEADERS}).must_succeed()
    return channel


@pytest.mark.parametrize("timeout", [0, 60_000])
def test_what_is_there_already_is_answered_at_once_with_the_reading(set_up: Channel, timeout: int) -> None:
    wait(set_up, {"url": URL, "headers": HEADERS}, timeout).must_be(set_up.waba_shown(url=URL, headers=HEADERS))


@pytest.mark.parametrize("override_all", [True, False])
def test_override_all_is_ignored(set_up: Channel, override_all: bool) -> None:
    wait(set_up, {"url": URL, "headers": HEADERS, "override_all": override_all}, 0).must_succeed()


def test_the_order_and_case_of_headers_do_not_count(set_up: Channel) -> None:
    wait(set_up, {"url": URL, "headers": {"x-a": "1", "authorization": HEADERS["Authorization"]}}, 0).must_succeed()


@pytest.mark.parametrize(
    "asked",
    [
        {"url": OTHER_URL, "headers": HEADERS},
        {"url": URL},
        {"url": URL, "headers": {}},
        {"url": URL, "headers": {**HEADERS, "X-B": "2"}},
        {"url": URL, "headers": {**HEADERS, "X-A": "2"}},
    ],
    ids=["another URL", "no headers", "empty headers", "more headers", "another value"],
)
def test_what_is_not_there_times_out_and_shows_what_was_last_seen(set_up: Channel, asked: dict[str, Any]) -> None:
    error = wait(set_up, asked, 0).must_fail("D360_TIMEOUT").error
    assert error["retryable"] is True
    hidden = dict.fromkeys(HEADERS, "***")
    assert error["last_seen"] == set_up.waba_shown(url=URL, headers=hidden)
    assert "hidden-value" not in str(error)


def test_a_webhook_never_set_is_waited_for(channel: Channel) -> None:
    assert wait(channel, {"url": URL}, 0).must_fail("D360_TIMEOUT").error["last_seen"] == channel.waba_shown()


def test_last_seen_loses_what_urls_lose(channel: Channel) -> None:
    channel("waba_webhook_set", {"url": f"{URL}?token=hidden-value"}).must_succeed()
    error = wait(channel, {"url": URL}, 0).must_fail("D360_TIMEOUT").error
    assert error["last_seen"]["url"] == URL and "hidden-value" not in str(error)


def test_a_webhook_that_becomes_due_is_seen(channels: Callable[..., Channel]) -> None:
    channel = channels(options={"apply_delay_ms": 300})
    begun = time.monotonic()
    channel("waba_webhook_set", {"url": URL}).must_succeed()
    wait(channel, {"url": URL}, 60_000).must_be(channel.waba_shown(url=URL, headers={}))
    assert time.monotonic() - begun >= 0.29


def test_the_time_limit_bounds_the_whole_call(channel: Channel) -> None:
    begun = time.monotonic()
    wait(channel, {"url": URL}, 2_000).must_fail("D360_TIMEOUT")
    assert 1.99 <= time.monotonic() - begun <= 2.2


def test_what_another_client_sets_meanwhile_is_seen(channel: Channel) -> None:
    later = threading.Timer(0.3, channel.unrecorded, ("waba_webhook_set", {"url": OTHER_URL}))
    later.start()
    wait(channel, {"url": OTHER_URL}, 60_000).must_be(channel.waba_shown(url=OTHER_URL, headers={}))
    later.join()


def test_cancel_ends_it_within_100_milliseconds(channel: Channel) -> None:
    _, derived, _ = raw.derive(channel.service.client)
    cancelled: list[float] = []

    def cancel() -> None:
        cancelled.append(time.monotonic())
        raw.library.d360_cancel(derived)

    later = threading.Timer(0.3, cancel)
    later.start()
    answer = raw.call("d360_waba_webhook_wait", derived, channel.key, {"url": URL}, 60_000)
    took = time.monotonic() - cancelled[0]
    later.join()
    raw.close(derived)
    Answer(channel.service, *answer).must_fail("D360_CANCELLED")
    assert took <= 0.1


def test_a_wrong_key_is_not_waited_for(channel: Channel) -> None:
    wait(channel, {"url": URL}, 60_000, key="key-of-nobody").must_fail("D360_UNAUTHORIZED", None)
    assert wait(channel, {"url": URL}, 60_000, key="key with space").must_fail("D360_INVALID_ARGUMENT").was_refused_here


@pytest.mark.parametrize("timeout", [-1, -(2**63)])
def test_a_negative_timeout_is_an_invalid_argument(set_up: Channel, timeout: int) -> None:
    assert "timeout_ms" in wait(set_up, {"url": URL}, timeout).must_fail("D360_INVALID_ARGUMENT", None).message


@pytest.mark.parametrize(
    ("request_", "status", "path"),
    [
        ({"url": "http://hooks.example.com/"}, "D360_INVALID_REQUEST", "/url"),
        ({}, "D360_INVALID_REQUEST", ""),
        ("null", "D360_INVALID_REQUEST", ""),
        ({"url": URL, "override_all": None}, "D360_INVALID_REQUEST", "/override_all"),
        ("{", "D360_MALFORMED_JSON", None),
        (b"\xff", "D360_MALFORMED_JSON", None),
        (None, "D360_INVALID_ARGUMENT", None),
    ],
)
def test_a_bad_request_is_refused_here(set_up: Channel, request_: Any, status: str, path: str | None) -> None:
    assert wait(set_up, request_, 60_000).must_fail(status, path).was_refused_here


LONGEST = """
import sys
from support import raw
_, client, _ = raw.open_client("sqlite::memory:")
raw.call("d360_channel_register", client, {"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
raw.call("d360_waba_webhook_set", client, "key", {"url": sys.argv[1]})
for timeout in (2**63 - 1, 2**62, 10**15):
    print(raw.call("d360_waba_webhook_wait", client, "key", {"url": sys.argv[1]}, timeout)[0])
"""


def test_the_longest_timeout_is_taken() -> None:
    """In a process of its own: an overflow would end it."""
    done = subprocess.run(
        [sys.executable, "-c", LONGEST, URL], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout.split()) == (0, ["D360_OK"] * 3), done.stderr


def test_on_an_embedded_service_any_number_of_readings_is_one_attempt(embedded: Embedded) -> None:
    embedded.register({"phone_number_id": "1", "waba_id": 1, "api_key": "key"})

    def attempts(key: str, timeout: int, status: str) -> int:
        answer = Answer(embedded, *embedded.call("d360_waba_webhook_wait", key, {"url": URL}, timeout))
        return answer.must_fail(status).error["attempts"]

    assert attempts("key", 0, "D360_TIMEOUT") == 1
    assert attempts("key", 1_000, "D360_TIMEOUT") == 1
    assert attempts("key-of-nobody", 1_000, "D360_UNAUTHORIZED") == 1
    later = threading.Timer(0.7, raw.library.d360_cancel, (embedded.client,))
    later.start()
    assert attempts("key", 60_000, "D360_CANCELLED") == 1
    later.join()
