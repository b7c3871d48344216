"""d360_cancel from another thread, wherever a call waits: it ends within 100 ms, and says what became of a write."""

import threading
import time

import pytest
from Peers import faults
from Peers.server import Fault
from Peers.service import Peer
from support import raw

from Remote.calling import (
    APPEND,
    CUSTOMER,
    KEY,
    READING,
    VISIBLE,
    WRITES,
    Client,
    Operation,
    Result,
    Stopwatch,
    between,
    failed,
    succeeded,
)  # fmt: skip
from Remote.cancelling import cancelled

TIMEOUT = 20_000
each_operation = pytest.mark.parametrize("operation", [READING, *WRITES], ids=str)
each_write = pytest.mark.parametrize("write", WRITES, ids=str)


@each_operation
def test_cancel_while_connecting_sends_nothing(operation: Operation) -> None:
    with faults.FullBacklog() as port, Client(port.url, timeout_ms=TIMEOUT) as client:
        begun = time.monotonic()
        cancelled(client, operation, lambda: time.monotonic() - begun > 0.2, "not_applied")


@each_operation
def test_cancel_during_the_tls_handshake_sends_nothing(operation: Operation) -> None:
    with faults.Listener() as listener, Client(listener.url, timeout_ms=TIMEOUT) as client:
        cancelled(client, operation, listener.is_spoken_to, "not_applied")


@each_operation
@pytest.mark.parametrize("fault", [faults.silent(), faults.drip()], ids=["silent", "dripping"])
def test_cancel_while_waiting_for_an_answer(operation: Operation, fault: Fault) -> None:
    with between(operation, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.when(lambda request: True, fault)
        outcome = "not_applied" if operation is READING else "unknown"
        error = cancelled(client, operation, lambda: len(peer.record) == 1, outcome)
        assert error["attempts"] == 1


@each_operation
def test_cancel_during_backoff_after_a_refusal_was_not_applied(operation: Operation) -> None:
    with between(operation, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.when(lambda request: True, faults.retry_after("5"))
        error = cancelled(client, operation, lambda: len(peer.record) == 1, "not_applied")
        assert error["attempts"] == 1


@each_write
def test_cancel_during_backoff_after_a_lost_answer_is_unknown(write: Operation) -> None:
    with between(write, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.retry_after("5", 503))
        cancelled(client, write, lambda: len(peer.record.writes) == 1, "unknown")


def test_cancel_while_reading_back_is_unknown() -> None:
    with between(APPEND, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.cut_before_status()).every_reading(faults.silent())
        cancelled(client, APPEND, lambda: len(peer.record.readings) == 1, "unknown")


@pytest.mark.parametrize("write", VISIBLE, ids=str)
def test_cancel_while_reading_back_after_an_unusable_answer_is_unknown(write: Operation) -> None:
    with between(write, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.body(b"no JSON", taken=False))
        error = cancelled(client, write, lambda: len(peer.record.readings) >= 2, "unknown")
        assert error["attempts"] == len(peer.record.writes) == 1


@pytest.mark.parametrize("write", VISIBLE, ids=str)
def test_cancel_while_reading_back_after_an_accepted_write_is_unknown(write: Operation) -> None:
    with between(write, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_write(faults.status(202, b"{}"))
        cancelled(client, write, lambda: len(peer.record.readings) >= 2, "unknown")


def test_cancel_of_a_write_that_connects_for_the_first_time_after_a_refused_connection_sends_nothing() -> None:
    with faults.ClosedPort() as port, Client(port.url, timeout_ms=TIMEOUT, max_attempts=100) as client:
        begun = time.monotonic()
        cancelled(client, CUSTOMER, lambda: time.monotonic() - begun > 0.5, "not_applied")


def test_cancel_ends_every_call_that_has_begun() -> None:
    with between(READING, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.every_reading(faults.silent())
        results: list[Result] = []
        threads = [threading.Thread(target=lambda: results.append(client.run(READING))) for _ in range(6)]
        for thread in threads:
            thread.start()
        while len(peer.record) < 6:
            time.sleep(0.005)
        stopwatch = Stopwatch()
        client.cancel()
        for thread in threads:
            thread.join()
        assert stopwatch.seconds < 0.1
        assert [result.status for result in results] == ["D360_CANCELLED"] * 6


def test_later_calls_are_not_touched() -> None:
    with Peer() as peer, Client(peer.url) as client:
        client.cancel()
        succeeded(client.run(READING))
        client.cancel()
        client.cancel()
        succeeded(client.call("customer_webhook_set", {"url": "https://hooks.example.com/main"}, key=KEY))


def test_a_derived_client_is_cancelled_alone() -> None:
    with between(READING, timeout_ms=TIMEOUT) as (peer, client):
        peer.script.readings(faults.late(0.5))
        _, derived, _ = raw.derive(client.handle)
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(client.run(READING)))
        thread.start()
        while not peer.record.requests:
            time.sleep(0.005)
        raw.library.d360_cancel(derived)
        thread.join()
        raw.close(derived)
        succeeded(results[0])


def test_close_cancels_what_is_in_flight_and_waits_for_it() -> None:
    with Peer() as peer:
        peer.script.every_reading(faults.silent())
        client = Client(peer.url, timeout_ms=TIMEOUT)
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(client.run(READING)))
        thread.start()
        while not peer.record.requests:
            time.sleep(0.005)
        client.close()
        thread.join()
        failed(results[0], "D360_CANCELLED")
