"""What is judged first: NULL arguments, text that is not UTF-8, the request, the key, the state of the service."""

from collections.abc import Callable
from typing import Any

import pytest
from support import raw

from .answers import Answer
from .channel import URL, Channel
from .services import Service

DESTINATION = {"name": "crm", "url": URL}
#: Each operation with an argument that is fine; None where it takes none.
OPERATIONS: dict[str, Any] = {
    "multi_webhook_get": None,
    "multi_webhook_set": {"enabled": True},
    "multi_webhook_append": {"destinations": [DESTINATION]},
    "multi_webhook_update": {"name": "crm", "url": URL},
    "multi_webhook_delete": "crm",
    "customer_webhook_get": None,
    "customer_webhook_set": {"url": URL},
    "waba_webhook_get": None,
    "waba_webhook_set": {"url": URL},
}
WITH_JSON = [name for name, argument in OPERATIONS.items() if isinstance(argument, dict)]
BAD_REQUEST = "[]"
WRONG = "the API key is missing or wrong"


def arguments(operation: str) -> list[Any]:
    return [] if OPERATIONS[operation] is None else [OPERATIONS[operation]]


def perform(service: Service, operation: str, key: Any, *rest: Any) -> Answer:
    return Answer(service, *service.call(f"d360_{operation}", key, *rest))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_key_is_unauthorized(channel: Channel, operation: str) -> None:
    before = channel.readings()
    answer = channel(operation, *arguments(operation), key="key-of-nobody").must_fail("D360_UNAUTHORIZED", None, WRONG)
    assert answer.error["attempts"] == 1
    assert channel.readings() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_is_case_sensitive(channel: Channel, operation: str) -> None:
    channel(operation, *arguments(operation), key=channel.key.upper()).must_fail("D360_UNAUTHORIZED", None, WRONG)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_empty_key_is_unauthorized_without_asking(service: Service, operation: str) -> None:
    answer = perform(service, operation, "", *arguments(operation)).must_fail("D360_UNAUTHORIZED", None, WRONG)
    assert answer.was_refused_here


@pytest.mark.parametrize(
    "key", [b"key with space", b"key\ttab", b"key\n", b"\x7f", b"\x01", "schlüssel".encode(), b"key\r\nX-A: 1"]
)
@pytest.mark.parametrize("operation", ["multi_webhook_get", "multi_webhook_append", "multi_webhook_delete"])
def test_a_key_that_no_header_may_carry_is_an_invalid_argument(service: Service, operation: str, key: bytes) -> None:
    answer = perform(service, operation, key, *arguments(operation)).must_fail(
        "D360_INVALID_ARGUMENT", None, "api_key must only contain bytes from 0x21 to 0x7E"
    )
    assert answer.was_refused_here


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_key_is_an_invalid_argument(service: Service, operation: str) -> None:
    answer = perform(service, operation, None, *arguments(operation)).must_fail("D360_INVALID_ARGUMENT", None)
    assert "api_key" in answer.message and answer.was_refused_here


@pytest.mark.parametrize("operation", [name for name, argument in OPERATIONS.items() if argument is not None])
def test_a_missing_argument_is_an_invalid_argument_before_the_key_is_looked_at(service: Service, operation: str) -> None:
    answer = perform(service, operation, b"\xff", None).must_fail("D360_INVALID_ARGUMENT", None)
    assert ("dest_name" if operation == "multi_webhook_delete" else "request_json") in answer.message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_client_is_an_invalid_argument(service: Service, operation: str) -> None:
    status, text = raw.call(f"d360_{operation}", None, "key", *arguments(operation))
    answer = Answer(service, status, text).must_fail("D360_INVALID_ARGUMENT", None)
    assert "client" in answer.message and answer.was_refused_here


@pytest.mark.parametrize("operation", WITH_JSON)
def test_a_missing_key_is_told_before_a_request_that_is_not_utf8(service: Service, operation: str) -> None:
    answer = perform(service, operation, None, b'{"\xff": 1}').must_fail("D360_INVALID_ARGUMENT", None)
    assert "api_key" in answer.message


