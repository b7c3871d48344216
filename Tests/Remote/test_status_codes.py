"""What HTTP codes and error bodies mean: the statuses of the contract."""

import pytest
from Peers import faults
from Peers.service import Peer

from Remote.calling import (
    APPEND,
    AUDIT,
    CRM,
    CUSTOMER,
    DELETE,
    ENABLE,
    READING,
    READINGS,
    UPDATE,
    VISIBLE,
    WABA,
    WRITES,
    Client,
    Operation,
    between,
    do,
    failed,
    succeeded,
)  # fmt: skip

# 404


@pytest.mark.parametrize("operation", [*READINGS, ENABLE, APPEND, CUSTOMER, WABA], ids=str)
def test_404_where_no_name_is_asked_for_means_that_the_base_url_is_wrong(operation: Operation) -> None:
    with between(operation) as (peer, client):
        peer.script.when(lambda request: True, faults.error(404, "not found"))
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR", retryable=False)
        assert error["http_status"] == 404
        assert "base URL" in error["message"]


@pytest.mark.parametrize("operation", [UPDATE, DELETE], ids=str)
def test_404_to_a_name_is_not_found_where_a_reading_lacks_the_name(operation: Operation) -> None:
    with between(ENABLE) as (peer, client):
        do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [CRM]})
        error = failed(client.run(operation), "D360_NOT_FOUND", "not_applied", retryable=False)
        assert error["http_status"] == 404
        assert error["attempts"] == len(peer.record.writes) == 1
        assert error.get("path") == ("/name" if operation is UPDATE else None)


@pytest.mark.parametrize("operation", [UPDATE, DELETE], ids=str)
def test_404_to_a_name_that_a_reading_shows_is_a_protocol_error(operation: Operation) -> None:
    with between(operation) as (peer, client):
        peer.script.every_write(faults.error(404))
        failed(client.run(operation), "D360_PROTOCOL_ERROR", "not_applied", retryable=False)


@pytest.mark.parametrize("operation", [UPDATE, DELETE], ids=str)
def test_404_to_a_name_where_the_destinations_cannot_be_read_means_that_the_base_url_is_wrong(operation: Operation) -> None:
    with Peer() as peer, Client(peer.url + "/wrong", timeout_ms=1_200) as client:
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR", "not_applied", retryable=False)
        assert "base URL" in error["message"]


@pytest.mark.parametrize("operation", [UPDATE, DELETE], ids=str)
def test_404_to_a_name_is_not_found_though_the_first_reading_failed(operation: Operation) -> None:
    with between(ENABLE) as (peer, client):
        do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [CRM]})
        peer.script.readings(faults.error(503))
        failed(client.run(operation), "D360_NOT_FOUND", "not_applied", retryable=False)
        assert len(peer.record.readings) == 2


# 409


@pytest.mark.parametrize("operation", [APPEND, UPDATE, DELETE], ids=str)
def test_409_while_multi_webhook_is_off_is_not_enabled(operation: Operation) -> None:
    with between(ENABLE) as (peer, client):
        error = failed(client.run(operation), "D360_NOT_ENABLED", "not_applied", retryable=False)
        assert error["http_status"] == 409
        assert len(peer.record.writes) == 1
        assert [request.target for request in peer.record.readings] == ["/multi_webhook"]


@pytest.mark.parametrize("operation", [APPEND, UPDATE, DELETE], ids=str)
def test_409_while_multi_webhook_is_off_is_not_enabled_though_the_first_reading_failed(operation: Operation) -> None:
    with between(ENABLE) as (peer, client):
        peer.script.readings(faults.error(503))
        failed(client.run(operation), "D360_NOT_ENABLED", "not_applied", retryable=False)
        assert len(peer.record.readings) == 2


def test_409_while_it_is_on_is_a_conflict() -> None:
    with between(APPEND) as (peer, client):
        do(peer, "PUT", "/multi_webhook", {"destinations": [{**CRM, "url": "https://hooks.example.com/else"}]})
        error = failed(client.run(APPEND), "D360_CONFLICT", "not_applied", retryable=False)
        assert error["service_message"] == "destination name 'crm' is taken"
        assert len(peer.record.writes) == 1


def test_an_append_of_what_is_there_already_is_a_conflict_the_first_time() -> None:
    with between(APPEND) as (_, client):
        succeeded(client.run(APPEND))
        failed(client.run(APPEND), "D360_CONFLICT", "not_applied")


def test_a_reading_that_meets_409_once_succeeds() -> None:
    with between(READING) as (peer, client):
        peer.script.readings(faults.error(409))
        succeeded(client.run(READING))


