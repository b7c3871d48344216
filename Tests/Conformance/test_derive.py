"""d360_derive: another client of the same service with its own settings."""

import ctypes
import json
from collections.abc import Callable
from typing import Any

import pytest
from support import raw

from .answers import Answer, check_document
from .channel import URL, Channel
from .services import KINDS

LOCAL_URL = "http://localhost:3000/hook"


def derived(channel: Channel, options: Any = None) -> int:
    status, client, error = raw.derive(channel.service.client, options)
    assert status == "D360_OK" and error is None and client
    return client


def call(channel: Channel, client: int, operation: str, *arguments: Any) -> Answer:
    return Answer(channel.service, *raw.call(f"d360_{operation}", client, channel.key, *arguments), operation)


def test_a_derived_client_is_of_the_same_service(channel: Channel) -> None:
    client = derived(channel)
    call(channel, client, "customer_webhook_set", {"url": URL}).must_be({"url": URL})
    raw.close(client)
    channel("customer_webhook_get").must_be({"url": URL})


def test_options_left_out_are_those_of_its_parent(channels: Callable[..., Channel]) -> None:
    channel = channels(options={"url_policy": "local"})
    client = derived(channel, {"timeout_ms": 5_000})
    call(channel, client, "customer_webhook_set", {"url": LOCAL_URL}).must_be({"url": LOCAL_URL})
    grandchild = ctypes.c_void_p()
    assert raw.library.d360_derive(ctypes.c_void_p(client), None, ctypes.byref(grandchild), None) == 0
    raw.close(client)
    call(channel, grandchild.value or 0, "customer_webhook_set", {"url": LOCAL_URL}).must_be({"url": LOCAL_URL})
    raw.close(grandchild.value)


def test_a_policy_of_its_own_leaves_the_parents_alone(channels: Callable[..., Channel]) -> None:
    channel = channels(options={"url_policy": "local"})
    client = derived(channel, {"url_policy": "cloud"})
    call(channel, client, "customer_webhook_set", {"url": LOCAL_URL}).must_fail("D360_INVALID_REQUEST", "/url")
    channel("customer_webhook_set", {"url": LOCAL_URL}).must_be({"url": LOCAL_URL})
    raw.close(client)


@pytest.mark.parametrize(
    ("options", "status", "path"),
    [
        ({"timeout_ms": 0}, "D360_INVALID_ARGUMENT", "/timeout_ms"),
        ({"nonsense": 1}, "D360_INVALID_ARGUMENT", "/nonsense"),
        ({"ca_file": "/ca.pem"}, "D360_INVALID_ARGUMENT", "/ca_file"),
        ({"proxy": "http://127.0.0.1:1"}, "D360_INVALID_ARGUMENT", "/proxy"),
        ({"user_agent": "mine/1"}, "D360_INVALID_ARGUMENT", "/user_agent"),
        ({"allow_insecure_http": True}, "D360_INVALID_ARGUMENT", "/allow_insecure_http"),
        ({"max_destinations": 3}, "D360_INVALID_ARGUMENT", "/max_destinations"),
        ({"apply_delay_ms": 0}, "D360_INVALID_ARGUMENT", "/apply_delay_ms"),
        ({"multi_apply_delay_ms": 0}, "D360_INVALID_ARGUMENT", "/multi_apply_delay_ms"),
        ({"answers": "observed"}, "D360_INVALID_ARGUMENT", "/answers"),
        ("[]", "D360_INVALID_ARGUMENT", ""),
        ("{", "D360_MALFORMED_JSON", None),
        (b"\xff", "D360_MALFORMED_JSON", None),
    ],
)
def test_options_that_a_derived_client_cannot_have_are_named(
    channel: Channel, options: Any, status: str, path: str | None
) -> None:
    seen, client, document = raw.derive(channel.service.client, options)
    assert (seen, client) == (status, None)
    error = json.loads(document or "")
    check_document(status, error)
    assert error["error"].get("path") == path


def test_each_setting_may_be_its_own(channel: Channel) -> None:
    options = {"timeout_ms": 20_000, "connect_timeout_ms": 1_000, "max_attempts": 1, "max_response_bytes": 4_096}
    client = derived(channel, options)
    call(channel, client, "customer_webhook_get").must_be({})
    raw.close(client)


def test_cancel_of_one_leaves_the_other_alone(channel: Channel) -> None:
    client = derived(channel)
    raw.library.d360_cancel(client)
    channel("customer_webhook_get").must_be({})
    call(channel, client, "customer_webhook_get").must_be({})
    raw.close(client)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("last", ["parent", "derived"])
def test_clients_are_closed_in_any_order(kind: str, last: str, tmp_path: Any) -> None:
    service = KINDS[kind]({}, tmp_path)
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
    _, client, _ = raw.derive(service.client)
    if last == "parent":
        raw.close(client)
        assert service.call("d360_customer_webhook_set", "key", {"url": URL})[0] == "D360_OK"
        service.close()
    else:
        raw.close(service.client)
        service.client = client
        assert service.call("d360_customer_webhook_set", "key", {"url": URL})[0] == "D360_OK"
        assert json.loads(service.call("d360_customer_webhook_get", "key")[1] or "")["url"] == URL
        service.close()


def test_missing_arguments_are_invalid(channel: Channel) -> None:
    status, client, error = raw.derive(None)  # type: ignore[arg-type]
    assert (status, client) == ("D360_INVALID_ARGUMENT", None) and "client" in (error or "")
    seen = raw.library.d360_derive(ctypes.c_void_p(channel.service.client), None, None, None)
    assert raw.status_name(seen) == "D360_INVALID_ARGUMENT"
