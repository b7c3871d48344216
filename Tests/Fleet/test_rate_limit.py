"""A service that admits so many requests a second: a token bucket that answers 429."""

import os
import threading
import time
from collections.abc import Callable

import pytest
from Peers import faults
from Peers.recorder import Received

from .fleet import HOOK, MAIN, Fleet, account, counts, document, rows

SOAK = bool(os.environ.get("D360_SOAK"))


class TokenBucket:
    """Admits `rate` requests a second, and as many at once."""

    def __init__(self, rate: float) -> None:
        self._rate, self._tokens, self._at = rate, rate, time.monotonic()
        self._lock = threading.Lock()
        self.refused = self.admitted = 0

    def refuses(self, _: Received) -> bool:
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens >= 1:
                self._tokens -= 1
                self.admitted += 1
                return False
            self.refused += 1
            return True


def limited(fleet: Fleet, rate: float, count: int, retry_after: str | None) -> TokenBucket:
    for index in range(count):
        fleet.register(f"n{index}", waba_id=index + 1)
    bucket = TokenBucket(rate)
    fault = faults.retry_after(retry_after) if retry_after else faults.error(429, "slow down")
    fleet.peer.script.when(bucket.refuses, fault)
    return bucket


@pytest.mark.parametrize("retry_after", [None, "1"])
def test_fifty_requests_a_second_are_used_well(opened: Callable[..., Fleet], retry_after: str | None) -> None:
    count = 2_000 if SOAK else 200
    fleet = opened("remote-vendor", max_attempts=1)
    bucket = limited(fleet, 50, count, retry_after)
    began = time.monotonic()
    report = fleet.audit(document(*[account(f"n{index}") for index in range(count)]))
    seconds = time.monotonic() - began
    assert counts(report) == {"in_sync": count, "losing_events": count} and bucket.admitted == 2 * count
    if SOAK:
        assert bucket.refused < 0.05 * (bucket.admitted + bucket.refused)
        assert seconds <= 1.2 * bucket.admitted / 50


def test_waiting_is_not_part_of_an_accounts_time_limit(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", timeout_ms=1_500, max_attempts=1)
    limited(fleet, 20, 60, None)
    wanted = document(*[account(f"n{index}", customer_webhook={"url": MAIN}) for index in range(30)])
    report = fleet.apply(wanted, concurrency=30)
    assert counts(report) == {"changed": 30, "operations": 30}


def test_retry_after_is_kept_by_every_account(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", max_attempts=1)
    for index in range(10):
        fleet.register(f"n{index}", waba_id=index + 1)
    fleet.peer.script.readings(None, faults.retry_after("1"))
    report = fleet.audit(document(*[account(f"n{index}") for index in range(10)]), concurrency=1)
    assert counts(report) == {"in_sync": 10, "losing_events": 10}
    times = [one.at for one in fleet.peer.record.requests]
    assert times[2] - times[1] >= 0.99


def test_a_service_that_admits_nothing_is_given_up(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", timeout_ms=500)
    for index in range(20):
        fleet.register(f"n{index}", waba_id=index + 1)
    fleet.peer.script.readings(*[None] * 4).when(lambda _: True, faults.error(429, "slow down"))
    began = time.monotonic()
    report = fleet.apply(document(*[account(f"n{index}", customer_webhook={"url": MAIN}) for index in range(20)]), concurrency=2)
    assert time.monotonic() - began < 5
    assert {row["status"] for row in report["accounts"]} == {"D360_RATE_LIMITED"} and counts(report)["failed"] == 20
    error = rows(report)["n19"]["error"]
    assert (error["retryable"], error["outcome"], error["http_status"]) == (True, "not_applied", 429)


def test_the_ceiling_holds_on_every_service(fleet: Fleet) -> None:
    for index in range(20):
        fleet.register(f"n{index}", waba_id=index + 1)
    began = time.monotonic()
    fleet.audit(document(*[account(f"n{index}") for index in range(20)]), requests_per_second=40)
    assert time.monotonic() - began >= 39 / 40 - 0.05
    if fleet.has_peer:
        times = [one.at for one in fleet.peer.record.requests]
        assert len(times) == 40


def test_a_429_to_a_write_is_no_failure(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", max_attempts=1)
    fleet.register("berlin")
    fleet.peer.script.writes(faults.error(429, "slow down"), faults.error(429, "slow down"))
    report = fleet.apply(document(account("berlin", customer_webhook={"url": MAIN}, waba_webhook={"url": HOOK})))
    assert counts(report) == {"changed": 1, "operations": 2}
    assert len(fleet.peer.record.writes) == 4
