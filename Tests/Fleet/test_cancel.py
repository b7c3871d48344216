"""Progress, and cancel in the middle: the report says exactly what was done, and a second apply finishes it."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults
from support import raw

from .fleet import CRM, MAIN, Fleet, account, counts, document, lines

COUNT = 40
NAMES = [f"n{index}" for index in range(COUNT)]
WANTED = document(*[account(name, customer_webhook={"url": MAIN}, multi_webhook={"destinations": [CRM]}) for name in NAMES])


@pytest.fixture
def many(fleet: Fleet) -> Fleet:
    for index, name in enumerate(NAMES):
        fleet.register(name, waba_id=index + 1)
    return fleet


def check(fleet: Fleet, error: dict[str, Any]) -> None:
    """The report of a cancelled call against what the service holds; then another apply finishes it."""
    assert error["status"] == "D360_CANCELLED"
    report = error["report"]
    assert [row["name"] for row in report["accounts"]] == NAMES
    for row in report["accounts"]:
        for action in row["actions"]:
            if action.get("outcome") == "unknown":
                continue
            is_there = (
                fleet.customer(row["name"]) == MAIN
                if action["operation"] == "customer_webhook_set"
                else fleet.destinations(row["name"]) == {"crm": CRM["url"]}
            )
            assert is_there == (action.get("outcome") == "applied"), row
    begun = [action for row in report["accounts"] for action in row["actions"] if action["status"] != "planned"]
    assert report["summary"]["operations"] == len(begun)
    assert sum(report["summary"][one] for one in ("in_sync", "changed", "failed", "unknown", "skipped")) == COUNT
    outcomes = {action["outcome"] for action in begun}
    assert error["outcome"] == next((one for one in ("unknown", "applied") if one in outcomes), "not_applied")
    again = fleet.apply(WANTED)
    assert counts(again).get("failed", 0) == 0
    assert counts(fleet.apply(WANTED)) == {"in_sync": COUNT}


@pytest.mark.parametrize("after", [1, 5, 20])
def test_a_progress_callback_cancels_its_call_alone(many: Fleet, after: int) -> None:
    seen: list[int] = []

    def progress(event: dict[str, Any]) -> int:
        seen.append(event["done"])
        return int(event["done"] >= after)

    status, answer = many.call("apply", WANTED, progress, concurrency=2)
    assert status == "D360_CANCELLED" and seen == list(range(1, after + 1))
    check(many, answer["error"])


def test_d360_cancel_ends_an_apply_within_a_moment(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    for index, name in enumerate(NAMES):
        fleet.register(name, waba_id=index + 1)
    rule = (lambda one: not one.is_reading, faults.late(0.05))
    fleet.peer.script.when(*rule)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(fleet.call("apply", WANTED, concurrency=4)))
    thread.start()
    while len(fleet.peer.record.writes) < 25:
        time.sleep(0.002)
    raw.library.d360_cancel(fleet.client)
    began = time.monotonic()
    thread.join()
    assert time.monotonic() - began < 1
    status, answer = answers[0]
    assert status == "D360_CANCELLED"
    fleet.peer.script._always.remove(rule)
    done = [row for row in answer["error"]["report"]["accounts"] if any(" D360_OK" in one for one in lines(row))]
    assert done and counts(answer["error"]["report"])["skipped"] > 0
    time.sleep(0.2)  # what was under way at the cancel
    check(fleet, answer["error"])


def test_a_cancelled_reading_says_who_was_read(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    for index, name in enumerate(NAMES):
        fleet.register(name, waba_id=index + 1)
    for call in ("plan", "audit"):
        status, answer = fleet.call(call, WANTED, lambda event: int(event["done"] == 3), concurrency=1)
        report = answer["error"]["report"]
        assert status == "D360_CANCELLED" and report["accounts"][0]["digest"]
        assert report["accounts"][-1]["status"] == "D360_CANCELLED" and report["accounts"][-1]["digest"] is None
        assert not report["summary"]["operations"]


def test_done_rises_by_one_on_the_callers_thread(many: Fleet) -> None:
    for call in ("plan", "audit", "apply", "apply"):
        events: list[tuple[dict[str, Any], int]] = []

        def progress(event: dict[str, Any], events: Any = events) -> int:
            events.append((event, threading.get_ident()))
            return 0

        report = many.report(call, WANTED, progress)
        assert [event["done"] for event, _ in events] == list(range(1, COUNT + 1))
        assert {event["total"] for event, _ in events} == {COUNT} and {thread for _, thread in events} == {threading.get_ident()}
        rows = {row["name"]: row for row in report["accounts"]}
        for event, _ in events:
            row = rows[event["name"]]
            assert (event["status"], event["actions"]) == (row["status"], len(row["actions"])), call
            assert set(event) == {"done", "total", "name", "status", "actions"}


def test_a_callback_may_call_d360_cancel(many: Fleet) -> None:
    def progress(_: dict[str, Any]) -> int:
        raw.library.d360_cancel(many.client)
        return 0

    status, answer = many.call("apply", WANTED, progress)
    assert status == "D360_CANCELLED"
    check(many, answer["error"])


def test_no_thread_outlives_a_call(many: Fleet) -> None:
    before = len(os.listdir("/proc/self/task")) - (threads_of(many) if many.has_peer else 0)
    many.plan(WANTED, concurrency=256)
    assert len(os.listdir("/proc/self/task")) - (threads_of(many) if many.has_peer else 0) <= before


def threads_of(fleet: Fleet) -> int:
    """The peer's own, one for each connection."""
    return sum(thread.is_alive() for thread in fleet.peer._server._threads)
