"""Services that answer otherwise than documented: what they leave out, show in addition, or write another way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults
from Peers.exchange import Exchange

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document, rows

NEW, OLD = {"Authorization": "Bearer new"}, {"Authorization": "Bearer old"}


@pytest.fixture
def showing(opened: Callable[..., Fleet]) -> Fleet:
    """A service that shows the headers of a number's own webhook."""
    fleet = opened("remote-vendor")
    fleet.register("berlin", "+4930")

    def show(exchange: Exchange) -> None:
        def change(body: bytes) -> bytes:
            own = fleet.peer.service.state(exchange.request.fields["d360-api-key"])["customer"]
            return json.dumps({**json.loads(body), "headers": own["headers"] if own else None}).encode()

        faults.changed(change)(exchange)

    fleet.peer.script.when(lambda one: one.is_reading and one.target == "/v1/configs/webhook", show)
    return fleet


def answering(fleet: Fleet, target: str, change: Callable[[Any], Any]) -> None:
    fault = faults.changed(lambda body: json.dumps(change(json.loads(body))).encode())
    fleet.peer.script.when(lambda one: one.is_reading and one.target == target, fault)


def test_headers_of_a_customer_webhook_are_compared_where_they_are_shown(showing: Fleet) -> None:
    showing.do("customer_webhook_set", "key-berlin", {"url": MAIN, "headers": OLD})
    wanted = document(account("berlin", customer_webhook={"url": MAIN, "headers": NEW}))
    plan = showing.plan(wanted)
    finding = plan["accounts"][0]["findings"][0]
    assert (finding["code"], finding["path"], finding["remedy"]) == (
        "customer_webhook_mismatch", "/customer_webhook/headers", "apply",
    )  # fmt: skip
    assert not plan["accounts"][0]["in_sync"] and "Bearer" not in json.dumps(plan)
    change = {"path": "/customer_webhook/headers", "added": [], "removed": [], "changed": ["Authorization"]}
    assert plan["accounts"][0]["actions"][0]["changes"] == [change]
    report = showing.apply(wanted)
    assert counts(report) == {"changed": 1, "operations": 1} and not codes(report)
    assert showing.peer.service.state("key-berlin")["customer"]["headers"] == NEW
    assert counts(showing.apply(wanted)) == {"in_sync": 1}


def test_headers_that_the_document_leaves_out_are_sent_along(showing: Fleet) -> None:
    showing.do("customer_webhook_set", "key-berlin", {"url": HOOK, "headers": OLD})
    wanted = document(account("berlin", customer_webhook={"url": MAIN}))
    report = showing.apply(wanted)
    assert counts(report) == {"changed": 1, "operations": 1} and not codes(report)
    assert showing.peer.service.state("key-berlin")["customer"] == {"url": MAIN, "headers": OLD}


def test_headers_that_are_shown_are_exported(showing: Fleet) -> None:
    showing.do("customer_webhook_set", "key-berlin", {"url": MAIN, "headers": OLD})
    exported = showing.export("berlin")["document"]
    assert exported["accounts"][0]["customer_webhook"] == {"url": MAIN, "headers": OLD}
    assert counts(showing.plan(exported)) == {"in_sync": 1}


def test_setting_a_url_whose_headers_are_not_shown_clears_them_and_says_so(fleet: Fleet) -> None:
    fleet.register("berlin")
    fleet.do("customer_webhook_set", "key-berlin", {"url": HOOK, "headers": OLD})
    wanted = document(account("berlin", customer_webhook={"url": MAIN}))
    cleared = [] if fleet.service.style == "observed" else ["headers_cleared"]
    assert codes(fleet.plan(wanted)) == {"berlin": ["customer_webhook_mismatch", *cleared]}
    assert codes(fleet.audit(wanted)) == {"berlin": ["customer_webhook_mismatch"]}
    assert codes(fleet.apply(wanted)) == ({"berlin": cleared} if cleared else {})
    given = document(account("berlin", customer_webhook={"url": HOOK, "headers": {}}))
    assert "headers_cleared" not in codes(fleet.plan(given))["berlin"]


