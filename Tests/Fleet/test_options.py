"""routes, max_changes and what a plan covers."""

from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document, lines, rows


@pytest.fixture
def pair(fleet: Fleet) -> Fleet:
    fleet.register("berlin", "+4930")
    fleet.register("munich", "+4989")
    return fleet


def test_max_changes_refuses_before_the_first_write(pair: Fleet) -> None:
    wanted = document(account("berlin", customer_webhook={"url": MAIN}), account("munich", waba_webhook={"url": HOOK}))
    status, answer = pair.call("apply", wanted, max_changes=1)
    error = answer["error"]
    assert (status, error["outcome"], error["retryable"]) == ("D360_CONFLICT", "not_applied", False)
    assert [lines(row) for row in error["report"]["accounts"]] == [
        ["customer_webhook_set planned"], ["waba_webhook_set planned"],
    ]  # fmt: skip
    assert error["report"]["summary"] == pair.plan(wanted)["summary"]
    assert pair.customer("berlin") is None and pair.waba("munich") is None
    assert counts(pair.apply(wanted, max_changes=2)) == {"changed": 2, "operations": 2}
    assert counts(pair.apply(wanted, max_changes=0)) == {"in_sync": 2}


def test_routes_say_where_events_go_now_and_then(pair: Fleet) -> None:
    pair.do("customer_webhook_set", "key-berlin", {"url": MAIN + "?token=s3cret"})
    pair.do("multi_webhook_set", "key-munich", {"enabled": True, "destinations": [CRM]})
    other = {"name": "bi", "url": "https://hooks.example.com/bi"}
    wanted = document(
        account("berlin", expect={"number": "4930"}, customer_webhook=None, waba_webhook={"url": HOOK, "override_all": True}),
        account("munich", expect={"number": "4989"}, multi_webhook={"destinations": [other]}),
    )
    assert "routes" not in pair.plan(wanted)["accounts"][0]
    found = rows(pair.plan(wanted, routes=True))
    assert found["berlin"]["routes"] == {
        "now": {"main": "customer_webhook", "url": MAIN, "destinations": []},
        "wanted": {"main": "waba_webhook", "url": HOOK, "destinations": []},
    }
    assert found["munich"]["routes"] == {
        "now": {"main": None, "url": None, "destinations": [CRM]},
        "wanted": {"main": "waba_webhook", "url": HOOK, "destinations": [CRM, other]},
    }
    after = rows(pair.apply(wanted, routes=True))
    assert after["berlin"]["routes"]["now"] == found["berlin"]["routes"]["wanted"]


def test_routes_do_not_make_a_plan_stale(pair: Fleet) -> None:
    wanted = document(account("berlin", customer_webhook={"url": MAIN}))
    assert counts(pair.apply(wanted, plan=pair.plan(wanted, routes=True))) == {"changed": 1, "operations": 1}


@pytest.mark.parametrize("change", ["override_all", "allow_unlisted", "force"])
def test_a_plan_covers_all_that_would_be_sent(pair: Fleet, change: str) -> None:
    pair.do("customer_webhook_set", "key-munich", {"url": MAIN})

    def wanted(override_all: bool) -> Any:
        munich = account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN})
        berlin = account("berlin", expect={"number": "4930"}, waba_webhook={"url": HOOK})
        berlin["waba_webhook"]["override_all"] = override_all
        return document(berlin, munich)

    plan = pair.plan(wanted(False))
    options: dict[str, Any] = {"allow_unlisted": {"allow_unlisted": True}, "force": {"force": ["waba_webhook"]}}.get(change, {})
    report = pair.apply(wanted(change == "override_all"), plan=plan, **options)
    assert counts(report)["skipped"] == 2 and pair.waba("berlin") is None
    assert all("stale_plan" in found for found in codes(report).values())


