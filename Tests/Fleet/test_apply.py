"""What apply sends, in which order, and what it says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document, lines, rows

OLD = "https://old.example.com/"
BI = {"name": "bi", "url": "https://hooks.example.com/bi"}
EVERYTHING: dict[str, Any] = {
    "customer_webhook": {"url": MAIN},
    "waba_webhook": {"url": HOOK},
    "multi_webhook": {"destinations": [CRM]},
}


def writes(fleet: Fleet) -> list[str]:
    return [f"{one.method} {one.target} {one.fields['d360-api-key']}" for one in fleet.peer.record.writes]


@pytest.fixture
def pair(fleet: Fleet) -> Fleet:
    fleet.register("berlin", "+4930")
    fleet.register("munich", "+4989")
    return fleet


def test_a_second_apply_does_nothing(pair: Fleet) -> None:
    wanted = document(account("berlin", **EVERYTHING), account("munich", **EVERYTHING))
    assert counts(pair.apply(wanted)) == {"changed": 2, "operations": 5}
    if pair.has_peer:
        pair.peer.record.clear()
    again = pair.apply(wanted)
    assert counts(again) == {"in_sync": 2} and not codes(again)
    if pair.has_peer:
        assert not writes(pair)


def test_the_order_is_waba_then_own_then_destinations(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    fleet.register("berlin")
    fleet.do("multi_webhook_set", "key-berlin", {"enabled": True, "destinations": [BI, {**CRM, "url": OLD}]})
    fleet.do("multi_webhook_set", "key-berlin", {"enabled": False})
    fleet.peer.record.clear()
    wanted = {**EVERYTHING, "multi_webhook": {"prune": True, "destinations": [CRM, {**CRM, "name": "new"}]}}
    report = fleet.apply(document(account("berlin", **wanted)))
    assert [one.split(" key")[0] for one in writes(fleet)] == [
        "POST /waba_webhook", "POST /v1/configs/webhook", "POST /multi_webhook", "DELETE /multi_webhook/bi",
        "PATCH /multi_webhook", "PUT /multi_webhook",
    ]  # fmt: skip
    assert counts(report) == {"changed": 1, "operations": 6}


def test_an_account_stops_at_its_first_failed_action_and_the_others_go_on(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    fleet.peer.script.when(
        lambda one: one.target == "/v1/configs/webhook" and not one.is_reading and "berlin" in one.fields["d360-api-key"],
        faults.error(400, "no"),
    )
    report = fleet.apply(document(account("berlin", **EVERYTHING), account("munich", **EVERYTHING)))
    berlin, munich = report["accounts"]
    assert lines(berlin) == ["waba_webhook_set D360_OK", "customer_webhook_set D360_INVALID_REQUEST", "multi_webhook_set planned"]
    assert [action.get("outcome") for action in berlin["actions"]] == ["applied", "not_applied", None]
    assert (berlin["status"], berlin["error"]["status"]) == ("D360_INVALID_REQUEST", "D360_INVALID_REQUEST")
    assert codes(report) == {"berlin": ["customer_webhook_missing", "multi_webhook_disabled", "destination_missing"]}
    assert munich["status"] == "D360_OK" and counts(report) == {"changed": 1, "failed": 1, "operations": 5}


def test_a_write_whose_outcome_is_unknown_is_reported_so(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote", max_attempts=1)
    fleet.register("berlin")
    fleet.peer.script.when(lambda one: not one.is_reading, faults.cut_before_status(taken=True))
    report = fleet.apply(document(account("berlin", customer_webhook={"url": MAIN})))
    action = report["accounts"][0]["actions"][0]
    assert (action["status"], action["outcome"]) == ("D360_OUTCOME_UNKNOWN", "unknown")
    assert counts(report) == {"unknown": 1, "operations": 1} and not codes(report)


def test_an_account_that_cannot_be_read_at_the_end_is_not_said_to_be_unchanged(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    fleet.register("berlin")
    fleet.register("munich")
    written: list[str] = []
    fleet.peer.script.when(lambda one: not one.is_reading and bool(written.append(one.target)), faults.error(401))
    fleet.peer.script.when(
        lambda one: one.target == "/v1/configs/webhook" and one.is_reading and bool(written), faults.error(401)
    )
    ask = {"waba_webhook": {"url": HOOK}}
    berlin, munich = fleet.apply(document(account("berlin", **ask), account("munich", **ask)))["accounts"]
    assert lines(berlin) == ["waba_webhook_set D360_OK"] and lines(munich) == []
    for row in (berlin, munich):
        assert (row["status"], row["error"]["outcome"], row["losing_events"]) == ("D360_UNAUTHORIZED", "applied", None)


def test_a_waba_webhook_that_fails_fails_all_that_ask(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    for name in ("berlin", "munich", "cologne"):
        fleet.register(name)
    fleet.peer.script.when(lambda one: one.target == "/waba_webhook" and not one.is_reading, faults.error(403, "no"))
    ask = {"waba_webhook": {"url": HOOK}, "multi_webhook": {"destinations": [CRM]}}
    report = fleet.apply(
        document(account("berlin", **ask), account("munich", **ask), account("cologne", customer_webhook={"url": MAIN}))
    )
    found = rows(report)
    assert [found[name]["status"] for name in ("berlin", "munich", "cologne")] == [
        "D360_UNAUTHORIZED", "D360_UNAUTHORIZED", "D360_OK",
    ]  # fmt: skip
    assert lines(found["munich"]) == ["multi_webhook_set planned"]
    assert counts(report) == {"changed": 1, "failed": 2, "losing_events": 2, "operations": 2}


def test_a_waba_webhook_is_waited_for(fleets: Callable[..., Fleet]) -> None:
    fleet = fleets(apply_delay_ms=400)
    fleet.register("berlin")
    report = fleet.apply(document(account("berlin", waba_webhook={"url": HOOK}, customer_webhook={"url": MAIN})))
    assert counts(report) == {"changed": 1, "operations": 2} and not codes(report)


def test_what_does_not_show_within_wait_ms_is_unknown(fleets: Callable[..., Fleet]) -> None:
    fleet = fleets(apply_delay_ms=60_000, multi_apply_delay_ms=60_000)
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    fleet.do("customer_webhook_set", "key-munich", {"url": MAIN})
    report = fleet.apply(
        document(
            account("berlin", waba_webhook={"url": HOOK}, customer_webhook={"url": MAIN}),
            account("munich", multi_webhook={"destinations": [CRM]}),
        ),
        wait_ms=300,
    )
    berlin, munich = report["accounts"]
    assert lines(berlin) == ["waba_webhook_set D360_TIMEOUT", "customer_webhook_set planned"]
    assert lines(munich) == ["multi_webhook_set D360_TIMEOUT"] and munich["status"] == "D360_TIMEOUT"
    assert counts(report)["unknown"] == 2 and counts(report)["operations"] == 2


def test_what_shows_late_is_read_again_until_it_does(fleets: Callable[..., Fleet]) -> None:
    fleet = fleets(multi_apply_delay_ms=300)
    fleet.register("berlin")
    report = fleet.apply(document(account("berlin", multi_webhook={"destinations": [CRM]})))
    assert counts(report) == {"changed": 1, "losing_events": 1, "operations": 1}
    assert codes(report) == {"berlin": ["no_route"]}


def test_a_wrong_precondition_is_never_written_to(pair: Fleet) -> None:
    wanted = document(
        account("berlin", expect={"waba_id": 1}, **EVERYTHING), account("munich", expect={"number": "4930123"}, **EVERYTHING)
    )
    assert counts(pair.plan(wanted)) == {"failed": 2, "losing_events": 2}
    assert counts(pair.apply(wanted)) == {"failed": 2, "losing_events": 2}
    assert [row["status"] for row in pair.audit(wanted)["accounts"]] == ["D360_OK", "D360_OK"]
    assert pair.customer("berlin") is None and pair.waba("munich") is None


def test_a_plan_that_is_stale_is_not_applied(pair: Fleet) -> None:
    wanted = document(account("berlin", customer_webhook={"url": MAIN}), account("munich", customer_webhook={"url": MAIN}))
    plan = pair.plan(wanted)
    pair.do("multi_webhook_set", "key-berlin", {"enabled": True})
    assert counts(pair.apply(wanted, plan=plan)) == {"changed": 2, "operations": 2}  # not read, so not stale
    pair.do("customer_webhook_set", "key-berlin", {"url": OLD})
    report = pair.apply(wanted, plan=plan)
    assert counts(report) == {"skipped": 2}
    assert "stale_plan" in codes(report)["berlin"] and pair.customer("berlin") == OLD
    assert counts(pair.apply(wanted, plan=pair.plan(wanted))) == {"in_sync": 1, "changed": 1, "operations": 1}


def test_a_plan_of_another_document_is_stale(pair: Fleet) -> None:
    plan = pair.plan(document(account("berlin", customer_webhook={"url": MAIN + "?a"})))
    assert counts(pair.apply(document(account("berlin", customer_webhook={"url": MAIN})), plan=plan))["skipped"] == 1


def test_after_max_failures_no_account_is_begun(fleet: Fleet) -> None:
    for index in range(6):
        fleet.register(f"n{index}", waba_id=index + 1)
    wanted = [account(f"n{index}", customer_webhook={"url": MAIN}) for index in range(6)]
    wanted[1]["api_key"] = wanted[2]["api_key"] = "key-rotated"
    wanted[2]["api_key"] = "key-rotated-too"
    report = fleet.apply(document(*wanted), max_failures=2, concurrency=1)
    assert [row["status"] for row in report["accounts"]] == [
        "D360_CANCELLED", "D360_UNAUTHORIZED", "D360_UNAUTHORIZED", *["D360_CANCELLED"] * 3,
    ]  # fmt: skip
    assert counts(report)["skipped"] == 4 and not counts(report).get("operations")
    report = fleet.apply(document(*wanted), max_failures=3)
    assert counts(report) == {"changed": 4, "failed": 2, "operations": 4}


def test_only_the_named_accounts_are_touched(pair: Fleet) -> None:
    wanted = document(account("berlin", customer_webhook={"url": MAIN}), account("munich", customer_webhook={"url": MAIN}))
    report = pair.apply(wanted, only=["munich"])
    assert list(rows(report)) == ["munich"] and report["summary"]["accounts"] == 1
    assert pair.customer("berlin") is None and pair.customer("munich") == MAIN


def test_force_sends_what_agrees(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    fleet.register("berlin")
    headers = {"Authorization": "Bearer new"}
    wanted = document(account("berlin", customer_webhook={"url": MAIN, "headers": headers}))
    fleet.do("customer_webhook_set", "key-berlin", {"url": MAIN})
    assert counts(fleet.apply(wanted)) == {"in_sync": 1}
    report = fleet.apply(wanted, force=["customer_webhook"])
    assert counts(report) == {"changed": 1, "operations": 1} and report["accounts"][0]["in_sync"]
    assert fleet.peer.service.state("key-berlin")["customer"]["headers"] == headers
