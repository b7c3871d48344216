"""A peer whose readings show a change only 300 ms after it was taken: "Operation started" is no promise of more."""

import pytest
from Peers import faults
from Peers.service import Peer

from Remote.calling import CUSTOMER, KEY, OVERRIDE, VISIBLE, WRITES, Operation, between, failed, is_done, succeeded

SHOW_AFTER = 300
TIMEOUT = 2_500
each_write = pytest.mark.parametrize("write", [*WRITES, OVERRIDE], ids=str)
each_visible_write = pytest.mark.parametrize("write", VISIBLE, ids=str)
each_hidden_write = pytest.mark.parametrize("write", [CUSTOMER, OVERRIDE], ids=str)
each_number_of_attempts = pytest.mark.parametrize("attempts", [1, 4], ids=["one attempt", "four attempts"])


def late() -> Peer:
    return Peer(show_after_ms=SHOW_AFTER)


@each_write
@each_number_of_attempts
def test_a_write_that_is_answered_needs_no_reading(write: Operation, attempts: int) -> None:
    with between(write, late(), max_attempts=attempts, timeout_ms=TIMEOUT) as (peer, client):
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 1
        assert len(peer.record.readings) == 0


@each_visible_write
@each_number_of_attempts
def test_a_write_whose_answer_was_cut_is_ok_once_it_shows(write: Operation, attempts: int) -> None:
    with between(write, late(), max_attempts=attempts, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=True))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) <= attempts


@each_visible_write
@each_number_of_attempts
def test_a_write_whose_every_answer_is_cut_is_ok_once_it_shows(write: Operation, attempts: int) -> None:
    with between(write, late(), max_attempts=attempts, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.cut_in_body(taken=True))
        succeeded(client.run(write))
        assert is_done(peer, write)


@each_visible_write
@each_number_of_attempts
@pytest.mark.parametrize("code", [502, 504])
def test_a_write_that_was_taken_and_answered_by_a_gateway_is_ok_once_it_shows(write: Operation, attempts: int, code: int) -> None:
    with between(write, late(), max_attempts=attempts, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.error(code, taken=True))
        succeeded(client.run(write))
        assert is_done(peer, write)


@each_visible_write
@pytest.mark.parametrize("code", [500, 503])
def test_a_write_that_was_taken_and_answered_5xx_once_is_ok(write: Operation, code: int) -> None:
    with between(write, late(), max_attempts=4, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.writes(faults.error(code, taken=True))
        succeeded(client.run(write))
        assert is_done(peer, write)


@each_visible_write
@each_number_of_attempts
@pytest.mark.parametrize("code", [500, 503])
def test_a_write_that_was_taken_and_always_answered_5xx_is_never_unknown(write: Operation, attempts: int, code: int) -> None:
    with between(write, late(), max_attempts=attempts, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.error(code, taken=True))
        # Rule 3 lets a service error stand where the last reading lacks it.
        assert client.run(write).status in ("D360_OK", "D360_SERVICE_ERROR")


@each_write
def test_a_write_that_was_cut_before_it_was_taken_is_sent_again(write: Operation) -> None:
    with between(write, late(), max_attempts=4, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=False))
        succeeded(client.run(write))
        assert is_done(peer, write)


@each_hidden_write
def test_what_no_reading_can_show_is_sent_again_until_it_is_answered(write: Operation) -> None:
    with between(write, late(), max_attempts=4, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=True))
        succeeded(client.run(write))
        assert len(peer.record.writes) == 2


@each_hidden_write
def test_what_no_reading_can_show_is_unknown_after_its_only_attempt(write: Operation) -> None:
    with between(write, late(), max_attempts=1, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=True))
        error = failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)
        assert error["attempts"] == len(peer.record.writes) == 1


@each_visible_write
def test_a_200_that_is_unusable_is_applied_once_it_shows(write: Operation) -> None:
    with between(write, late(), max_attempts=4, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.html(taken=True))
        failed(client.run(write), "D360_PROTOCOL_ERROR", "applied")
        assert len(peer.record.writes) == 1
        assert peer.service.state(KEY) and is_done(peer, write)
