"""An answer belongs to the request that was sent before its first byte came. Other bytes end their connection."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.exchange import Exchange, render
from Peers.http2 import HTTP2Server
from Peers.model import Answer
from Peers.server import Server
from Peers.service import Peer
from support import raw

from Remote.calling import APPEND, KEY, MAIN, READING, READINGS, WRITES, Client, Operation, Result, failed, succeeded

each_operation = pytest.mark.parametrize("operation", [*READINGS, *WRITES], ids=str)
each_kind = pytest.mark.parametrize("kind", ["plain", "TLS", "HTTP/2"])
each_moment = pytest.mark.parametrize("after", [0, 0.03], ids=["at once", "later"])
OTHER_KEY = "key-munich"
UNASKED = Answer(200, b'{"url":"https://unasked.example.com/w"} ')
Caller = Callable[[Client, Operation], Result]


def _by_another_key(client: Client, operation: Operation) -> Result:
    return client.call(operation.function, *operation.arguments, key=OTHER_KEY)


def _by_a_derived_client(client: Client, operation: Operation) -> Result:
    _, derived, _ = raw.derive(client.handle, {"timeout_ms": 2_000})
    try:
        return Result(*raw.call(f"d360_{operation.function}", derived, KEY, *operation.arguments), 0)
    finally:
        raw.close(derived)


CALLERS = {"the same": Client.run, "another key": _by_another_key, "a derived client": _by_a_derived_client}


class AnswersTwice:
    """A fault: the service's own answer, and one that nobody asked for, at once or `after` so many seconds."""

    def __init__(self, after: float) -> None:
        self._after, self._is_sent = after, threading.Event()

    def __call__(self, exchange: Exchange) -> None:
        exchange.answer(exchange.take())
        if self._after:
            time.sleep(self._after)
        exchange.send(exchange.unasked(UNASKED))
        self._is_sent.set()

    def wait(self) -> None:
        """Returns once the client's socket has the bytes."""
        assert self._is_sent.wait(10)
        time.sleep(0.005)


@contextmanager
def _served(authority: Authority, kind: str) -> Iterator[tuple[Peer, Client]]:
    options = {} if kind == "plain" else {"ca_file": str(authority.bundle)}
    given = {
        "plain": lambda: Peer(),
        "TLS": lambda: Peer(tls=authority.identity().context()),
        "HTTP/2": lambda: Peer(tls=authority.identity().context(("h2",)), server=HTTP2Server),
    }
    with given[kind]() as peer, Client(peer.url, timeout_ms=3_000, max_attempts=2, **options) as client:
        yield peer, client


@each_operation
@each_kind
@each_moment
@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_bytes_that_wait_on_a_kept_connection_are_nobodys_answer(
    authority: Authority, operation: Operation, kind: str, after: float, caller: Caller
) -> None:
    key = OTHER_KEY if caller is _by_another_key else KEY
    with _served(authority, kind) as (peer, client):
        operation.prepare(peer, key)
        twice = AnswersTwice(after)
        peer.script.readings(twice)
        succeeded(client.run(READING))
        twice.wait()
        assert "unasked" not in (caller(client, operation).text or "")
        assert operation.is_done(peer.service.state(key))
        assert peer.record.connections == 2


@each_operation
@each_kind
@each_moment
def test_a_refused_call_is_refused_though_an_unasked_success_waits(
    authority: Authority, operation: Operation, kind: str, after: float
) -> None:
    with _served(authority, kind) as (peer, client):
        twice = AnswersTwice(after)
        peer.script.readings(twice)
        succeeded(client.run(READING))
        twice.wait()
        peer.script.when(lambda _: True, faults.error(401, "rotated"))
        failed(client.run(operation), "D360_UNAUTHORIZED", "not_applied")
        assert len(peer.record) == 2


@each_kind
def test_a_connection_that_nothing_waits_on_is_kept(authority: Authority, kind: str) -> None:
    with _served(authority, kind) as (peer, client):
        for _ in range(5):
            succeeded(client.call("customer_webhook_set", {"url": MAIN}))
            assert succeeded(client.call("customer_webhook_get")) == {"url": MAIN}
            time.sleep(0.02)
        assert peer.record.connections == 1


def test_a_settled_write_reads_back_its_own_answer(authority: Authority) -> None:
    """The reading that settles a write shares its connection with what was sent before it."""
    with _served(authority, "HTTP/2") as (peer, client):
        APPEND.prepare(peer)
        peer.script.writes(faults.error(502)).readings(AnswersTwice(0.03))
        succeeded(client.run(APPEND))
        assert APPEND.is_done(peer.service.state(KEY))
        assert len(peer.record.writes) == 2


def test_the_rest_of_a_tls_record_behind_an_answer_is_nobodys_answer(authority: Authority) -> None:
    def fault(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n")
        time.sleep(0.03)
        exchange.send(b"{}" + exchange.unasked(UNASKED))

    with _served(authority, "TLS") as (peer, client):
        peer.script.readings(fault)
        succeeded(client.call("customer_webhook_get"))
        assert succeeded(client.call("customer_webhook_get")) == {}
        assert peer.record.connections == 2


class SpeaksFirst(Server):
    """The first connection has an answer before its first request: in one segment with the end of the handshake."""

    def _requests(self, connection: socket.socket, number: int) -> None:
        if number == 1:
            connection.sendall(render(UNASKED))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        super()._requests(connection, number)


def _held_back(connection: socket.socket) -> bool:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    return True


@each_operation
def test_bytes_that_come_before_the_first_request_of_a_connection_are_nobodys_answer(
    authority: Authority, operation: Operation
) -> None:
    """In TLS 1.3 a server ends the handshake after its client, which has sent its request by then."""
    tls = authority.identity().context()
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    with Peer(tls=tls, on_accept=_held_back, server=SpeaksFirst) as peer:
        operation.prepare(peer)
        with Client(peer.url, timeout_ms=3_000, max_attempts=3, ca_file=str(authority.bundle)) as client:
            done = client.run(operation)
            succeeded(done)
            assert "unasked" not in (done.text or "")
            assert operation.is_done(peer.service.state(KEY))
            assert peer.record.connections > 1
