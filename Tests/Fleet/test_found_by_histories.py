"""Random histories (Tests/Histories) found these; each is the smallest case of its kind."""

import time
from collections.abc import Callable

import pytest
from Peers import faults
from Peers.recorder import Received

from .fleet import HOOK, MAIN, Fleet, account, counts, document, lines, rows


@pytest.mark.parametrize("kind", ["remote", "remote-vendor"])
def test_a_row_whose_last_reading_failed_does_not_show_what_was_there_before(opened: Callable[..., Fleet], kind: str) -> None:
    """Another account's action has changed its WABA meanwhile."""
    fleet = opened(kind, timeout_ms=1_500)
    for name in ("berlin", "munich"):
        fleet.register(name)

    def reads_again(request: Received) -> bool:
        return request.fields["d360-api-key"] == "key-munich" and bool(fleet.peer.record.writes)

    fleet.peer.script.when(reads_again, faults.error(505))
    report = fleet.apply(
        document(account("berlin", waba_webhook={"url": HOOK}), account("munich", multi_webhook={"enabled": False})), wait_ms=100
    )
    row = rows(report)["munich"]
    assert row["status"] == "D360_SERVICE_ERROR"
    assert (row["losing_events"], row["digest"], row["findings"]) == (None, None, [])
    assert report["summary"]["losing_events"] == 0


@pytest.mark.parametrize("kind", ["remote", "remote-vendor"])
@pytest.mark.parametrize("had_one", [True, False], ids=["set again", "set for the first time"])
def test_a_number_that_an_override_of_unknown_outcome_may_still_take_is_unknown_too(
    opened: Callable[..., Fleet], kind: str, had_one: bool
) -> None:
    """Its own webhook is set, and the override may take effect after that."""
    fleet = opened(kind, timeout_ms=1_500, max_attempts=1, apply_delay_ms=800)
    fleet.register("berlin", "+4930123456")
    fleet.register("munich", "+4989123456")
    if had_one:
        fleet.do("customer_webhook_set", "key-munich", {"url": MAIN})
    writes = len(fleet.peer.record.writes)
    fleet.peer.script.writes(faults.status(202, b"", taken=True))

    def reads_back(request: Received) -> bool:
        return request.target == "/waba_webhook" and len(fleet.peer.record.writes) == writes + 1

    fleet.peer.script.when(reads_back, faults.error(403))
    report = fleet.apply(
        document(
            account("berlin", expect={"number": "4930123456"}, waba_webhook={"url": HOOK, "override_all": True}),
            account("munich", expect={"number": "4989123456"}, customer_webhook={"url": MAIN}),
        ),
        wait_ms=100,
    )
    assert lines(rows(report)["berlin"]) == ["waba_webhook_set D360_PROTOCOL_ERROR"]
    assert lines(rows(report)["munich"]) == ["customer_webhook_set D360_OK"]
    assert rows(report)["munich"]["error"] and rows(report)["munich"]["error"]["outcome"] == "unknown"
    assert counts(report)["unknown"] == 2
    time.sleep(0.9)
    assert fleet.customer("munich") is None
