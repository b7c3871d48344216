"""override_all beside the other numbers of a WABA."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults
from Peers.recorder import Received

from .fleet import HOOK, MAIN, Fleet, account, codes, counts, document, lines, rows

OVERRIDE = {"url": HOOK, "override_all": True}


@pytest.fixture
def pair(fleet: Fleet) -> Fleet:
    fleet.register("berlin", "+49 30")
    fleet.register("munich", "+49 89")
    for name in ("berlin", "munich"):
        fleet.do("customer_webhook_set", f"key-{name}", {"url": MAIN})
    return fleet


def following(name: str, number: str, **sections: Any) -> dict[str, Any]:
    return account(name, expect={"number": number}, customer_webhook=None, **sections)


def test_it_is_refused_beside_a_number_that_the_document_does_not_name(pair: Fleet) -> None:
    wanted = document(following("berlin", "4930", waba_webhook=OVERRIDE))
    for report in (pair.plan(wanted), pair.apply(wanted)):
        assert (report["accounts"][0]["status"], counts(report)) == ("D360_INVALID_REQUEST", {"failed": 1})
        assert report["accounts"][0]["error"]["path"] == "/waba_webhook/override_all"
    assert pair.waba("berlin") is None and pair.customer("munich") == MAIN
    report = pair.apply(wanted, allow_unlisted=True)
    assert report["accounts"][0]["actions"][0]["overrides"] == ["+49 30", "+49 89"]
    assert counts(report) == {"changed": 1, "operations": 1}
    assert pair.customer("berlin") is None and pair.customer("munich") is None


def test_an_audit_takes_nothing_so_it_refuses_nothing(pair: Fleet) -> None:
    report = pair.audit(document(following("berlin", "4930", waba_webhook=OVERRIDE)))
    assert report["accounts"][0]["status"] == "D360_OK"
    assert codes(report) == {"berlin": ["waba_webhook_shadowed", "waba_webhook_missing", "number_unmanaged"]}


def test_it_is_refused_beside_an_own_webhook_that_is_not_managed(pair: Fleet) -> None:
    wanted = document(following("berlin", "4930", waba_webhook=OVERRIDE), account("munich", expect={"number": "4989"}))
    assert [row["status"] for row in pair.apply(wanted)["accounts"]] == ["D360_INVALID_REQUEST", "D360_OK"]
    assert pair.customer("munich") == MAIN


def test_it_is_refused_beside_an_account_that_cannot_be_read(pair: Fleet) -> None:
    munich = {**following("munich", "4989"), "api_key": "key-rotated"}
    report = pair.apply(document(following("berlin", "4930", waba_webhook=OVERRIDE), munich))
    assert [row["status"] for row in report["accounts"]] == ["D360_INVALID_REQUEST", "D360_UNAUTHORIZED"]
    assert pair.customer("munich") == MAIN


def test_it_is_refused_beside_an_account_that_is_left_out_by_only(pair: Fleet) -> None:
    wanted = document(following("berlin", "4930", waba_webhook=OVERRIDE), following("munich", "4989"))
    report = pair.apply(wanted, only=["berlin"])
    assert [row["status"] for row in report["accounts"]] == ["D360_INVALID_REQUEST"]
    assert counts(pair.apply(wanted)) == {"changed": 2, "operations": 1}


def test_own_webhooks_that_the_document_gives_are_set_again(fleets: Callable[..., Fleet]) -> None:
    fleet = fleets(apply_delay_ms=200)
    fleet.register("berlin", "+4930")
    fleet.register("munich", "+4989")
    for name in ("berlin", "munich"):
        fleet.do("customer_webhook_set", f"key-{name}", {"url": MAIN})
    wanted = document(
        following("berlin", "4930", waba_webhook=OVERRIDE),
        account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}),
    )
    if fleet.has_peer:
        fleet.peer.record.clear()
    report = fleet.apply(wanted)
    assert counts(report) == {"changed": 2, "operations": 2} and codes(report) == {"munich": ["headers_cleared"]}
    assert lines(rows(report)["munich"]) == ["customer_webhook_set D360_OK"] and rows(report)["munich"]["in_sync"]
    assert (fleet.customer("berlin"), fleet.customer("munich"), fleet.waba("munich")) == (None, MAIN, HOOK)
    if fleet.has_peer:
        assert [one.target for one in fleet.peer.record.writes] == ["/waba_webhook", "/v1/configs/webhook"]
    assert counts(fleet.apply(wanted)) == {"in_sync": 2}


def test_no_moment_leaves_a_number_without_any_webhook(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote", apply_delay_ms=200)
    names = [f"n{index}" for index in range(4)]
    for index, name in enumerate(names):
        fleet.register(name, f"+{index + 1}")
        fleet.do("customer_webhook_set", f"key-{name}", {"url": MAIN})
    lost: list[str] = []

    def look(_: Received) -> bool:
        service = fleet.peer.service
        for name in names:
            number = service._number(f"key-{name}")
            if number.customer.shown is None and service._waba(number).current is None:
                lost.append(name)
        return False

    fleet.peer.script.when(look, lambda exchange: None)
    own = {"customer_webhook": {"url": MAIN}}
    wanted = [account(name, expect={"number": f"{index + 1}"}, **own) for index, name in enumerate(names)]
    wanted[0] = following("n0", "1", waba_webhook=OVERRIDE)
    assert counts(fleet.apply(document(*wanted))) == {"changed": 4, "operations": 4}
    assert not lost


def test_it_is_not_sent_where_everything_agrees(pair: Fleet) -> None:
    wanted = document(
        account("berlin", expect={"number": "4930"}, customer_webhook={"url": MAIN}, waba_webhook=OVERRIDE),
        account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}),
    )
    pair.do("waba_webhook_set", "key-berlin", {"url": HOOK})
    assert counts(pair.apply(wanted)) == {"in_sync": 2}
    report = pair.apply(wanted, force=["waba_webhook"])
    assert counts(report) == {"changed": 2, "operations": 3}
    assert pair.customer("berlin") == pair.customer("munich") == MAIN


def test_a_number_that_should_follow_is_freed_by_anothers_override(pair: Fleet) -> None:
    wanted = document(
        following("berlin", "4930"),
        account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}, waba_webhook=OVERRIDE),
    )
    report = pair.apply(wanted)
    assert counts(report) == {"changed": 2, "operations": 2} and codes(report) == {"munich": ["headers_cleared"]}
    assert (pair.customer("berlin"), pair.customer("munich")) == (None, MAIN)


def test_a_failed_override_leaves_the_own_webhooks_alone(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    fleet.register("berlin", "+4930")
    fleet.register("munich", "+4989")
    fleet.do("customer_webhook_set", "key-munich", {"url": MAIN})
    fleet.peer.record.clear()
    fleet.peer.script.when(lambda one: one.target == "/waba_webhook" and not one.is_reading, faults.error(400, "no"))
    report = fleet.apply(
        document(
            following("berlin", "4930", waba_webhook=OVERRIDE),
            account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}),
        )
    )
    assert counts(report) == {"in_sync": 1, "failed": 1, "losing_events": 1, "operations": 1}
    assert [one.target for one in fleet.peer.record.writes] == ["/waba_webhook"]


@pytest.mark.parametrize("further", [{}, {"allow_unlisted": True}], ids=["all named", "a stranger"])
def test_an_override_that_no_reading_shows_takes_no_webhook_that_the_same_call_sets(
    opened: Callable[..., Fleet], further: dict[str, Any]
) -> None:
    """The WABA webhook shows from the start, as it is forced; override_all takes effect later."""
    fleet = opened("remote", apply_delay_ms=400)
    for name, number in (("berlin", "+49 30"), ("munich", "+49 89"), *([("hamburg", "+49 40")] if further else [])):
        fleet.register(name, number)
    fleet.do("waba_webhook_set", "key-berlin", {"url": HOOK})
    fleet.do("waba_webhook_wait", "key-berlin", {"url": HOOK}, 5_000)
    wanted = document(
        account("berlin", expect={"number": "4930"}, waba_webhook=OVERRIDE),
        account("munich", expect={"number": "4989"}, customer_webhook={"url": MAIN}),
    )
    report = fleet.apply(wanted, force=["waba_webhook"], wait_ms=1_500, **further)
    assert [row["status"] for row in report["accounts"]] == ["D360_OK", "D360_OK"], report
    time.sleep(0.5)
    assert fleet.customer("munich") == MAIN