@pytest.mark.parametrize("operation", WITH_JSON)
def test_a_key_that_is_not_utf8_is_told_before_a_bad_request(service: Service, operation: str) -> None:
    answer = perform(service, operation, b"\xff", BAD_REQUEST).must_fail("D360_INVALID_ARGUMENT", None)
    assert "api_key" in answer.message


@pytest.mark.parametrize("operation", WITH_JSON)
def test_a_request_that_is_not_utf8_is_malformed_json(service: Service, operation: str) -> None:
    assert perform(service, operation, "", b'{"\xff": 1}').must_fail("D360_MALFORMED_JSON", None).was_refused_here


@pytest.mark.parametrize("name", [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_a_name_that_is_not_utf8_is_an_invalid_argument(channel: Channel, name: bytes) -> None:
    channel.enable("crm")
    answer = channel("multi_webhook_delete", name).must_fail("D360_INVALID_ARGUMENT", None)
    assert "dest_name" in answer.message and answer.was_refused_here


@pytest.mark.parametrize("key", ["", "key with space", "key-of-nobody"])
@pytest.mark.parametrize("operation", WITH_JSON)
def test_a_bad_request_is_told_before_any_flaw_of_the_key(service: Service, operation: str, key: str) -> None:
    answer = perform(service, operation, key, BAD_REQUEST)
    assert answer.must_fail("D360_INVALID_REQUEST", "", "the request must be an object").was_refused_here
    assert perform(service, operation, key, "{").must_fail("D360_MALFORMED_JSON", None).was_refused_here


def test_a_name_twice_is_told_before_any_flaw_of_the_key(service: Service) -> None:
    request = {"destinations": [DESTINATION, DESTINATION]}
    answer = perform(service, "multi_webhook_append", "key-of-nobody", request)
    assert answer.must_fail("D360_CONFLICT", "/destinations/1/name").was_refused_here


def test_the_key_is_told_before_the_state(channel: Channel) -> None:
    channel("multi_webhook_append", OPERATIONS["multi_webhook_append"], key="key-of-nobody").must_fail("D360_UNAUTHORIZED")
    channel("multi_webhook_delete", "unknown", key="key-of-nobody").must_fail("D360_UNAUTHORIZED")


@pytest.mark.parametrize("key", ["key-of-nobody", ""])
def test_an_empty_name_is_not_found_without_asking(channel: Channel, key: str) -> None:
    """The request is judged before the key."""
    answer = Answer(channel.service, *channel.service.call("d360_multi_webhook_delete", key, ""))
    assert answer.must_fail("D360_NOT_FOUND", None, "no destination is named ''").was_refused_here


FLAWS = {"url": "http://hooks.example.com/", "headers": {"X A": "1"}}


@pytest.mark.parametrize("first", ["url", "headers"])
def test_of_two_flaws_the_first_in_the_document_is_told(channel: Channel, first: str) -> None:
    second = "headers" if first == "url" else "url"
    path = {"url": "/url", "headers": "/headers/X A"}[first]
    channel("customer_webhook_set", {first: FLAWS[first], second: FLAWS[second]}).must_fail("D360_INVALID_REQUEST", path)


def test_a_flaw_of_a_member_is_told_before_a_missing_one(channel: Channel) -> None:
    flaw = {"destinations": [{"url": "http://hooks.example.com/"}]}
    channel("multi_webhook_append", flaw).must_fail("D360_INVALID_REQUEST", "/destinations/0/url")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_response_may_be_null(channels: Callable[..., Channel], operation: str) -> None:
    channel = channels()
    channel.enable()
    converted = [raw.ctypes.c_char_p(raw._bytes(argument)) for argument in [channel.key, *arguments(operation)]]
    status = getattr(raw.library, f"d360_{operation}")(raw.ctypes.c_void_p(channel.service.client), *converted, None)
    expected = "D360_NOT_FOUND" if operation in ("multi_webhook_update", "multi_webhook_delete") else "D360_OK"
    assert raw.status_name(status) == expected
