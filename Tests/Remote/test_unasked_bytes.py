"""An answer belongs to the request that was sent before its first byte came. Other bytes end their connection."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from Peers.certificates import Authority
from Peers.exchange import Exchange
from Peers.model import Answer
from Peers.server import Fault
from Peers.service import Peer
from support import raw

from Remote.calling import APPEND, KEY, MAIN, READING, READINGS, WRITES, Client, Operation, failed, is_done, succeeded

each_operation = pytest.mark.parametrize("operation", [*READINGS, *WRITES], ids=str)
UNASKED = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n{"url":"https://other.example.com/w"} '


def _answers_twice(after: float) -> Fault:
    """The service's own answer, and one that nobody asked for: in the same segment, or `after` so many seconds."""

    def fault(exchange: Exchange) -> None:
        answer: Answer = exchange.take()
        exchange.answer(answer)
        if after:
            time.sleep(after)
        exchange.send(UNASKED)

    return fault


@contextmanager
def _served(authority: Authority, kind: str) -> Iterator[tuple[Peer, Client]]:
    context: ssl.SSLContext | None = authority.identity().context() if kind == "TLS" else None
    options = {"ca_file": str(authority.bundle)} if kind == "TLS" else {}
    with Peer(tls=context) as peer, Client(peer.url, timeout_ms=3_000, max_attempts=2, **options) as client:
        yield peer, client


@each_operation
@pytest.mark.parametrize("kind", ["plain", "TLS"])
@pytest.mark.parametrize("after", [0, 0.03], ids=["at once", "later"])
def test_bytes_that_wait_on_a_kept_connection_are_nobodys_answer(
    authority: Authority, operation: Operation, kind: str, after: float
) -> None:
    with _served(authority, kind) as (peer, client):
        operation.prepare(peer)
        peer.script.readings(_answers_twice(after))
        succeeded(client.run(READING))
        time.sleep(after + 0.05)
        assert "other.example.com" not in (client.run(operation).text or "")
        assert is_done(peer, operation)
        assert peer.record.connections == 2


@pytest.mark.parametrize("kind", ["plain", "TLS"])
def test_a_refused_write_is_refused_though_an_unasked_success_waits(authority: Authority, kind: str) -> None:
    with _served(authority, kind) as (peer, client):
        peer.script.readings(_answers_twice(0.03))
        succeeded(client.run(READING))
        time.sleep(0.08)
        failed(client.run(APPEND), "D360_NOT_ENABLED", "not_applied")
        assert len(peer.record.writes) == 1


def test_another_key_gets_its_own_answer() -> None:
    with Peer() as peer, Client(peer.url) as client:
        succeeded(client.call("customer_webhook_set", {"url": MAIN}, key="key-munich"))
        peer.script.readings(_answers_twice(0.03))
        succeeded(client.call("customer_webhook_get"))
        time.sleep(0.08)
        assert succeeded(client.call("customer_webhook_get", key="key-munich")) == {"url": MAIN}


def test_a_derived_client_gets_its_own_answer() -> None:
    with Peer() as peer, Client(peer.url) as client:
        peer.script.readings(_answers_twice(0.03))
        succeeded(client.call("customer_webhook_get"))
        time.sleep(0.08)
        _, derived, _ = raw.derive(client.handle, {"timeout_ms": 1_000})
        assert raw.call("d360_customer_webhook_get", derived, KEY) == ("D360_OK", "{}")
        raw.close(derived)


def test_the_rest_of_a_tls_record_behind_an_answer_is_nobodys_answer(authority: Authority) -> None:
    def fault(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n")
        time.sleep(0.03)
        exchange.send(b"{}" + UNASKED)

    with _served(authority, "TLS") as (peer, client):
        peer.script.readings(fault)
        succeeded(client.call("customer_webhook_get"))
        assert succeeded(client.call("customer_webhook_get")) == {}
        assert peer.record.connections == 2
