"""Complete answers that are of no use, or refuse: for reading and each of the six writes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from Peers import faults
from Peers.server import Fault
from Peers.service import Peer

from Remote.calling import ATTEMPTS, CUSTOMER, ENABLE, READING, WRITES, Operation, between, do, failed, is_done, succeeded

each_write = pytest.mark.parametrize("write", WRITES, ids=str)
each_operation = pytest.mark.parametrize("operation", [READING, *WRITES], ids=str)


# Answers of 200 that nobody can use

UNUSABLE = {
    "fewer bytes claimed than sent": lambda taken: faults.content_length(-5, taken),
    "2 MiB": lambda taken: faults.big(taken=taken),
    "a gzip bomb": lambda taken: faults.gzip_bomb(taken=taken),
    "HTML": lambda taken: faults.html(taken),
    "an empty body": lambda taken: faults.body(b"", taken),
    "a wrong type": lambda taken: faults.body(b'{"enabled":"yes","message":7,"url":7}', taken),
    "an array": lambda taken: faults.body(b"[]", taken),
    "null": lambda taken: faults.body(b"null", taken),
    "duplicate members": lambda taken: faults.body(b'{"x":1,"x":2}', taken),
    "invalid UTF-8": lambda taken: faults.body(b'{"message":"\xff","url":"\xff"}', taken),
    "65 levels": lambda taken: faults.body(b'{"x":' + b"[" * 64 + b"]" * 64 + b"}", taken),
    "a number beyond 64 bits": lambda taken: faults.body(b'{"x":9223372036854775808}', taken),
    "something after the value": lambda taken: faults.body(b"{}{}", taken),
}
each_unusable = pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE)


@each_unusable
def test_a_reading_with_an_unusable_body_is_a_protocol_error(fault: Callable[[bool], Fault]) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(fault(True))
        error = failed(client.run(READING), "D360_PROTOCOL_ERROR", retryable=False)
        assert error["attempts"] == 1
        assert len(peer.record) == 1


@each_write
@each_unusable
def test_a_write_that_was_taken_with_an_unusable_answer_is_told_from_a_reading(
    fault: Callable[[bool], Fault], write: Operation
) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(fault(True))
        result = client.run(write)
        error = failed(result, "D360_PROTOCOL_ERROR", "unknown" if write is CUSTOMER else "applied", retryable=False)
        assert error["attempts"] == 1
        assert len(peer.record.writes) == 1


@each_write
@pytest.mark.parametrize("fault", [UNUSABLE["HTML"], UNUSABLE["2 MiB"]], ids=["HTML", "2 MiB"])
def test_a_write_that_was_not_taken_with_an_unusable_answer_stays_unknown(
    fault: Callable[[bool], Fault], write: Operation
) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(fault(False))
        failed(client.run(write), "D360_PROTOCOL_ERROR", "unknown", retryable=False)
        assert len(peer.record.writes) == 1


# Complete answers with other codes


@dataclass(frozen=True)
class Code:
    code: int
    status: str
    is_retried: bool = False
    retryable: bool = False


CODES = [
    Code(300, "D360_PROTOCOL_ERROR"),
    Code(304, "D360_PROTOCOL_ERROR"),
    Code(400, "D360_INVALID_REQUEST"),
    Code(401, "D360_UNAUTHORIZED"),
    Code(402, "D360_PROTOCOL_ERROR"),
    Code(403, "D360_UNAUTHORIZED"),
    Code(404, "D360_PROTOCOL_ERROR"),
    Code(405, "D360_PROTOCOL_ERROR"),
    Code(408, "D360_TIMEOUT", is_retried=True, retryable=True),
    Code(410, "D360_PROTOCOL_ERROR"),
    Code(413, "D360_INVALID_REQUEST"),
    Code(415, "D360_INVALID_REQUEST"),
    Code(418, "D360_PROTOCOL_ERROR"),
    Code(422, "D360_INVALID_REQUEST"),
    Code(429, "D360_RATE_LIMITED", is_retried=True, retryable=True),
    Code(501, "D360_SERVICE_ERROR", retryable=True),
    Code(505, "D360_SERVICE_ERROR", retryable=True),
]
READ_CODES = [
    Code(409, "D360_CONFLICT", is_retried=True, retryable=True),
    *(Code(code, "D360_SERVICE_ERROR", is_retried=True, retryable=True) for code in (500, 502, 503, 504, 520, 524, 526, 530)),
    Code(201, "D360_PROTOCOL_ERROR"),
    Code(204, "D360_PROTOCOL_ERROR"),
]


@pytest.mark.parametrize("code", CODES + READ_CODES, ids=lambda one: str(one.code))
@pytest.mark.parametrize("body", ["the vendor's error", "HTML", "no body"])
def test_a_code_to_a_reading_is_its_status(code: Code, body: str) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(_with_body(code.code, body))
        is_others = body == "HTML" and 400 <= code.code < 500
        is_retried = code.is_retried and not (is_others and code.code == 409)
        status, retryable = ("D360_PROTOCOL_ERROR", is_retried) if is_others else (code.status, code.retryable)
        error = failed(client.run(READING), status, retryable=retryable)
        assert error["http_status"] == code.code
        assert error["attempts"] == len(peer.record) == (ATTEMPTS if is_retried else 1)


@each_write
@pytest.mark.parametrize("code", CODES, ids=lambda one: str(one.code))
def test_a_code_that_refuses_a_write_is_its_status(code: Code, write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.error(code.code))
        error = failed(client.run(write), code.status, "not_applied", retryable=code.retryable)
        assert error["http_status"] == code.code
        assert error["attempts"] == len(peer.record.writes) == (ATTEMPTS if code.is_retried else 1)


@each_write
def test_409_to_a_write_is_a_conflict_and_not_sent_again(write: Operation) -> None:
    with between(write) as (peer, client):
        if write is ENABLE:
            do(peer, "POST", "/multi_webhook", {"enabled": True})
        peer.script.every_write(faults.error(409))
        error = failed(client.run(write), "D360_CONFLICT", "not_applied", retryable=False)
        assert error["attempts"] == len(peer.record.writes) == 1


def _with_body(code: int, body: str) -> Fault:
    if body == "HTML":
        return faults.html(code=code)
    return faults.status(code) if body == "no body" else faults.error(code)


@each_write
@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_5xx_to_a_write_that_was_not_taken_is_settled(code: int, write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.html(taken=False, code=code))
        result = client.run(write)
        if code in (500, 503):
            error = failed(result, "D360_SERVICE_ERROR", "not_applied", retryable=True)
        else:
            error = failed(result, "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)
        assert error["attempts"] == len(peer.record.writes) == ATTEMPTS


@each_write
@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_5xx_to_a_write_that_was_taken_all_the_same_is_no_failure(code: int, write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(faults.html(taken=True, code=code))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == (2 if write is CUSTOMER else 1)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@each_operation
def test_a_redirect_is_not_followed(code: int, operation: Operation) -> None:
    with between(operation) as (peer, client), Peer() as other:
        peer.script.when(lambda request: True, faults.redirect(other.url + operation.target, code))
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR", "not_applied", retryable=False)
        assert error["attempts"] == 1
        assert other.record.connections == 0


RETRY_AFTER = ["3600", "-5", "soon", "", "99999999999999999999", "1.5", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 99 Foo 9999"]


@pytest.mark.parametrize("value", [*RETRY_AFTER, "date"])
@each_operation
def test_an_absurd_retry_after_costs_no_more_than_the_time_limit(value: str, operation: Operation) -> None:
    with between(operation) as (peer, client):
        peer.script.when(lambda request: True, faults.retry_after(faults.http_date(3_600) if value == "date" else value))
        error = failed(client.run(operation), "D360_RATE_LIMITED", "not_applied", retryable=True)
        assert 1 <= error["attempts"] <= ATTEMPTS
