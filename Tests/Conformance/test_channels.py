"""Channels of an embedded service: registering, listing, moving and removing them."""

import json
from typing import Any

import pytest
from support import raw

from .answers import Answer
from .channel import OTHER_URL, URL
from .services import KINDS, Embedded, Service

FIRST = {"phone_number_id": "101", "phone_number": "+49301", "waba_id": 123065260884961, "api_key": "key-1"}
SECOND = {"phone_number_id": "102", "waba_id": 123065260884961, "api_key": "key-2"}
OTHER_WABA = 9007199254740993


def call(service: Service, function: str, *arguments: Any) -> Answer:
    return Answer(service, *service.call(f"d360_{function}", *arguments))


def listed(service: Service) -> list[dict[str, Any]]:
    return call(service, "channel_list").must_succeed().json["channels"]


def without_key(channel: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in channel.items() if name != "api_key"}


def message(answer: Answer) -> str:
    assert list(answer.must_succeed().json) == ["message"]
    return answer.json["message"]


def test_a_new_service_has_no_channels(embedded: Embedded) -> None:
    call(embedded, "channel_list").must_be({"channels": []})


def test_channels_are_listed_as_registered_and_without_keys(embedded: Embedded) -> None:
    assert message(call(embedded, "channel_register", SECOND))
    assert message(call(embedded, "channel_register", dict(reversed(FIRST.items()))))
    call(embedded, "channel_list").must_be({"channels": [without_key(SECOND), without_key(FIRST)]})


def test_registering_again_replaces_what_is_given_and_keeps_the_rest(embedded: Embedded) -> None:
    embedded.register(FIRST)
    call(embedded, "customer_webhook_set", "key-1", {"url": URL}).must_succeed()
    embedded.register({"phone_number_id": "101", "api_key": "key-rotated"})
    assert listed(embedded) == [without_key(FIRST)]
    call(embedded, "customer_webhook_get", "key-1").must_fail("D360_UNAUTHORIZED")
    call(embedded, "customer_webhook_get", "key-rotated").must_be({"url": URL})
    embedded.register({"phone_number_id": "101", "phone_number": "+49309"})
    assert listed(embedded) == [without_key({**FIRST, "phone_number": "+49309"})]
    call(embedded, "customer_webhook_get", "key-rotated").must_be({"url": URL})


def test_registering_again_without_anything_new_changes_nothing(embedded: Embedded) -> None:
    embedded.register(FIRST)
    embedded.register(SECOND)
    embedded.register({"phone_number_id": "101"})
    embedded.register(FIRST)
    assert listed(embedded) == [without_key(FIRST), without_key(SECOND)]


def test_a_key_that_belongs_to_another_number_is_a_conflict(embedded: Embedded) -> None:
    embedded.register(FIRST)
    answer = call(embedded, "channel_register", {**SECOND, "api_key": "key-1"})
    answer.must_fail("D360_CONFLICT", "/api_key", "api_key belongs to another phone number")
    assert listed(embedded) == [without_key(FIRST)]
    embedded.register(SECOND)
    call(embedded, "channel_register", {"phone_number_id": "102", "api_key": "key-1"}).must_fail("D360_CONFLICT", "/api_key")
    call(embedded, "customer_webhook_get", "key-2").must_be({})


def test_identifiers_that_differ_by_normalisation_are_two(embedded: Embedded) -> None:
    embedded.register({**FIRST, "phone_number_id": "caf\u00e9"})
    answer = call(embedded, "channel_register", {**FIRST, "phone_number_id": "cafe\u0301"})
    answer.must_fail("D360_CONFLICT", "/api_key")


def test_a_key_given_up_may_go_to_another_number(embedded: Embedded) -> None:
    embedded.register(FIRST)
    embedded.register({"phone_number_id": "101", "api_key": "key-rotated"})
    embedded.register({**SECOND, "api_key": "key-1"})
    call(embedded, "waba_webhook_get", "key-1").must_be({"waba_id": FIRST["waba_id"], "numbers_on_this_waba": ["+49301", "102"]})


