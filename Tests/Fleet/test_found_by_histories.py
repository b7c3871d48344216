"""Random histories (Tests/Histories) found these; each is the smallest case of its kind."""

from collections.abc import Callable

import pytest
from Peers import faults
from Peers.recorder import Received

from .fleet import HOOK, Fleet, account, document, rows


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
