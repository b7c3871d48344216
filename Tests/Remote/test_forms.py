"""Each form in which the service was seen to answer, with each operation and the wait; then with a cut answer, and with errors.

Of a write, `D360_OK` means that it is there and `not_applied` that it is not, in whichever form it is answered.
"""

import json

import pytest
from Peers import faults
from Peers.forms import DETAIL, FORMS, SHAPES, Form
from Peers.server import Fault
from Peers.service import Peer

from Remote.calling import (
    APPEND,
    DELETE,
    DISABLE,
    MAIN,
    OVERRIDE,
    READINGS,
    TEAM,
    UPDATE,
    WABA,
    WRITES,
    Operation,
    Result,
    between,
    do,
    failed,
    is_done,
    succeeded,
)  # fmt: skip

WAIT = Operation("wait", "waba_webhook_wait", "GET", "/waba_webhook", ({"url": MAIN, "headers": TEAM}, 1_000))
ALL_WRITES = [*WRITES, DISABLE, OVERRIDE]
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
each_write = pytest.mark.parametrize("write", ALL_WRITES, ids=str)
each_operation = pytest.mark.parametrize("operation", [*READINGS, WAIT, *ALL_WRITES], ids=str)
each_cut = pytest.mark.parametrize("taken", [False, True], ids=["before it was taken", "after it was taken"])
CUTS = {"cut": faults.cut_before_status, "in the body": faults.cut_in_body}


def must_be_true(peer: Peer, write: Operation, result: Result) -> None:
    if result.status == "D360_OK" or result.error["outcome"] == "applied":
        assert is_done(peer, write), result.text
    elif result.error["outcome"] == "not_applied":
        assert not is_done(peer, write), result.text


@each_form
@each_operation
def test_a_call_succeeds_however_the_service_words_it(form: Form, operation: Operation) -> None:
    with between(operation, Peer(answers=form.answers)) as (peer, client):
        if operation is WAIT:
            do(peer, *WABA.request)
        peer.script.when(lambda _: True, form.fault())
        result = client.run(operation)
        succeeded(result)
        assert is_done(peer, operation)
        if operation in ALL_WRITES and not form.first:
            assert len(peer.record.writes) == 1


@each_form
@pytest.mark.parametrize("reading", READINGS, ids=str)
@pytest.mark.parametrize("is_set", [False, True], ids=["not set", "set"])
def test_a_reading_is_the_services_own_text(form: Form, reading: Operation, is_set: bool) -> None:
    with between(reading, Peer(answers=form.answers)) as (peer, client):
        if is_set:
            for write in (APPEND, WABA, WRITES[4]):
                do(peer, *write.request)
        sent: list[bytes] = []
        fault = form.fault()

        def watched(exchange: faults.Exchange) -> None:
            send = exchange.send
            exchange.send = lambda data: (sent.append(data), send(data))[1]  # type: ignore[method-assign]
            fault(exchange)

        peer.script.when(lambda request: request.target == reading.target, watched)
        text = client.run(reading).text or ""
        if b"HTTP/1.1 404" in sent[-1]:
            assert text == "{}"
        else:
            assert text.encode() == sent[-1].partition(b"\r\n\r\n")[2]


@each_form
@each_write
@each_cut
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_write_whose_answer_is_cut_is_what_its_status_says(form: Form, write: Operation, taken: bool, cut: type) -> None:
    with between(write, Peer(answers=form.answers)) as (peer, client):
        peer.script.writes(cut(taken=taken)).when(lambda _: True, form.fault())
        result = client.run(write)
        must_be_true(peer, write, result)
        if form.shows_all:
            succeeded(result)
        else:
            assert result.status in ("D360_OK", "D360_OUTCOME_UNKNOWN", "D360_NOT_FOUND", "D360_CONFLICT"), result.text


@pytest.mark.parametrize("reading", [*READINGS, WAIT], ids=str)
@each_form
def test_a_reading_whose_answer_is_cut_is_read_again(form: Form, reading: Operation) -> None:
    with between(reading, Peer(answers=form.answers)) as (peer, client):
        do(peer, *WABA.request)
        peer.script.readings(faults.cut_in_body(taken=True)).when(lambda _: True, form.fault())
        succeeded(client.run(reading))


