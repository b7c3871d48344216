"""Answers that users have met and that the specification does not name."""

import json

import pytest
from Peers import faults
from Peers.exchange import Exchange
from Peers.model import Answer
from Peers.server import Fault

from Remote.calling import (
    APPEND,
    ATTEMPTS,
    CRM,
    CUSTOMER,
    DELETE,
    MAIN,
    READING,
    TEAM,
    VISIBLE,
    WABA,
    WRITES,
    Operation,
    between,
    do,
    failed,
    is_done,
    succeeded,
)  # fmt: skip

NOT_SET = faults.error(404, "Webhook not found")
PATHS = {"customer_webhook_get": "/v1/configs/webhook", "waba_webhook_get": "/waba_webhook"}
each_unset = pytest.mark.parametrize(("function", "path"), PATHS.items(), ids=PATHS)
each_write = pytest.mark.parametrize("write", WRITES, ids=str)

# 404 for a webhook that is not set


@each_unset
def test_404_is_an_empty_object_if_the_same_key_can_read_another_setting(function: str, path: str) -> None:
    with between(READING) as (peer, client):
        peer.script.when(lambda request: request.target == path, NOT_SET)
        result = client.call(function)
        succeeded(result)
        assert result.text == "{}"
        assert len(peer.record) == 2


@each_unset
def test_404_is_an_empty_object_though_the_first_other_reading_fails_for_a_while(function: str, path: str) -> None:
    with between(READING) as (peer, client):
        peer.script.when(lambda request: request.target == path, NOT_SET)
        others = {"count": 0}

        def first(request: object) -> bool:
            others["count"] += request.target != path
            return request.target != path and others["count"] <= 2

        peer.script.when(first, faults.error(503))
        assert client.call(function).text == "{}"


@each_unset
def test_404_to_all_three_readings_means_that_the_base_url_is_wrong(function: str, path: str) -> None:
    with between(READING) as (peer, client):
        peer.script.when(lambda request: True, NOT_SET)
        error = failed(client.call(function), "D360_PROTOCOL_ERROR", retryable=False)
        assert "base URL" in error["message"]
        assert error["service_message"] == "Webhook not found"
        assert error["attempts"] == 1


@each_unset
def test_404_with_a_page_is_not_the_services(function: str, path: str) -> None:
    with between(READING) as (peer, client):
        peer.script.when(lambda request: request.target == path, faults.html(code=404))
        failed(client.call(function), "D360_PROTOCOL_ERROR", retryable=False)
        assert len(peer.record) == 1


def test_a_lost_write_is_settled_though_a_webhook_that_is_not_set_is_404() -> None:
    with between(WABA) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=False)).readings(NOT_SET)
        succeeded(client.run(WABA))
        assert is_done(peer, WABA)
        assert len(peer.record.writes) == 2


# Pages

PAGE = b"\n<!doctype html><html><head><TITLE>Attention\n Required!</TITLE></head><body><p>secret <b>markup</b></p></body></html>"


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 451])
@pytest.mark.parametrize("content_type", ["text/html; charset=UTF-8", "application/json"])
@pytest.mark.parametrize("operation", [READING, *WRITES], ids=str)
def test_a_page_is_of_a_proxy_or_a_firewall_and_only_its_title_is_repeated(
    operation: Operation, content_type: str, code: int
) -> None:
    with between(operation) as (peer, client):
        peer.script.when(lambda request: True, faults.status(code, PAGE, [("Content-Type", content_type)]))
        error = failed(client.run(operation), "D360_PROTOCOL_ERROR", "not_applied", retryable=False)
        assert "an HTML page" in error["message"]
        assert error["service_message"] == "Attention Required!"
        assert "markup" not in json.dumps(error)
        assert len(peer.record) == 1


# Success with another code


def _done(code: int, body: bytes = b"") -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.take()
        exchange.answer(Answer(code, body, [("Content-Length", "0")] if not body else list(faults.JSON)))

    return fault


@each_write
@pytest.mark.parametrize("code", [201, 202, 203])
def test_another_2xx_to_a_write_is_done_once_it_is_read_back(write: Operation, code: int) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(_done(code))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 1


def test_the_documented_body_of_another_2xx_is_the_answer() -> None:
    with between(APPEND) as (peer, client):
        peer.script.every_write(_done(201, b'{"message": "created"}'))
        assert client.run(APPEND).text == '{"message": "created"}'


@pytest.mark.parametrize("write", VISIBLE, ids=str)
def test_another_2xx_that_no_reading_confirms_is_a_protocol_error(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.status(202, b"{}"))
        failed(client.run(write), "D360_PROTOCOL_ERROR", "unknown", retryable=False)
        assert len(peer.record.writes) == 1


# A content delivery network's codes


@pytest.mark.parametrize("write", VISIBLE, ids=str)
@pytest.mark.parametrize("code", [520, 524, 530])
def test_a_cdns_failure_leaves_open_whether_the_write_was_applied(write: Operation, code: int) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.error(code))
        error = failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)
        assert error["attempts"] == len(peer.record.writes) == ATTEMPTS


# Readings that do not show all


def _without_headers(body: bytes) -> bytes:
    shown = json.loads(body)
    shown.pop("headers", None)
    for destination in shown.get("destinations", []):
        destination.pop("headers", None)
    return json.dumps(shown).encode()


@pytest.mark.parametrize("write", [WABA, APPEND], ids=str)
def test_a_reading_without_headers_settles_nothing(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=True)).every_reading(faults.changed(_without_headers))
        result = client.run(write)
        assert len(peer.record.writes) >= 2
        assert result.status == ("D360_OK" if write is WABA else "D360_OUTCOME_UNKNOWN"), result.text


def test_a_customer_webhook_is_settled_where_the_reading_shows_headers() -> None:
    shown = json.dumps({"url": MAIN, "headers": TEAM}).encode()
    with between(CUSTOMER) as (peer, client):
        peer.script.every_write(faults.cut_before_status(taken=True)).every_reading(faults.body(shown))
        assert succeeded(client.run(CUSTOMER)) == {"url": MAIN}
        assert len(peer.record.writes) == 1


def test_a_url_that_the_service_normalises_is_the_same() -> None:
    with between(WABA) as (peer, client):
        shown = json.dumps({"url": "https://hooks.example.com/", "headers": {}}).encode()
        peer.script.every_write(faults.cut_before_status(taken=True)).every_reading(faults.body(shown))
        succeeded(client.call("waba_webhook_set", {"url": "https://HOOKS.example.com"}))
        assert len(peer.record.writes) == 1


def test_members_that_we_do_not_know_are_never_proven() -> None:
    with between(APPEND) as (peer, client):
        peer.script.every_write(faults.cut_before_status(taken=True))
        result = client.call("multi_webhook_append", {"destinations": [{**CRM, "priority": 1}]})
        failed(result, "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


def test_a_repeated_delete_with_404_is_done_if_readings_show_no_destinations() -> None:
    with between(DELETE) as (peer, client):
        peer.script.writes(faults.cut_before_status(taken=True)).every_reading(faults.body(b'{"enabled":true}'))
        succeeded(client.run(DELETE))
        assert len(peer.record.writes) == 2


def test_a_refused_repetition_is_followed_by_one_reading() -> None:
    with between(APPEND) as (peer, client):
        do(peer, "PUT", "/multi_webhook", {"destinations": [{**CRM, "name": "other"}]})
        peer.script.writes(faults.cut_before_status(taken=False), faults.error(409), faults.error(409))
        client.run(APPEND)
        kinds = ["R" if request.is_reading else "W" for request in peer.record]
        assert "".join(kinds[:6]) == "WRWRWR"
