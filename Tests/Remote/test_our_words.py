"""Paths and messages of a service that says our status: what is passed on of them, and what where they are missing."""

import json

import pytest
from Peers import faults

from Remote.calling import APPEND, AUDIT, DELETE, READING, VISIBLE, Operation, between, failed

NUMBERED = {"destinations": [{**AUDIT, "name": "crm", "headers": {"X-Number": "0", "0": "name"}}]}


@pytest.mark.parametrize("path", ["", "/destinations", "/destinations/0", "/destinations/0/name", "/destinations/0/headers/0"])
def test_a_path_to_a_member_of_the_request_is_passed_on_though_a_headers_value_is_a_part_of_it(path: str) -> None:
    with between(APPEND) as (peer, client):
        peer.script.every_write(faults.ours(409, "D360_CONFLICT", "taken", path))
        error = failed(client.call("multi_webhook_append", NUMBERED), "D360_CONFLICT")
        assert error["path"] == path


@pytest.mark.parametrize(
    "path", ["/0", "/destinations/1/name/0", "/destinations/0/url/0", "0", "name", "destinations/0/url", "see /destinations"]
)
def test_a_path_that_is_no_pointer_or_may_repeat_a_secret_is_not_passed_on(path: str) -> None:
    with between(APPEND) as (peer, client):
        peer.script.every_write(faults.ours(409, "D360_CONFLICT", "taken", path))
        error = failed(client.call("multi_webhook_append", NUMBERED), "D360_CONFLICT")
        assert "path" not in error


@pytest.mark.parametrize("operation", [*VISIBLE, READING], ids=str)
@pytest.mark.parametrize("words", [{}, {"error": ""}, {"message": ""}, {"error": None, "message": 7}], ids=json.dumps)
def test_our_status_without_words_has_a_message_all_the_same(operation: Operation, words: dict[str, object]) -> None:
    code, status = (401, "D360_UNAUTHORIZED") if operation is READING else (409, "D360_CONFLICT")
    with between(operation) as (peer, client):
        body = json.dumps({"status": status, **words}).encode()
        peer.script.when(lambda request: request.method == operation.method, faults.status(code, body))
        error = failed(client.run(operation), status)
        assert error["message"].strip()
        assert error["service_message"] == ""


def test_a_believed_404_without_words_has_a_message_too() -> None:
    with between(DELETE) as (peer, client):
        peer.script.every_write(faults.status(404, b'{"status": "D360_NOT_FOUND"}'))
        assert failed(client.run(DELETE), "D360_NOT_FOUND")["message"].strip()