# Errors

CODES = {400: "D360_INVALID_REQUEST", 401: "D360_UNAUTHORIZED", 403: "D360_UNAUTHORIZED", 422: "D360_INVALID_REQUEST"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", CODES)
@each_operation
def test_an_error_of_each_shape_is_its_code_and_its_words_are_passed_on(shape: str, code: int, operation: Operation) -> None:
    body, words = SHAPES[shape]
    is_page = b"<html" in body
    with between(operation) as (peer, client):
        peer.script.when(lambda _: True, faults.status(code, body, [("Content-Type", "text/html")] if is_page else faults.JSON))
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR" if is_page else CODES[code], retryable=False)
        assert words in error["service_message"] and words in error["message"]
        assert "<" not in json.dumps(error)
        assert not is_done(peer, operation) or operation in (*READINGS, WAIT)


@pytest.mark.parametrize("shape", SHAPES)
@each_write
@each_cut
def test_an_error_of_each_shape_after_a_cut_answer_denies_nothing(shape: str, write: Operation, taken: bool) -> None:
    body, _ = SHAPES[shape]
    with between(write, timeout_ms=500) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=taken)).every_write(faults.status(400, body))
        result = client.run(write)
        must_be_true(peer, write, result)
        assert result.status != "D360_OK" or taken


# 404

NOT_FOUND: dict[str, Fault] = {
    "the vendor's words": faults.error(404, "Webhook not found"),
    "a page of an unrelated server": faults.html(code=404),
    "a detail of an unrelated server": faults.status(404, DETAIL),
    "nothing": faults.status(404, b"", []),
}
each_404 = pytest.mark.parametrize("fault", NOT_FOUND.values(), ids=NOT_FOUND)


@each_404
@each_operation
def test_404_to_everything_means_that_the_base_url_is_wrong(fault: Fault, operation: Operation) -> None:
    with between(operation) as (peer, client):
        peer.script.when(lambda _: True, fault)
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR", retryable=False)
        assert error["http_status"] == 404
        assert "base URL" in error["message"] or "HTML page" in error["message"]


@each_404
@each_write
@each_cut
def test_a_404_to_everything_after_a_cut_answer_denies_nothing(fault: Fault, write: Operation, taken: bool) -> None:
    with between(write, timeout_ms=500) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=taken)).when(lambda _: True, fault)
        result = client.run(write)
        must_be_true(peer, write, result)
        assert result.status != "D360_OK"


@each_404
@each_write
@each_cut
@pytest.mark.parametrize("count", [1, 2], ids=["the first reading", "the second"])
def test_a_404_that_appears_after_a_reading_denies_nothing(fault: Fault, write: Operation, taken: bool, count: int) -> None:
    with between(write, timeout_ms=500) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=taken)).readings(*[None] * count).when(lambda _: True, fault)
        must_be_true(peer, write, client.run(write))


@each_404
def test_a_404_that_appears_while_a_wait_reads_ends_it_unless_it_says_that_nothing_is_set(fault: Fault) -> None:
    with between(WAIT) as (peer, client):
        peer.script.readings(None, None).when(lambda _: True, fault)
        failed(client.run(WAIT), "D360_PROTOCOL_ERROR", retryable=False)
    with between(WAIT) as (peer, client):
        peer.script.readings(None, None).when(lambda request: request.target == "/waba_webhook", fault)
        status = "D360_PROTOCOL_ERROR" if fault is NOT_FOUND["a page of an unrelated server"] else "D360_TIMEOUT"
        failed(client.run(WAIT), status)


def test_update_and_delete_of_an_unknown_name_are_not_found_beside_all_of_that() -> None:
    for operation in (UPDATE, DELETE):
        with between(operation) as (peer, client):
            do(peer, "DELETE", "/multi_webhook/audit")
            failed(client.run(operation), "D360_NOT_FOUND")
