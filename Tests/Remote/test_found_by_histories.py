"""Random histories (Tests/Histories) found these; each is the smallest case of its kind."""

import pytest
from Peers import faults
from Peers.service import Peer

from Remote.calling import DELETE, UPDATE, WRITES, Operation, between, failed
from Remote.cancelling import cancelled


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_a_write_that_was_accepted_and_then_cancelled_is_not_said_to_be_undone(write: Operation) -> None:
    with between(write, Peer(show_after_ms=60_000), timeout_ms=20_000) as (peer, client):
        peer.script.writes(faults.status(202, b"", taken=True))
        cancelled(client, write, lambda: len(peer.record.readings) > 1, "unknown")


@pytest.mark.parametrize(
    ("write", "code", "status"),
    [(UPDATE, 409, "D360_NOT_ENABLED"), (DELETE, 409, "D360_NOT_ENABLED"), (UPDATE, 404, "D360_NOT_FOUND")],
    ids=lambda value: str(value),
)
def test_a_reading_explains_a_repetition_s_refusal_though_the_one_before_it_failed(
    write: Operation, code: int, status: str
) -> None:
    with (
        Peer() as peer,
        between(Operation("nothing", "multi_webhook_get", "GET", "/multi_webhook", enabled=False), peer) as (_, client),
    ):
        peer.script.writes(faults.cut_before_status(), faults.error(code))
        peer.script.readings(faults.error(505), faults.error(505))
        result = client.run(write)
    error = failed(result, status, "applied" if write is DELETE else "unknown")
    assert error["http_status"] == code