# Retries


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504, 520, 524, 530])
@pytest.mark.parametrize("operation", [*READINGS, *WRITES], ids=str)
def test_a_passing_failure_is_tried_again(code: int, operation: Operation) -> None:
    with between(operation) as (peer, client):
        fault = faults.error(code)
        (peer.script.readings if operation in READINGS else peer.script.writes)(fault, fault)
        succeeded(client.run(operation))
        sent = [request for request in peer.record if request.method == operation.method and request.target == operation.target]
        assert len(sent) == 3


@pytest.mark.parametrize("operation", [READING, *WRITES], ids=str)
@pytest.mark.parametrize("code", [408, 429, 503])
def test_max_attempts_1_turns_retries_off(code: int, operation: Operation) -> None:
    with between(operation, max_attempts=1) as (peer, client):
        peer.script.when(lambda request: request.method == operation.method, faults.error(code))
        error = client.run(operation).error
        assert error["attempts"] == 1
        if operation is not READING:
            assert len(peer.record.writes) == 1


def test_a_client_that_was_refused_goes_on_once_somebody_listens() -> None:
    with Peer() as peer:
        port = peer.port
    with Client(f"http://127.0.0.1:{port}", timeout_ms=1_200, max_attempts=2) as client:
        failed(client.run(READING), "D360_NETWORK_ERROR", retryable=True)
        with Peer(port=port) as again:
            succeeded(client.run(READING))
            assert len(again.record) == 1


@pytest.mark.parametrize("code", [429, 503, 408, 502])
@pytest.mark.parametrize("operation", [READING, CUSTOMER, APPEND], ids=str)
def test_retry_after_in_seconds_is_honoured(code: int, operation: Operation) -> None:
    with between(operation, timeout_ms=4_000) as (peer, client):
        fault = faults.retry_after("1", code)
        (peer.script.readings if operation is READING else peer.script.writes)(fault)
        succeeded(client.run(operation))
        first, second = (request for request in peer.record if request.method == operation.method)
        assert second.at - first.at >= 0.99


@pytest.mark.parametrize("operation", [READING, CUSTOMER], ids=str)
def test_retry_after_as_a_date_is_honoured(operation: Operation) -> None:
    with between(operation, timeout_ms=6_000) as (peer, client):
        # A date has whole seconds: two from now is at least one from now.
        fault = faults.retry_after(faults.http_date(2))
        (peer.script.readings if operation is READING else peer.script.writes)(fault)
        succeeded(client.run(operation))
        first, second = (request for request in peer.record if request.method == operation.method)
        assert second.at - first.at >= 0.9


def test_retry_after_beyond_the_time_limit_is_not_waited_for() -> None:
    with between(READING, timeout_ms=5_000) as (peer, client):
        peer.script.every_reading(faults.retry_after("60"))
        error = failed(client.run(READING), "D360_RATE_LIMITED", retryable=True)
        assert error["attempts"] == 1


# Our own service's words

BELIEVED = [
    (401, "D360_UNAUTHORIZED"),
    (404, "D360_NOT_FOUND"),
    (409, "D360_CONFLICT"),
    (409, "D360_NOT_ENABLED"),
    (400, "D360_MALFORMED_JSON"),
    (400, "D360_INVALID_REQUEST"),
    (400, "D360_LIMIT_EXCEEDED"),
    (405, "D360_INVALID_REQUEST"),
    (413, "D360_INVALID_REQUEST"),
    (415, "D360_INVALID_REQUEST"),
]


@pytest.mark.parametrize("write", [UPDATE, DELETE], ids=str)
@pytest.mark.parametrize(("code", "status"), BELIEVED)
def test_a_service_that_says_our_status_is_believed(code: int, status: str, write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.ours(code, status, "its words", "/name"))
        error = failed(client.run(write), status, "not_applied", retryable=False)
        assert error["path"] == "/name"
        assert error["message"] == "its words"
        assert error["service_message"] == "its words"
        assert error["http_status"] == code
        assert error["attempts"] == len(peer.record.requests) == 1


def test_a_believed_503_is_tried_again() -> None:
    with between(READING) as (peer, client):
        peer.script.readings(faults.ours(503, "D360_STORAGE_ERROR"))
        succeeded(client.run(READING))
        assert len(peer.record) == 2


