# SPDX-License-Identifier: Apache-2.0
"""Fleets of numbers: documents in, reports out."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from d360webhook import Cancelled, Client, FleetDocument, FleetEvent, InvalidArgument, InvalidRequest
from Python.interrupting import interrupt_at_random

MAIN = "https://hooks.example.com/main"
NAMES = [f"n{index}" for index in range(30)]
DOCUMENT: FleetDocument = {
    "profiles": {"standard": {"customer_webhook": {"url": MAIN}}},
    "accounts": [{"name": name, "api_key": f"key-{name}", "profile": "standard"} for name in NAMES],
}


@pytest.fixture
def fleet() -> Iterator[Client]:
    with Client("sqlite::memory:") as client:
        for index, name in enumerate(NAMES):
            client.channel_register(str(index), waba_id=index + 1, api_key=f"key-{name}")
        yield client


def test_plan_apply_audit_and_export_answer_dicts(fleet: Client) -> None:
    assert fleet.fleet_plan(DOCUMENT)["accounts"][0]["actions"][0]["status"] == "planned"
    assert fleet.fleet_audit(DOCUMENT)["summary"]["losing_events"] == len(NAMES)
    assert fleet.fleet_apply(DOCUMENT)["summary"]["changed"] == len(NAMES)
    assert fleet.fleet_apply(DOCUMENT)["summary"]["operations"] == 0
    export = fleet.fleet_export({"accounts": [{"name": "n0", "api_key": "key-n0"}]})
    assert export["document"]["accounts"][0]["customer_webhook"] == {"url": MAIN}
    assert fleet.fleet_plan(export["document"])["summary"]["in_sync"] == 1


def test_options_are_given_by_name_and_none_is_left_out(fleet: Client) -> None:
    plan = fleet.fleet_plan(DOCUMENT, only=["n1", "n2"], concurrency=1, max_failures=None)
    assert [row["name"] for row in plan["accounts"]] == ["n1", "n2"]
    assert fleet.fleet_apply(DOCUMENT, plan=plan)["summary"]["skipped"] == len(NAMES) - 2
    with pytest.raises(InvalidArgument) as refused:
        fleet.fleet_plan(DOCUMENT, only=["nobody"])
    assert refused.value.path == "/only/0"


def test_a_wrong_document_names_its_path(fleet: Client) -> None:
    wrong: Any = {"accounts": [{"name": "a", "api_key": "k", "customer_webhook": {"url": None}}]}
    with pytest.raises(InvalidRequest) as refused:
        fleet.fleet_plan(wrong)
    assert refused.value.path == "/accounts/0/customer_webhook/url"
    nothing: Any = None
    with pytest.raises(InvalidArgument):
        fleet.fleet_apply(nothing)


def test_progress_is_told_on_the_callers_thread(fleet: Client) -> None:
    events: list[tuple[FleetEvent, int]] = []
    fleet.fleet_audit(DOCUMENT, progress=lambda event: events.append((event, threading.get_ident())))
    assert [event["done"] for event, _ in events] == list(range(1, len(NAMES) + 1))
    assert {thread for _, thread in events} == {threading.get_ident()}


def test_a_true_value_cancels_and_the_error_carries_the_report(fleet: Client) -> None:
    with pytest.raises(Cancelled) as cancelled:
        fleet.fleet_apply(DOCUMENT, progress=lambda event: event["done"] == 3)
    report = cancelled.value.report
    assert report is not None and [row["name"] for row in report["accounts"]] == NAMES
    assert fleet.fleet_apply(DOCUMENT)["summary"]["failed"] == 0


def test_what_progress_raises_ends_the_call_and_is_raised(fleet: Client) -> None:
    def progress(event: FleetEvent) -> None:
        raise LookupError(event["name"])

    with pytest.raises(LookupError) as raised:
        fleet.fleet_plan(DOCUMENT, progress=progress)
    assert isinstance(raised.value.__cause__, Cancelled) and raised.value.__cause__.report is not None


def test_progress_may_cancel_and_may_call_nothing_else(fleet: Client) -> None:
    with pytest.raises(InvalidArgument, match="inside a progress callback only"):
        fleet.fleet_plan(DOCUMENT, progress=lambda event: fleet.channel_list())
    with pytest.raises(Cancelled):
        fleet.fleet_plan(DOCUMENT, progress=lambda event: fleet.cancel())
    assert len(fleet.channel_list()["channels"]) == len(NAMES)


def test_progress_must_be_callable(fleet: Client) -> None:
    wrong: Any = 5
    with pytest.raises(TypeError):
        fleet.fleet_plan(DOCUMENT, progress=wrong)


def test_ctrl_c_ends_a_fleet_call_with_its_report(fleet: Client) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as interrupt:
        fleet.fleet_audit(DOCUMENT, requests_per_second=1)
    assert time.monotonic() - began < 1.3
    assert isinstance(interrupt.value.__cause__, Cancelled) and interrupt.value.__cause__.report is not None


def test_ctrl_c_inside_progress_ends_the_call(fleet: Client) -> None:
    def progress(event: FleetEvent) -> None:
        if event["done"] == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)

    with pytest.raises(KeyboardInterrupt):
        fleet.fleet_audit(DOCUMENT, progress=progress)


def test_no_ctrl_c_is_lost_in_a_callback(fleet: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most come while the main thread is in C. Its next Python is then a callback's first step, where nothing can catch them."""
    ignored: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: ignored.append(what.exc_type))
    fleet.set_log(lambda level, line: None)
    sent, caught = interrupt_at_random(lambda: fleet.fleet_audit(DOCUMENT, progress=lambda event: None), 1 / 100)
    assert caught == sent and sent > 20
    assert set(ignored) <= {KeyboardInterrupt}
    assert fleet.fleet_audit(DOCUMENT)["summary"]["accounts"] == len(NAMES)


def test_a_log_callback_hears_of_fleet_calls(fleet: Client) -> None:
    lines: list[str] = []
    fleet.set_log(lambda level, line: lines.append(line))
    fleet.fleet_plan(DOCUMENT)
    assert any(line.startswith("fleet_plan → D360_OK") for line in lines)
    assert not any("key-" in line for line in lines)
