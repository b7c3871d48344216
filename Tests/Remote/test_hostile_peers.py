"""Peers that lose answers, and peers that are not there or not the right ones: for reading and each of the six writes."""

from collections.abc import Callable

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.server import Fault
from Peers.service import Peer

from Remote.calling import (
    ATTEMPTS,
    CUSTOMER,
    READING,
    TIMEOUT,
    VISIBLE,
    WRITES,
    Client,
    Operation,
    between,
    failed,
    is_done,
    succeeded,
)  # fmt: skip

each_write = pytest.mark.parametrize("write", WRITES, ids=str)
each_visible_write = pytest.mark.parametrize("write", VISIBLE, ids=str)
each_operation = pytest.mark.parametrize("operation", [READING, *WRITES], ids=str)


# Answers that are lost: nothing in time, or cut

SLOW = {
    "says nothing": faults.silent,
    "drips a byte a second": faults.drip,
    "claims more bytes than it sends, and waits": lambda taken: faults.content_length(5, taken, hold=True),
}
CUTS = {
    "ends the connection at once": faults.cut_before_status,
    "resets the connection at once": lambda taken: faults.cut_before_status(taken, reset=True),
    "cuts in the status line": faults.cut_in_status,
    "cuts in the headers": faults.cut_in_headers,
    "cuts in the body": faults.cut_in_body,
    "resets in the body": lambda taken: faults.cut_in_body(taken, reset=True),
    "claims more bytes than it sends": lambda taken: faults.content_length(5, taken),
}
LOST = SLOW | CUTS
each_slow = pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW)
each_cut = pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS)
each_lost = pytest.mark.parametrize("fault", LOST.values(), ids=LOST)


@each_slow
def test_a_reading_without_an_answer_in_time_is_a_timeout(fault: Callable[[bool], Fault]) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(fault(True))
        failed(client.run(READING), "D360_TIMEOUT", retryable=True)
        assert peer.record.writes == []


@each_cut
def test_a_reading_whose_every_answer_is_cut_is_a_network_error(fault: Callable[[bool], Fault]) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(fault(True))
        error = failed(client.run(READING), "D360_NETWORK_ERROR", retryable=True)
        assert error["attempts"] == ATTEMPTS
        assert len(peer.record) == ATTEMPTS


@each_cut
def test_a_reading_whose_answer_is_cut_once_succeeds(fault: Callable[[bool], Fault]) -> None:
    with between(READING) as (peer, client):
        peer.script.readings(fault(True))
        assert succeeded(client.run(READING))["enabled"] is True
        assert len(peer.record) == 2


def test_a_reading_that_cannot_be_decompressed_is_a_protocol_error() -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(faults.broken_gzip())
        failed(client.run(READING), "D360_PROTOCOL_ERROR", retryable=False)


@each_visible_write
def test_a_write_whose_answer_cannot_be_decompressed_is_settled_by_reading_back(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.broken_gzip(taken=True))
        succeeded(client.run(write))
        assert len(peer.record.writes) == 1


@each_write
@each_lost
def test_a_write_that_is_not_taken_and_never_answered_is_unknown(fault: Callable[[bool], Fault], write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(fault(False))
        error = failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)
        sent = peer.record.writes
        assert error["attempts"] == len(sent)
        assert 1 <= len(sent) <= ATTEMPTS
        assert len({request.connection for request in sent}) == len(sent), "a repeated write takes a new connection"
        assert {(request.line, request.body) for request in sent} == {(sent[0].line, sent[0].body)}


@each_write
@each_cut
def test_a_cut_write_is_sent_as_often_as_allowed(fault: Callable[[bool], Fault], write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(fault(False))
        client.run(write)
        assert len(peer.record.writes) == ATTEMPTS


@each_write
@each_cut
def test_a_write_cut_once_before_it_was_taken_is_sent_again(fault: Callable[[bool], Fault], write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(fault(False))
        succeeded(client.run(write))
        assert is_done(peer, write)
        first, second = peer.record.writes
        assert first.connection != second.connection


@each_visible_write
@each_lost
def test_a_write_that_was_taken_is_settled_by_reading_back(fault: Callable[[bool], Fault], write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(fault(True))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 1
        assert len(peer.record.readings) >= 1


@each_slow
def test_a_customer_webhook_without_a_complete_answer_in_time_is_unknown(fault: Callable[[bool], Fault]) -> None:
    with between(CUSTOMER) as (peer, client):
        peer.script.every_write(fault(True))
        failed(client.run(CUSTOMER), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


@each_cut
def test_a_customer_webhook_is_sent_again_until_one_complete_answer_came_back(fault: Callable[[bool], Fault]) -> None:
    with between(CUSTOMER) as (peer, client):
        peer.script.writes(fault(True))
        succeeded(client.run(CUSTOMER))
        assert is_done(peer, CUSTOMER)
        assert len(peer.record.writes) == 2


# A kept connection that ends under the next request


def test_a_reading_on_a_kept_connection_that_ends_succeeds_on_a_new_one() -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(faults.cut_kept())
        for _ in range(3):
            succeeded(client.run(READING))


@each_write
@pytest.mark.parametrize("taken", [False, True], ids=["before it was taken", "after it was taken"])
def test_a_write_on_a_kept_connection_that_ends_is_settled(write: Operation, taken: bool) -> None:
    with between(write) as (peer, client):
        succeeded(client.run(READING))
        peer.script.writes(faults.cut_before_status(taken))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert peer.record.requests[0].connection == peer.record.requests[1].connection, "the connection was not kept"
        sent = peer.record.writes
        assert len(sent) == (1 if taken and write is not CUSTOMER else 2)
        assert len({request.connection for request in sent}) == len(sent)
        if write is not CUSTOMER:
            assert peer.record.requests[2].is_reading, "a second sending came before the reading"


@each_write
def test_a_kept_connection_that_ended_while_idle_costs_a_write_nothing(write: Operation) -> None:
    with between(write) as (peer, client):
        succeeded(client.run(READING))
        peer.drop_idle()
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 1


# Nobody there, or somebody else


@each_operation
def test_a_refused_connection_is_a_network_error(operation: Operation) -> None:
    with faults.ClosedPort() as port, Client(port.url, timeout_ms=TIMEOUT, max_attempts=ATTEMPTS) as client:
        failed(client.run(operation), "D360_NETWORK_ERROR", "not_applied", retryable=True)


@each_operation
def test_a_connection_that_is_never_accepted_is_a_timeout(operation: Operation) -> None:
    with faults.FullBacklog() as port, Client(port.url, timeout_ms=600) as client:
        failed(client.run(operation), "D360_TIMEOUT", "not_applied", retryable=True)


@each_operation
@pytest.mark.parametrize("flaw", ["self-signed", "expired", "another host's"])
def test_a_wrong_certificate_is_a_tls_error_and_gets_no_key(authority: Authority, flaw: str, operation: Operation) -> None:
    identity = {
        "self-signed": lambda: authority.self_signed(),
        "expired": lambda: authority.identity(expired=True),
        "another host's": lambda: authority.identity("DNS:other.example.com"),
    }[flaw]()
    with Peer(tls=identity.context()) as peer:
        with Client(peer.url, timeout_ms=TIMEOUT, max_attempts=ATTEMPTS, ca_file=str(authority.bundle)) as client:
            failed(client.run(operation), "D360_TLS_ERROR", "not_applied")
        assert len(peer.record) == 0
