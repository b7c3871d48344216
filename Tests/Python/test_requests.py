# SPDX-License-Identifier: Apache-2.0
"""What the methods send, and what they give back."""

from collections import deque
from collections.abc import Callable
from types import MappingProxyType

import pytest

from d360webhook import Channel, Client
from Python.loopback import Answer, Peer

URL = "https://hooks.example.com/crm"
Call = Callable[[Channel], object]


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda c: c.multi_webhook_get(), "GET", "/multi_webhook", None),
        (lambda c: c.multi_webhook_set(True), "POST", "/multi_webhook", {"enabled": True}),
        (
            lambda c: c.multi_webhook_set(True, [{"name": "crm", "url": URL}]),
            "POST",
            "/multi_webhook",
            {"enabled": True, "destinations": [{"name": "crm", "url": URL}]},
        ),
        (
            lambda c: c.multi_webhook_append([{"name": "crm", "url": URL, "headers": {"A": "b"}}]),
            "PUT",
            "/multi_webhook",
            {"destinations": [{"name": "crm", "url": URL, "headers": {"A": "b"}}]},
        ),
        (lambda c: c.multi_webhook_update("crm", url=URL), "PATCH", "/multi_webhook", {"name": "crm", "url": URL}),
        (lambda c: c.multi_webhook_update("crm", headers={}), "PATCH", "/multi_webhook", {"name": "crm", "headers": {}}),
        (lambda c: c.multi_webhook_delete("a/b ü"), "DELETE", "/multi_webhook/a%2Fb%20%C3%BC", None),
        (lambda c: c.customer_webhook_set(URL), "POST", "/v1/configs/webhook", {"url": URL}),
        (lambda c: c.waba_webhook_set(URL), "POST", "/waba_webhook", {"url": URL, "override_all": False}),
        (
            lambda c: c.waba_webhook_set(URL, {"A": "ü"}, override_all=True),
            "POST",
            "/waba_webhook",
            {"url": URL, "headers": {"A": "ü"}, "override_all": True},
        ),
    ],
)
def test_a_call_sends_its_arguments_and_leaves_out_what_is_none(
    peer: Peer, call: Call, method: str, path: str, body: object
) -> None:
    with Client(peer.url, timeout_ms=5_000) as client:
        call(client.channel("key"))
    (request,) = peer.requests
    assert (request.method, request.path, request.key, request.body) == (method, path, "key", body)


def test_a_client_takes_the_key_first_and_a_channel_has_it_bound(client: Client) -> None:
    client.channel_register("106540352242923", waba_id=123065260884961, api_key="key-of-hamburg")
    client.customer_webhook_set("key-of-hamburg", "https://hooks.example.com/hamburg")
    client.channel("key-of-berlin").customer_webhook_set("https://hooks.example.com/berlin")
    assert client.customer_webhook_get("key-of-berlin") == {"url": "https://hooks.example.com/berlin"}
    assert client.channel("key-of-hamburg").customer_webhook_get() == {"url": "https://hooks.example.com/hamburg"}


def test_a_channel_shows_no_key_and_leads_back_to_its_client(client: Client) -> None:
    channel = client.channel("key-of-berlin")
    assert "key-of-berlin" not in repr(channel)
    assert channel.client is client


def test_answers_come_whole_with_members_unknown_and_integers_exact(peer: Peer) -> None:
    answer = {"waba_id": 9007199254740993, "new": {"deep": [1, None, True, "ü"]}, "numbers_on_this_waba": []}
    peer.answers = [Answer(200, answer)]
    with Client(peer.url) as client:
        assert client.waba_webhook_get("key") == answer


def test_the_operations_of_an_embedded_service_work_on_plain_values(client: Client, berlin: Channel) -> None:
    headers = MappingProxyType({"Authorization": "Bearer 1"})
    berlin.multi_webhook_set(True, deque([{"name": "crm", "url": URL, "headers": headers}]))
    berlin.multi_webhook_append(({"name": "audit", "url": URL},))
    berlin.multi_webhook_update("audit", url=URL + "/audit")
    berlin.multi_webhook_delete("crm")
    assert berlin.multi_webhook_get() == {
        "enabled": True,
        "destinations": [{"name": "audit", "url": URL + "/audit", "headers": {}}],
    }
    berlin.waba_webhook_set(URL, headers)
    assert berlin.waba_webhook_wait(URL, headers, timeout_ms=0) == {
        "url": URL,
        "headers": dict(headers),
        "waba_id": 123065260884961,
        "numbers_on_this_waba": ["+4930901820"],
    }


def test_channels_are_registered_listed_and_removed(client: Client) -> None:
    client.channel_register("106540352242923", waba_id=2**63 - 1, api_key="other")
    client.channel_register("106540352242923", phone_number="+49401")
    assert client.channel_list() == {
        "channels": [
            {"phone_number_id": "106540352242922", "phone_number": "+4930901820", "waba_id": 123065260884961},
            {"phone_number_id": "106540352242923", "phone_number": "+49401", "waba_id": 2**63 - 1},
        ]
    }
    client.channel_remove("106540352242922")
    assert [c["phone_number_id"] for c in client.channel_list()["channels"]] == ["106540352242923"]


def test_a_derived_client_has_its_own_limits_on_the_same_service(client: Client) -> None:
    with client.derive(url_policy="local", timeout_ms=None) as derived:
        derived.customer_webhook_set("key-of-berlin", "http://127.0.0.1:8080/")
    assert client.customer_webhook_get("key-of-berlin") == {"url": "http://127.0.0.1:8080/"}
