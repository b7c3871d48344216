# SPDX-License-Identifier: Apache-2.0
"""Values that no C string and no JSON can hold are refused by name, and nothing is cut silently."""

import math
from collections.abc import Callable

import pytest

from d360webhook import Client, InvalidArgument, InvalidRequest, MalformedJSON, signature_sign, signature_verify

NUL, SURROGATE = "a\0b", "a\ud800b"
URL = "https://hooks.example.com/crm"
Call = Callable[[Client, str], object]


@pytest.mark.parametrize("text", [NUL, SURROGATE])
@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda c, t: Client(t), "service_url"),
        (lambda c, t: Client("https://waba-v2.360dialog.io", user_agent=t), "user_agent"),
        (lambda c, t: c.multi_webhook_get(t), "api_key"),
        (lambda c, t: c.channel(t).multi_webhook_get(), "api_key"),
        (lambda c, t: c.multi_webhook_delete("key", t), "name"),
        (lambda c, t: c.channel_remove(t), "phone_number_id"),
        (lambda c, t: c.customer_webhook_set("key", t), "url"),
        (lambda c, t: c.customer_webhook_set("key", URL, {"X-A": t}), "headers"),
        (lambda c, t: c.customer_webhook_set("key", URL, {t: "value"}), "headers"),
        (lambda c, t: c.multi_webhook_append("key", [{"name": t, "url": URL}]), "destinations"),
        (lambda c, t: signature_sign(t, b""), "secret"),
        (lambda c, t: signature_verify("secret", b"", t), "signature"),
    ],
)
def test_nul_and_lone_surrogates_are_refused_by_the_arguments_name(client: Client, call: Call, argument: str, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        call(client, text)
    assert caught.value.message.startswith(f"{argument} holds ")
    assert (caught.value.outcome, caught.value.attempts) == ("not_applied", 0)


def test_the_path_leads_to_the_text_that_is_refused(client: Client) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client.multi_webhook_append("key", [{"name": "a", "url": URL}, {"name": "b", "url": URL, "headers": {"A/B~": NUL}}])
    assert caught.value.path == "/destinations/1/headers/A~1B~0"


def test_a_refusal_does_not_repeat_the_text_for_it_may_be_a_key(client: Client) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client.multi_webhook_get("very-secret\0")
    assert "very-secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_backslash_before_u0000_is_no_nul(client: Client) -> None:
    text = r"a\u0000b"
    client.multi_webhook_set("key-of-berlin", True, [{"name": text, "url": URL}])
    assert client.multi_webhook_get("key-of-berlin")["destinations"][0]["name"] == text


def test_none_where_a_value_is_needed_is_an_invalid_argument(client: Client) -> None:
    calls: list[Callable[[], object]] = [
        lambda: client.multi_webhook_get(None),  # type: ignore[arg-type]
        lambda: client.multi_webhook_delete("key", None),  # type: ignore[arg-type]
        lambda: Client(None),  # type: ignore[arg-type]
        lambda: signature_sign(None, b""),  # type: ignore[arg-type]
        lambda: signature_verify("secret", b"", None),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(InvalidArgument):
            call()


def test_values_of_a_wrong_python_type_are_type_errors(client: Client) -> None:
    calls: list[Callable[[], object]] = [
        lambda: client.multi_webhook_get(b"key"),  # type: ignore[arg-type]
        lambda: client.customer_webhook_set("key", object()),  # type: ignore[arg-type]
        lambda: client.customer_webhook_set("key", b"https://hooks.example.com"),  # type: ignore[arg-type]
        lambda: client.waba_webhook_wait("key", URL, timeout_ms=1.5),  # type: ignore[arg-type]
        lambda: client.set_log("no callable"),  # type: ignore[arg-type]
        lambda: signature_sign("secret", "text"),  # type: ignore[arg-type]
        lambda: signature_sign("secret", 5),  # type: ignore[arg-type]
        lambda: client.fleet_plan([]),  # type: ignore[arg-type]
        lambda: client.fleet_apply('{"accounts": []}'),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()


def test_numbers_that_json_does_not_have_are_refused(client: Client) -> None:
    with pytest.raises(InvalidArgument):
        client.channel_register("1", waba_id=math.nan, api_key="k")  # type: ignore[arg-type]


def test_a_list_inside_itself_is_refused(client: Client) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InvalidArgument):
        client.multi_webhook_append("key", endless)  # type: ignore[arg-type]


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 2**64])
def test_a_time_beyond_64_bits_is_refused_and_not_wrapped(client: Client, beyond: int) -> None:
    with pytest.raises(InvalidArgument, match="timeout_ms"):
        client.waba_webhook_wait("key-of-berlin", URL, timeout_ms=beyond)


def test_what_only_the_library_can_judge_is_its_to_judge(client: Client) -> None:
    deep: object = "x"
    for _ in range(70):
        deep = [deep]
    with pytest.raises(MalformedJSON):
        client.customer_webhook_set("key-of-berlin", deep)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest) as caught:
        client.customer_webhook_set("key-of-berlin", "http://hooks.example.com")
    assert caught.value.path == "/url"
    with pytest.raises(InvalidArgument):
        client.waba_webhook_wait("key-of-berlin", URL, timeout_ms=-1)