def test_allow_unlisted_does_not_take_the_webhook_of_an_account_that_is_stale(pair: Fleet) -> None:
    pair.do("customer_webhook_set", "key-munich", {"url": MAIN})
    wanted = document(
        account("berlin", expect={"number": "4930"}, waba_webhook={"url": HOOK, "override_all": True}),
        account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}),
    )
    plan = pair.plan(wanted, allow_unlisted=True)
    plan["accounts"][1]["digest"] = "0" * 64
    report = pair.apply(wanted, plan=plan, allow_unlisted=True)
    berlin, munich = report["accounts"]
    assert (berlin["status"], munich["status"]) == ("D360_INVALID_REQUEST", "D360_CONFLICT")
    assert "munich" in berlin["error"]["message"] and "plan" in berlin["error"]["message"]
    assert pair.customer("munich") == MAIN and pair.waba("berlin") is None
    only = pair.apply(wanted, allow_unlisted=True, only=["berlin"])
    assert only["accounts"][0]["status"] == "D360_INVALID_REQUEST" and "only" in only["accounts"][0]["error"]["message"]
    assert pair.customer("munich") == MAIN


def test_a_refused_write_is_not_applied_where_the_reading_agreed_before(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", max_attempts=1)
    fleet.register("berlin")
    fleet.do("customer_webhook_set", "key-berlin", {"url": MAIN})
    fleet.peer.script.every_write(faults.error(409, "no"))
    wanted = document(account("berlin", customer_webhook={"url": MAIN, "headers": {"A": "1"}}))
    row = fleet.apply(wanted, force=["customer_webhook"], wait_ms=200)["accounts"][0]
    assert row["status"] == "D360_CONFLICT" and row["actions"][0]["outcome"] == "not_applied"


def test_events_rows_and_summary_agree_where_expect_does_not_hold(pair: Fleet) -> None:
    wanted = document(account("berlin", expect={"waba_id": 1}), account("munich"))
    for call, status in (("plan", "D360_CONFLICT"), ("audit", "D360_OK"), ("apply", "D360_CONFLICT")):
        events: list[Any] = []
        report = pair.report(call, wanted, lambda event, events=events: events.append(event) or 0)
        assert rows(report)["berlin"]["status"] == status
        assert {one["name"]: one["status"] for one in events} == {"berlin": status, "munich": "D360_OK"}
        assert report["summary"]["in_sync"] == 1 and not rows(report)["berlin"]["in_sync"]


def test_nothing_is_concluded_from_what_was_not_read(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    names = ["n1", "n2", "n3"]
    for index, name in enumerate(names):
        fleet.register(name, f"+10{index}")
        fleet.do("customer_webhook_set", f"key-{name}", {"url": MAIN})
    waba = {"url": HOOK, "override_all": True}
    wanted = document(
        *[account(name, expect={"number": f"10{index}"}, customer_webhook={"url": MAIN}, waba_webhook=waba)
          for index, name in enumerate(names)]
    )  # fmt: skip
    status, answer = fleet.call("plan", wanted, lambda _: 1, concurrency=1)
    rest = answer["error"]["report"]["accounts"][1:]
    assert status == "D360_CANCELLED" and {row["status"] for row in rest} == {"D360_CANCELLED"}
    assert answer["error"]["report"]["summary"]["failed"] == 0


def test_a_key_that_alone_is_refused_is_limited_by_itself(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor", timeout_ms=1_500, max_attempts=2)
    names = [f"n{index}" for index in range(6)]
    for index, name in enumerate(names):
        fleet.register(name, waba_id=index + 1)
    fleet.peer.script.when(lambda one: one.fields["d360-api-key"] == "key-n2", faults.error(429, "slow down"))
    report = fleet.apply(document(*[account(name, customer_webhook={"url": MAIN}) for name in names]))
    assert {row["name"]: row["status"] for row in report["accounts"] if row["status"] != "D360_OK"} == {"n2": "D360_RATE_LIMITED"}
    assert counts(report) == {"changed": 5, "failed": 1, "operations": 5}