@pytest.mark.parametrize(
    ("channel", "path", "said"),
    [
        ({}, "", "phone_number_id is missing"),
        ({"phone_number_id": "101", "api_key": "key"}, "", "waba_id is missing"),
        ({"phone_number_id": "101", "waba_id": 1}, "", "api_key is missing"),
        ({**FIRST, "phone_number_id": ""}, "/phone_number_id", None),
        ({**FIRST, "phone_number_id": 101}, "/phone_number_id", None),
        ({**FIRST, "phone_number_id": None}, "/phone_number_id", None),
        ({**FIRST, "phone_number_id": "1\n"}, "/phone_number_id", None),
        ({**FIRST, "phone_number": None}, "/phone_number", None),
        ({**FIRST, "phone_number": 49301}, "/phone_number", None),
        ({**FIRST, "waba_id": 0}, "/waba_id", "waba_id must be an integer from 1 to 2^63 - 1"),
        ({**FIRST, "waba_id": -1}, "/waba_id", "waba_id must be an integer from 1 to 2^63 - 1"),
        ({**FIRST, "waba_id": "123"}, "/waba_id", "waba_id must be an integer from 1 to 2^63 - 1"),
        ({**FIRST, "waba_id": 1.0}, "/waba_id", "waba_id must be an integer from 1 to 2^63 - 1"),
        ({**FIRST, "waba_id": None}, "/waba_id", "waba_id must be an integer from 1 to 2^63 - 1"),
        ({**FIRST, "waba_id": 2**63}, "", None),
        ({**FIRST, "api_key": ""}, "/api_key", None),
        ({**FIRST, "api_key": None}, "/api_key", None),
        ({**FIRST, "api_key": "key with space"}, "/api_key", None),
        ({**FIRST, "api_key": "schlüssel"}, "/api_key", None),
        ({**FIRST, "more": 1}, "/more", "unknown member 'more'"),
        ([], "", "the request must be an object"),
    ],
    ids=lambda value: json.dumps(value)[-40:] if isinstance(value, (dict, list)) else None,
)
def test_a_channel_that_breaks_a_rule_is_refused(embedded: Embedded, channel: Any, path: str, said: str | None) -> None:
    call(embedded, "channel_register", channel).must_fail("D360_INVALID_REQUEST", path, said)
    assert listed(embedded) == []


@pytest.mark.parametrize("channel", ["{", b'{"phone_number_id": "\xff"}', '{"waba_id": 1, "waba_id": 1}'])
def test_a_channel_that_is_no_json_is_malformed(embedded: Embedded, channel: Any) -> None:
    call(embedded, "channel_register", channel).must_fail("D360_MALFORMED_JSON")


@pytest.mark.parametrize("waba_id", [1, OTHER_WABA, 2**63 - 1])
def test_a_waba_id_is_listed_exactly(embedded: Embedded, waba_id: int) -> None:
    embedded.register({**FIRST, "waba_id": waba_id})
    assert listed(embedded)[0]["waba_id"] == waba_id


def test_a_channel_moved_to_another_waba_keeps_its_own_configuration(embedded: Embedded) -> None:
    embedded.register(FIRST)
    embedded.register(SECOND)
    call(embedded, "customer_webhook_set", "key-1", {"url": URL}).must_succeed()
    call(embedded, "multi_webhook_set", "key-1", {"enabled": True, "destinations": [{"name": "crm", "url": URL}]}).must_succeed()
    call(embedded, "waba_webhook_set", "key-1", {"url": OTHER_URL}).must_succeed()
    embedded.register({"phone_number_id": "101", "waba_id": OTHER_WABA})
    call(embedded, "customer_webhook_get", "key-1").must_be({"url": URL})
    assert call(embedded, "multi_webhook_get", "key-1").json["destinations"][0]["name"] == "crm"
    call(embedded, "waba_webhook_get", "key-1").must_be({"waba_id": OTHER_WABA, "numbers_on_this_waba": ["+49301"]})
    call(embedded, "waba_webhook_get", "key-2").must_be(
        {"url": OTHER_URL, "headers": {}, "waba_id": SECOND["waba_id"], "numbers_on_this_waba": ["102"]}
    )


def test_the_last_channel_that_leaves_a_waba_takes_its_webhook_along(embedded: Embedded) -> None:
    embedded.register(FIRST)
    call(embedded, "waba_webhook_set", "key-1", {"url": URL}).must_succeed()
    embedded.register({"phone_number_id": "101", "waba_id": OTHER_WABA})
    call(embedded, "waba_webhook_get", "key-1").must_be({"waba_id": OTHER_WABA, "numbers_on_this_waba": ["+49301"]})