def test_null_counts_as_absent(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    fleet.register("berlin", "+4930")
    fleet.do("waba_webhook_set", "key-berlin", {"url": HOOK})
    answering(fleet, "/waba_webhook", lambda shown: {**shown, "headers": None})
    answering(fleet, "/multi_webhook", lambda _: {"enabled": False, "destinations": None})
    wanted = document(account("berlin", waba_webhook={"url": HOOK}, multi_webhook={"enabled": False}))
    assert counts(fleet.audit(wanted)) == {"in_sync": 1}


def test_a_reading_without_enabled_is_on_if_it_has_destinations(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    fleet.register("berlin")
    fleet.do("multi_webhook_set", "key-berlin", {"enabled": True, "destinations": [CRM]})
    answering(fleet, "/multi_webhook", lambda shown: {"destinations": shown["destinations"]})
    wanted = document(account("berlin", multi_webhook={"destinations": [CRM]}))
    fleet.peer.record.clear()
    assert counts(fleet.apply(wanted)) == {"in_sync": 1, "losing_events": 1} and not fleet.peer.record.writes


def test_a_service_that_normalises_urls_is_in_sync(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    fleet.register("berlin")
    shown = "https://hooks.example.com/"
    answering(fleet, "/v1/configs/webhook", lambda one: {"url": shown} if one.get("url") else one)
    wanted = document(account("berlin", customer_webhook={"url": "https://HOOKS.example.com"}))
    assert counts(fleet.apply(wanted, wait_ms=500)) == {"changed": 1, "operations": 1}
    report = fleet.apply(wanted)
    assert counts(report) == {"in_sync": 1} and not report["accounts"][0]["actions"]


def test_numbers_in_another_order_each_time_do_not_make_a_plan_stale(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    for name in ("berlin", "munich", "vienna"):
        fleet.register(name, f"+{len(name)}{ord(name[0])}")
    turns = iter(range(1_000))

    def rotate(shown: Any) -> Any:
        numbers = shown["numbers_on_this_waba"]
        place = next(turns) % len(numbers)
        return {**shown, "numbers_on_this_waba": numbers[place:] + numbers[:place]}

    answering(fleet, "/waba_webhook", rotate)
    wanted = document(account("berlin", customer_webhook={"url": MAIN}))
    assert counts(fleet.apply(wanted, plan=fleet.plan(wanted))) == {"changed": 1, "operations": 1}


def test_what_no_document_can_give_is_left_out_of_an_export_with_a_finding(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    fleet.register("berlin", "+4930")
    fleet.do("multi_webhook_set", "key-berlin", {"enabled": True, "destinations": [CRM]})
    tab = {"name": "tab", "url": CRM["url"], "headers": {"A": "one\ttwo"}}
    answering(fleet, "/multi_webhook", lambda shown: {**shown, "destinations": [*shown["destinations"], CRM, tab]})
    answering(fleet, "/waba_webhook", lambda shown: {**shown, "url": HOOK, "headers": {"A": "one\ttwo"}})
    answer = fleet.export("berlin")
    found = rows(answer["report"])["berlin"]["findings"]
    assert {(one["code"], one["path"]) for one in found} == {
        ("waba_webhook_mismatch", "/waba_webhook/headers"), ("destination_unexpected", "/multi_webhook/destinations/crm/url"),
        ("destination_unexpected", "/multi_webhook/destinations/tab/url"),
    }  # fmt: skip
    assert [one["name"] for one in answer["document"]["accounts"][0]["multi_webhook"]["destinations"]] == ["crm"]
    assert counts(fleet.plan(answer["document"])) == {"in_sync": 1}


def test_a_header_name_with_an_underscore_is_a_warning(fleet: Fleet) -> None:
    fleet.register("berlin")
    webhook = {"url": MAIN, "headers": {"X_TOKEN": "s3cret", "X-Fine": "1"}}
    report = fleet.plan(document(account("berlin", customer_webhook=webhook)))
    finding = next(one for one in report["accounts"][0]["findings"] if one["code"] == "header_name")
    assert (finding["severity"], finding["path"], finding["actual"], finding["remedy"]) == (
        "warning", "/customer_webhook/headers", ["X_TOKEN"], "edit",
    )  # fmt: skip
