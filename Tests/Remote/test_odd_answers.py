"""Odd answers and odd calls: each has its right status, whichever operation meets it."""

import pytest
from Peers import faults
from Peers.exchange import Exchange
from Peers.service import Peer

from Remote.calling import CUSTOMER, READINGS, WRITES, Client, Operation, between, failed, is_done, succeeded
from Remote.proxy import Proxy

each_operation = pytest.mark.parametrize("operation", [*READINGS, *WRITES], ids=str)
each_reading = pytest.mark.parametrize("operation", READINGS, ids=str)


@each_operation
@pytest.mark.parametrize("length", [110_000, 1_000_000])
def test_a_header_line_that_is_too_long_is_no_want_of_memory(operation: Operation, length: int) -> None:
    def fault(exchange: Exchange) -> None:
        answer = exchange.take()
        answer.headers.append(("X-Long", "x" * length))
        exchange.answer(answer)

    with between(operation, max_attempts=1) as (peer, client):
        peer.script.when(lambda request: request.method == operation.method, fault)
        result = client.run(operation)
        if operation in READINGS:
            failed(result, "D360_PROTOCOL_ERROR", retryable=False)
        elif operation.is_hidden:  # It is a lost answer, and no reading settles it.
            failed(result, "D360_OUTCOME_UNKNOWN", "unknown")
        else:
            succeeded(result)


TRAILERS = [b"HTTP/1.1: 500", b"HTTP/2: 100", b"HTTP/: x"]


@each_operation
@pytest.mark.parametrize("trailer", TRAILERS, ids=[one.decode() for one in TRAILERS])
def test_a_trailer_that_looks_like_a_status_line_is_a_trailer(operation: Operation, trailer: bytes) -> None:
    def fault(exchange: Exchange) -> None:
        body = exchange.take().body
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        exchange.send(head + f"{len(body):x}".encode() + b"\r\n" + body + b"\r\n0\r\n" + trailer + b"\r\n\r\n")

    with between(operation) as (peer, client):
        peer.script.when(lambda request: request.method == operation.method, fault)
        succeeded(client.run(operation))
        assert is_done(peer, operation)
        assert len(peer.record) == 1


@each_operation
def test_a_key_that_no_header_can_carry_is_an_unknown_key(operation: Operation) -> None:
    with between(operation) as (peer, client):
        error = failed(
            client.call(operation.function, *operation.arguments, key="k" * 1_100_000), "D360_UNAUTHORIZED", retryable=False
        )
        assert error["attempts"] == 0
        assert len(peer.record) == 0


BRACKETS = b"{}," * 349_000 + b"{}]"


@each_reading
@pytest.mark.parametrize("body", [b"[" + BRACKETS, b'{"x":[' + BRACKETS + b"}"], ids=["list", "object"])
def test_an_answer_of_little_but_brackets_is_not_parsed(operation: Operation, body: bytes) -> None:
    with between(operation) as (peer, client):
        peer.script.readings(faults.body(body))
        failed(client.run(operation), "D360_PROTOCOL_ERROR", retryable=False)


# Base URLs

BASES = {
    "http://v1": "http://v1/v1/configs/webhook",
    "http://v1/": "http://v1/v1/configs/webhook",
    "http://v1:8360": "http://v1:8360/v1/configs/webhook",
    "http://x.v1": "http://x.v1/v1/configs/webhook",
    "http://v1/v1": "http://v1/v1/configs/webhook",
    "http://h.example/v1": "http://h.example/v1/configs/webhook",
    "http://h.example/v1/": "http://h.example/v1/configs/webhook",
    "http://h.example/xv1": "http://h.example/xv1/v1/configs/webhook",
    "http://h.example/v1/x": "http://h.example/v1/x/v1/configs/webhook",
}


@pytest.mark.parametrize(("base", "target"), BASES.items())
def test_only_a_path_that_ends_in_v1_is_such_a_path(base: str, target: str) -> None:
    with Proxy() as proxy, Client(base, proxy=proxy.url, allow_insecure_http=True, max_attempts=1, timeout_ms=400) as client:
        for operation in (READINGS[1], CUSTOMER):
            proxy.requests.clear()
            assert client.run(operation).status != "D360_OK"
            assert proxy.requests[0].startswith(f"{operation.method} {target} ")


# Digits that are none of ASCII's

LOOPBACK = ["１２７.0.0.1", "127.0.0.１", "①②⑦.0.0.1", "127。0。0。1", "१२७.0.0.1"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_host_with_digits_beyond_ascii_is_no_way_around_the_rules(host: str) -> None:
    with Peer() as peer, Client(peer.url) as client:
        for operation, request in (
            ("customer_webhook_set", {"url": f"https://{host}/w"}),
            ("waba_webhook_set", {"url": f"https://{host}/w"}),
        ):
            error = failed(client.call(operation, request), "D360_INVALID_REQUEST")
            assert (error["path"], error["attempts"]) == ("/url", 0)
        assert len(peer.record) == 0