def test_a_removed_channel_is_gone_with_its_configuration(embedded: Embedded) -> None:
    embedded.register(FIRST)
    embedded.register(SECOND)
    call(embedded, "customer_webhook_set", "key-1", {"url": URL}).must_succeed()
    call(embedded, "multi_webhook_set", "key-1", {"enabled": True, "destinations": [{"name": "crm", "url": URL}]}).must_succeed()
    assert message(call(embedded, "channel_remove", "101"))
    assert listed(embedded) == [without_key(SECOND)]
    call(embedded, "customer_webhook_get", "key-1").must_fail("D360_UNAUTHORIZED")
    embedded.register(FIRST)
    call(embedded, "customer_webhook_get", "key-1").must_be({})
    call(embedded, "multi_webhook_get", "key-1").must_be({"enabled": False, "destinations": []})
    assert listed(embedded) == [without_key(SECOND), without_key(FIRST)]


def test_a_wabas_webhook_stays_while_another_channel_is_on_it(embedded: Embedded) -> None:
    embedded.register(FIRST)
    embedded.register(SECOND)
    call(embedded, "waba_webhook_set", "key-1", {"url": URL}).must_succeed()
    call(embedded, "channel_remove", "101").must_succeed()
    shown = {"url": URL, "headers": {}, "waba_id": SECOND["waba_id"], "numbers_on_this_waba": ["102"]}
    call(embedded, "waba_webhook_get", "key-2").must_be(shown)
    call(embedded, "channel_remove", "102").must_succeed()
    embedded.register(FIRST)
    call(embedded, "waba_webhook_get", "key-1").must_be({"waba_id": FIRST["waba_id"], "numbers_on_this_waba": ["+49301"]})


@pytest.mark.parametrize("identifier", ["999", "", "101 ", "%"])
def test_removing_an_unknown_channel_is_not_found(embedded: Embedded, identifier: str) -> None:
    embedded.register(FIRST)
    call(embedded, "channel_remove", identifier).must_fail("D360_NOT_FOUND", None, "no channel has this phone_number_id")
    assert listed(embedded) == [without_key(FIRST)]


def test_missing_arguments_are_invalid(embedded: Embedded) -> None:
    assert "channel_json" in call(embedded, "channel_register", None).must_fail("D360_INVALID_ARGUMENT").message
    assert "phone_number_id" in call(embedded, "channel_remove", None).must_fail("D360_INVALID_ARGUMENT").message
    call(embedded, "channel_remove", b"\xff").must_fail("D360_INVALID_ARGUMENT")
    for function, arguments in (("channel_register", [FIRST]), ("channel_list", []), ("channel_remove", ["101"])):
        answer = Answer(embedded, *raw.call(f"d360_{function}", None, *arguments))
        assert "client" in answer.must_fail("D360_INVALID_ARGUMENT").message


@pytest.mark.parametrize("kind", [kind for kind, service in KINDS.items() if not service.is_embedded])
def test_a_remote_service_has_no_such_operations(kind: str, tmp_path: Any) -> None:
    service = KINDS[kind]({}, tmp_path)
    try:
        for function, arguments in (("channel_register", [FIRST]), ("channel_list", []), ("channel_remove", ["101"])):
            assert call(service, function, *arguments).must_fail("D360_UNSUPPORTED", None).was_refused_here
        assert "channel_json" in call(service, "channel_register", None).must_fail("D360_INVALID_ARGUMENT").message
    finally:
        service.close()


@pytest.mark.parametrize(
    ("channel", "status", "path"),
    [
        ("{", "D360_MALFORMED_JSON", None),
        (b"\xff", "D360_MALFORMED_JSON", None),
        ('{"waba_id": 1, "waba_id": 1}', "D360_MALFORMED_JSON", None),
        ({**FIRST, "waba_id": 0}, "D360_INVALID_REQUEST", "/waba_id"),
        (FIRST, "D360_UNSUPPORTED", None),
    ],
)
@pytest.mark.parametrize("kind", [kind for kind, service in KINDS.items() if not service.is_embedded])
def test_a_remote_service_judges_a_registration_before_it_refuses_it(
    kind: str, channel: Any, status: str, path: str | None, tmp_path: Any
) -> None:
    service = KINDS[kind]({}, tmp_path)
    try:
        assert call(service, "channel_register", channel).must_fail(status, path).was_refused_here
    finally:
        service.close()