NOT_BELIEVED = [
    (400, "D360_UNAUTHORIZED", "D360_INVALID_REQUEST"),
    (400, "D360_OK", "D360_INVALID_REQUEST"),
    (400, "D360_INTERNAL_ERROR", "D360_INVALID_REQUEST"),
    (400, "D360_NO_SUCH_STATUS", "D360_INVALID_REQUEST"),
    (401, "D360_LIMIT_EXCEEDED", "D360_UNAUTHORIZED"),
    (403, "D360_CONFLICT", "D360_UNAUTHORIZED"),
    (409, "D360_LIMIT_EXCEEDED", "D360_CONFLICT"),
    (422, "D360_CANCELLED", "D360_INVALID_REQUEST"),
    (429, "D360_STORAGE_ERROR", "D360_RATE_LIMITED"),
    (418, "D360_TIMEOUT", "D360_PROTOCOL_ERROR"),
    (302, "D360_NOT_FOUND", "D360_PROTOCOL_ERROR"),
    (500, "D360_STORAGE_ERROR", "D360_SERVICE_ERROR"),
    (501, "D360_UNSUPPORTED", "D360_SERVICE_ERROR"),
]


@pytest.mark.parametrize("write", VISIBLE[1:], ids=str)
@pytest.mark.parametrize(("code", "said", "status"), NOT_BELIEVED)
def test_a_status_that_does_not_fit_its_code_is_not_believed(code: int, said: str, status: str, write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.ours(code, said))
        failed(client.run(write), status, "not_applied")


TOO_MANY = {"destinations": [{**CRM, "name": name} for name in "abc"]}
UNKNOWN = {"url": AUDIT["url"], "x": 1}
# function, argument, whether multi-webhook is on, status, path, message
OURS = [
    ("multi_webhook_append", {"destinations": [CRM]}, False, "D360_NOT_ENABLED", None, "multi-webhook is not enabled"),
    (
        "multi_webhook_append", {"destinations": [AUDIT]}, True, "D360_CONFLICT",
        "/destinations/0/name", "destination name 'audit' is taken",
    ),
    ("multi_webhook_update", {**CRM}, True, "D360_NOT_FOUND", "/name", "no destination is named 'crm'"),
    ("multi_webhook_delete", "crm", True, "D360_NOT_FOUND", None, "no destination is named 'crm'"),
    (
        "multi_webhook_append", TOO_MANY, True, "D360_LIMIT_EXCEEDED",
        "/destinations", "at most 3 destinations per phone number; it has 1",
    ),
    ("customer_webhook_set", UNKNOWN, True, "D360_INVALID_REQUEST", "/x", "unknown member 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "argument", "on", "status", "path", "message"), OURS)
def test_our_service_says_what_the_embedded_one_says(
    function: str, argument: object, on: bool, status: str, path: str | None, message: str
) -> None:
    with between(APPEND if on else ENABLE, Peer(voice="ours")) as (peer, client):
        error = failed(client.call(function, argument), status, "not_applied", retryable=False)
        assert error.get("path") == path
        assert error["message"] == message
        assert peer.record.readings == []


# Error bodies that users have met

BODIES = {
    "text": (b'{"error":"no such thing"}', "no such thing"),
    "an object": (b'{"error":{"message":"no such thing","code":1013}}', "no such thing"),
    "a list": (b'{"meta":{"version":"2"},"errors":[{"code":1013,"title":"Bad","details":"no such thing"}]}', "no such thing"),
    "a list of titles": (b'{"meta":{},"errors":[{"code":1013,"title":"no such thing"}]}', "no such thing"),
    "a message": (b'{"message":"no such thing"}', "no such thing"),
    "a developer's message": (
        b'{"meta":{"success":false,"http_code":400,"developer_message":"no such thing","details":[{"developer_message":"why"}]}}',
        "no such thing; why",
    ),
    "a detail": (b'{"detail":"no such thing"}', "no such thing"),
    "details of a validator": (b'{"detail":[{"loc":["body"],"msg":"no such thing","type":"missing"}]}', "no such thing"),
    "nothing": (b"", ""),
    "an empty object": (b"{}", ""),
    "wrong types": (b'{"error":7,"message":[],"errors":{}}', ""),
}


@pytest.mark.parametrize(("body", "words"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("operation", [READING, CUSTOMER], ids=str)
def test_the_services_own_words_are_passed_on(body: bytes, words: str, operation: Operation) -> None:
    with between(operation) as (peer, client):
        peer.script.when(lambda request: True, faults.status(400, body))
        error = failed(client.run(operation), "D360_INVALID_REQUEST")
        assert error["service_message"] == words


@pytest.mark.parametrize("body", [b"plain words", b"\xff\xfe", b"[" * 100_000, b'{"error":"' + b"x" * 3_000_000 + b'"}'])
@pytest.mark.parametrize("code", [401, 502])
def test_an_error_body_that_makes_no_sense_changes_no_status(body: bytes, code: int) -> None:
    with between(READING, max_attempts=1) as (peer, client):
        peer.script.every_reading(faults.status(code, body))
        error = failed(client.run(READING), "D360_UNAUTHORIZED" if code == 401 else "D360_SERVICE_ERROR")
        assert error["http_status"] == code
