"""Each form in which the service was seen to answer, with each fleet call; then with cut answers, errors and 404s."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults
from Peers.forms import DETAIL, FORMS, SHAPES, Form
from Peers.server import Fault

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document, lines, rows
from .truth import check_row, is_as_wanted

HEADERS = {"Authorization": "Bearer s3cret"}
SECTIONS: dict[str, Any] = {
    "customer_webhook": {"url": MAIN},
    "waba_webhook": {"url": HOOK, "headers": HEADERS},
    "multi_webhook": {"enabled": True, "destinations": [{**CRM, "headers": HEADERS}]},
}
WRITES = {
    "customer_webhook_set": SECTIONS["customer_webhook"],
    "waba_webhook_set": SECTIONS["waba_webhook"],
    "multi_webhook_set": SECTIONS["multi_webhook"],
}
#: Nothing of `todo` is there, all of `done` is, and `stale` has other webhooks under the same names.
NAMES = ["done", "todo", "stale"]
WANTED = document(*[account(name, **SECTIONS) for name in NAMES])
STALE = json.loads(json.dumps(WRITES).replace("hooks.example", "old.example"))
CALLS = ["plan", "audit", "apply", "export"]
#: By the specification, a WABA's webhook or a destination has no headers if none are shown.
SHOWING = {name: form for name, form in FORMS.items() if name != "without headers"}
each_form = pytest.mark.parametrize("form", SHOWING.values(), ids=SHOWING)
each_call = pytest.mark.parametrize("call", CALLS)


@pytest.fixture
def service(opened: Callable[..., Fleet]) -> Callable[..., Fleet]:
    """`service(form, **options)`: the three accounts, on a service that answers in this form."""

    def open_fleet(form: Form = FORMS["as documented"], **options: Any) -> Fleet:
        fleet = opened("remote-vendor", answers=form.answers, **options)
        for number, name in enumerate(NAMES, 1):
            fleet.register(name, f"+{number}", waba_id=number)
        for name, webhooks in (("done", WRITES), ("stale", STALE)):
            for operation, request in webhooks.items():
                fleet.do(operation, f"key-{name}", request)
        fleet.peer.record.clear()
        fleet.peer.script.when(lambda _: True, form.fault())
        return fleet

    return open_fleet


def run(fleet: Fleet, call: str, **options: Any) -> Any:
    """Its report."""
    answer = fleet.export(*NAMES, **options) if call == "export" else fleet.report(call, WANTED, **options)
    return answer["report"] if call == "export" else answer


def must_be_true(fleet: Fleet, report: Any) -> None:
    for name, row in rows(report).items():
        check_row(row, fleet.peer.service.state(f"key-{name}"), SECTIONS)


def must_be_as_wanted(fleet: Fleet) -> None:
    for name in NAMES:
        state = fleet.peer.service.state(f"key-{name}")
        assert is_as_wanted(state, SECTIONS), state


@each_form
@pytest.mark.parametrize("call", ["plan", "audit"])
def test_what_is_there_is_in_sync_and_what_is_not_is_found(service: Callable[..., Fleet], form: Form, call: str) -> None:
    fleet = service(form)
    report = rows(run(fleet, call))
    assert [row["status"] for row in report.values()] == ["D360_OK"] * 3
    assert [row["in_sync"] for row in report.values()] == [True, False, False]
    assert [row["losing_events"] for row in report.values()] == [False, True, False]
    if call == "plan":
        assert [len(row["actions"]) for row in report.values()] == [0, 3, 3]
    assert not fleet.peer.record.writes


@each_form
def test_an_apply_makes_it_so_once(service: Callable[..., Fleet], form: Form) -> None:
    fleet = service(form)
    report = run(fleet, "apply", wait_ms=2_000)
    assert counts(report) == {"in_sync": 1, "changed": 2, "operations": 6}, codes(report)
    must_be_true(fleet, report)
    must_be_as_wanted(fleet)
    fleet.peer.record.clear()
    assert counts(run(fleet, "apply")) == {"in_sync": 3}
    assert not fleet.peer.record.writes


@each_form
def test_an_export_is_what_a_plan_finds_in_sync(service: Callable[..., Fleet], form: Form) -> None:
    fleet = service(form)
    exported = fleet.export(*NAMES)["document"]
    assert [one["name"] for one in exported["accounts"]] == NAMES
    assert counts(fleet.plan(exported)) == {"in_sync": 3, "losing_events": 1}


@each_form
@pytest.mark.parametrize("taken", [False, True], ids=["before it was taken", "after it was taken"])
def test_each_write_whose_first_answer_is_cut_is_done_once_more_or_settled(
    service: Callable[..., Fleet], form: Form, taken: bool
) -> None:
    fleet = service(form, timeout_ms=3_000)
    fault, seen = form.fault(), set()

    def cut(exchange: faults.Exchange) -> None:
        request = exchange.request
        which = (request.line, request.fields["d360-api-key"])
        first = not request.is_reading and which not in seen
        seen.add(which)
        (faults.cut_before_status(taken=taken) if first else fault)(exchange)

    fleet.peer.script.always(cut)
    report = run(fleet, "apply", wait_ms=2_000)
    must_be_true(fleet, report)
    if form.shows_all:
        assert counts(report) == {"in_sync": 1, "changed": 2, "operations": 6}, report
    fleet.peer.script.always(fault)
    assert set(counts(run(fleet, "apply"))) <= {"in_sync", "changed", "operations"}
    must_be_as_wanted(fleet)


# Errors

CODES = {400: "D360_INVALID_REQUEST", 401: "D360_UNAUTHORIZED", 403: "D360_UNAUTHORIZED"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", CODES)
@each_call
def test_an_error_of_each_shape_to_each_reading_fails_the_row(
    service: Callable[..., Fleet], shape: str, code: int, call: str
) -> None:
    body, words = SHAPES[shape]
    fleet = service()
    fleet.peer.script.always(faults.status(code, body))
    for row in run(fleet, call)["accounts"]:
        assert row["status"] == ("D360_PROTOCOL_ERROR" if b"<html" in body else CODES[code])
        assert row["error"]["outcome"] == "not_applied" and words in row["error"]["service_message"]
        assert row["losing_events"] is None and not row["actions"]


def rejecting(code: int, body: bytes) -> Fault:
    """Does what it is asked by readings alone."""
    rejected = faults.status(code, body)
    return lambda exchange: exchange.answer(exchange.take()) if exchange.request.is_reading else rejected(exchange)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", [400, 403])
def test_an_error_of_each_shape_to_each_write_is_not_applied(service: Callable[..., Fleet], shape: str, code: int) -> None:
    fleet = service()
    fleet.peer.script.always(rejecting(code, SHAPES[shape][0]))
    report = run(fleet, "apply", force=list(SECTIONS))
    must_be_true(fleet, report)
    assert counts(report) == {"failed": 3, "losing_events": 1, "operations": 3}
    for row in report["accounts"]:
        assert row["actions"][0]["outcome"] == "not_applied" and row["error"]["outcome"] == "not_applied"


@each_form
@pytest.mark.parametrize("section", SECTIONS)
def test_a_rejected_write_is_not_applied_though_readings_agree_as_they_did_before(
    service: Callable[..., Fleet], form: Form, section: str
) -> None:
    fleet, answer = service(form), form.fault()
    rejected = faults.error(409)
    fleet.peer.script.always(lambda exchange: (answer if exchange.request.is_reading else rejected)(exchange))
    report = run(fleet, "apply", force=[section], only=["done"], wait_ms=100)
    (row,) = report["accounts"]
    assert [(one["status"], one["outcome"]) for one in row["actions"]] == [("D360_CONFLICT", "not_applied")]
    assert (row["status"], row["error"]["outcome"]) == ("D360_CONFLICT", "not_applied")
    assert counts(report) == {"failed": 1, "operations": 1}


def test_headers_that_no_reading_shows_are_never_said_to_be_there(service: Callable[..., Fleet]) -> None:
    fleet = service(FORMS["without headers"])
    report = run(fleet, "apply", wait_ms=200)
    assert counts(report)["unknown"] == 3
    assert all("D360_OK" not in line for row in report["accounts"] for line in lines(row))


# 404

NOT_FOUND: dict[str, Fault] = {
    "the vendor's words": faults.error(404, "Webhook not found"),
    "a page of an unrelated server": faults.html(code=404),
    "a detail of an unrelated server": faults.status(404, DETAIL),
}
each_404 = pytest.mark.parametrize("fault", NOT_FOUND.values(), ids=NOT_FOUND)


@each_404
@each_call
def test_404_to_everything_fails_each_row(service: Callable[..., Fleet], fault: Fault, call: str) -> None:
    fleet = service()
    fleet.peer.script.always(fault)
    report = run(fleet, call)
    assert [row["status"] for row in report["accounts"]] == ["D360_PROTOCOL_ERROR"] * 3
    assert {row["error"]["outcome"] for row in report["accounts"]} == {"not_applied"}
    assert not fleet.peer.record.writes


@each_404
@each_call
@pytest.mark.parametrize("count", range(1, 9))
def test_a_404_that_appears_after_some_readings_denies_no_write(
    service: Callable[..., Fleet], fault: Fault, call: str, count: int
) -> None:
    fleet = service(timeout_ms=1_000)
    readings = iter(range(1_000))
    late = faults.late(0)
    fleet.peer.script.always(
        lambda exchange: (fault if exchange.request.is_reading and next(readings) >= count else late)(exchange)
    )
    report = run(fleet, call, concurrency=1, **({"wait_ms": 300} if call == "apply" else {}))
    must_be_true(fleet, report) if call == "apply" else None
    assert report["summary"]["failed"] >= 1


@each_404
@pytest.mark.parametrize("taken", [False, True], ids=["before it was taken", "after it was taken"])
def test_a_404_that_appears_with_the_first_write_denies_nothing(service: Callable[..., Fleet], fault: Fault, taken: bool) -> None:
    fleet = service(timeout_ms=1_000)
    writes: list[str] = []

    def meet(exchange: faults.Exchange) -> None:
        if not exchange.request.is_reading:
            writes.append(exchange.request.line)
            faults.cut_before_status(taken=taken)(exchange)
        else:
            (fault if writes else faults.late(0))(exchange)

    fleet.peer.script.always(meet)
    report = run(fleet, "apply", wait_ms=300)
    must_be_true(fleet, report)
    assert counts(report).get("unknown") == 2 and not any("D360_OK" in line for row in report["accounts"] for line in lines(row))
