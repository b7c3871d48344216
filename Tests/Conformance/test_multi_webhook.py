"""Additional destinations of one phone number: what a sequence of calls leaves behind. Single rules are in rules/."""

from collections.abc import Callable
from typing import Any

import pytest

from .channel import DELETED, OTHER_URL, STARTED, URL, Channel, destinations, url_of


def test_a_new_number_has_multi_webhook_off_and_no_destinations(channel: Channel) -> None:
    channel.must_show(enabled=False)


def test_enabling_with_destinations_shows_them_in_the_order_given(channel: Channel) -> None:
    channel.enable("zeta", "alpha", "mid")
    channel.must_show("zeta", "alpha", "mid")


def test_appended_destinations_come_last_in_the_order_given(channel: Channel) -> None:
    channel.enable("zeta")
    channel.append("mid", "alpha").must_be(STARTED)
    channel.must_show("zeta", "mid", "alpha")


def test_headers_are_shown_as_given_in_their_order(channel: Channel) -> None:
    headers = {"X-Zeta": "1", "Authorization": "Bearer abc", "x-alpha": ""}
    destination = {"name": "crm", "url": URL, "headers": headers}
    channel("multi_webhook_set", {"enabled": True, "destinations": [destination]}).must_be(STARTED)
    channel("multi_webhook_get").must_be({"enabled": True, "destinations": [destination]})


def test_values_that_look_like_json_are_values(channel: Channel) -> None:
    value = '"},{"name":"x","url":"https://a.example/","headers":{}}]}'
    given = [{"name": name, "url": f"{URL}?q={name}{{}},[]", "headers": {"X-A": value, "X-B": "\\"}} for name in ("a", "b", "c")]
    channel("multi_webhook_set", {"enabled": True, "destinations": given}).must_be(STARTED)
    channel("multi_webhook_get").must_be({"enabled": True, "destinations": given})
    channel("multi_webhook_update", {"name": "b", "headers": {"X-C": value}}).must_be(STARTED)
    channel("multi_webhook_delete", "a").must_be(DELETED)
    given[1]["headers"] = {"X-C": value}
    channel("multi_webhook_get").must_be({"enabled": True, "destinations": given[1:]})


def test_members_of_a_destination_are_shown_in_one_order_whatever_the_order_given(channel: Channel) -> None:
    channel.enable()
    channel("multi_webhook_append", {"destinations": [{"headers": {}, "url": URL, "name": "crm"}]}).must_be(STARTED)
    channel("multi_webhook_get").must_be({"enabled": True, "destinations": [{"name": "crm", "url": URL, "headers": {}}]})


@pytest.fixture
def with_headers(channel: Channel) -> Channel:
    headers = {"X-A": "1", "X-B": "2"}
    given = [{"name": "first", "url": URL}, {"name": "crm", "url": URL, "headers": headers}, {"name": "last", "url": URL}]
    channel("multi_webhook_set", {"enabled": True, "destinations": given}).must_be(STARTED)
    return channel


@pytest.mark.parametrize(
    ("change", "url", "headers"),
    [
        ({"url": OTHER_URL}, OTHER_URL, {"X-A": "1", "X-B": "2"}),
        ({"headers": {"X-C": "3"}}, URL, {"X-C": "3"}),
        ({"headers": {}}, URL, {}),
        ({"url": OTHER_URL, "headers": {"x-a": "4"}}, OTHER_URL, {"x-a": "4"}),
        ({"url": URL}, URL, {"X-A": "1", "X-B": "2"}),
    ],
    ids=["url", "headers", "no headers", "both", "nothing new"],
)
def test_an_update_changes_what_it_gives_and_nothing_else(
    with_headers: Channel, change: dict[str, Any], url: str, headers: dict[str, str]
) -> None:
    with_headers("multi_webhook_update", {"name": "crm", **change}).must_be(STARTED)
    shown = with_headers("multi_webhook_get").must_succeed().json["destinations"]
    assert shown == [
        {"name": "first", "url": URL, "headers": {}},
        {"name": "crm", "url": url, "headers": headers},
        {"name": "last", "url": URL, "headers": {}},
    ]


def test_a_deleted_destination_is_gone_and_the_rest_stays_in_order(channel: Channel) -> None:
    channel.enable("a", "b", "c")
    channel("multi_webhook_delete", "b").must_be(DELETED)
    channel.must_show("a", "c")
    channel("multi_webhook_delete", "b").must_fail("D360_NOT_FOUND", None, "no destination is named 'b'")


def test_a_deleted_name_is_free_again_and_comes_last(channel: Channel) -> None:
    channel.enable("a", "b", "c")
    channel("multi_webhook_delete", "a").must_be(DELETED)
    channel.append("a").must_be(STARTED)
    channel.must_show("b", "c", "a")


def test_deleting_makes_room_under_the_maximum(channel: Channel) -> None:
    channel.enable("a", "b", "c")
    channel.append("d").must_fail("D360_LIMIT_EXCEEDED", "/destinations", "at most 3 destinations per phone number; it has 3")
    channel("multi_webhook_delete", "c").must_be(DELETED)
    channel.append("d").must_be(STARTED)
    channel.must_show("a", "b", "d")


def test_the_last_destination_may_be_deleted(channel: Channel) -> None:
    channel.enable("a")
    channel("multi_webhook_delete", "a").must_be(DELETED)
    channel.must_show()


NAMES = [
    *(
        "a/b",
        "..",
        ".",
        "/",
        "ü",
        "e\u0301",
        " ",
        " a ",
        "%2F",
        "%",
        "a?b#c",
        "a+b&c=d;e",
        "👍" * 128,
        '"\\',
        "a'b",
        "~",
        "0",
        ",",
        "{",
        "]",
    ),
    *('"},{"name":"x","url":"https://a.example/', "}]}", '\\"},{', "\u2028", "\ufeff", "\u00a0", "\U0010ffff"),
]


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
def test_any_name_is_appended_updated_and_deleted_as_the_name_it_is(channel: Channel, name: str) -> None:
    channel.enable("other", name)
    channel("multi_webhook_update", {"name": name, "url": OTHER_URL}).must_be(STARTED)
    shown = channel("multi_webhook_get").must_succeed().json["destinations"]
    assert [(one["name"], one["url"]) for one in shown] == [("other", url_of("other")), (name, OTHER_URL)]
    channel("multi_webhook_delete", name).must_be(DELETED)
    channel.must_show("other")


def test_of_two_names_that_differ_by_normalisation_each_is_its_own(channel: Channel) -> None:
    channel.enable("caf\u00e9", "cafe\u0301")
    channel("multi_webhook_update", {"name": "cafe\u0301", "url": OTHER_URL}).must_be(STARTED)
    channel("multi_webhook_delete", "caf\u00e9").must_be(DELETED)
    shown = channel("multi_webhook_get").must_succeed().json["destinations"]
    assert shown == [{"name": "cafe\u0301", "url": OTHER_URL, "headers": {}}]


def test_dormant_destinations_come_back_before_those_that_enabling_adds(channel: Channel) -> None:
    channel.enable("a", "b")
    channel.disable()
    channel.must_show("a", "b", enabled=False)
    channel.enable("c")
    channel.must_show("a", "b", "c")


def test_disabling_twice_loses_nothing(channel: Channel) -> None:
    channel.enable("a")
    channel.disable()
    channel.disable()
    channel.enable()
    channel.must_show("a")


def test_destinations_belong_to_a_number_not_to_its_waba(channels: Callable[..., Channel]) -> None:
    one = channels()
    other = channels(waba_of=one)
    one.enable("a")
    other.must_show(enabled=False)
    other.enable("a", "b")
    one.must_show("a")


@pytest.mark.parametrize("maximum", [1, 5])
def test_the_maximum_is_the_services_configuration(channels: Callable[..., Channel], maximum: int) -> None:
    channel = channels(options={"max_destinations": maximum})
    names = [f"n{index}" for index in range(maximum)]
    channel.enable(*names)
    channel.append("more").must_fail(
        "D360_LIMIT_EXCEEDED", "/destinations", f"at most {maximum} destinations per phone number; it has {maximum}"
    )
    channel.must_show(*names)


def test_an_append_of_several_is_taken_as_a_whole_or_not_at_all(channel: Channel) -> None:
    channel.enable("taken")
    channel.append("a", "taken").must_fail("D360_CONFLICT", "/destinations/1/name", "destination name 'taken' is taken")
    channel.must_show("taken")
    channel.append("a", "b").must_be(STARTED)
    channel.must_show("taken", "a", "b")


def test_a_name_that_is_taken_is_told_before_the_maximum(channel: Channel) -> None:
    channel.enable("a", "b")
    channel.append("c", "d", "b").must_fail("D360_CONFLICT", "/destinations/2/name", "destination name 'b' is taken")


def test_multi_webhook_that_is_off_is_told_before_an_unknown_name(channel: Channel) -> None:
    message = "multi-webhook is not enabled"
    channel("multi_webhook_delete", "unknown").must_fail("D360_NOT_ENABLED", None, message)
    channel("multi_webhook_update", {"name": "unknown", "url": URL}).must_fail("D360_NOT_ENABLED", None, message)


def test_the_customer_webhook_is_no_destination(channel: Channel) -> None:
    channel("customer_webhook_set", {"url": URL}).must_succeed()
    channel.enable("a", "b", "c")
    channel.must_show("a", "b", "c")
    channel("customer_webhook_get").must_be({"url": URL})


def test_several_calls_of_one_request_see_each_other(channel: Channel) -> None:
    channel.enable()
    for name in ("a", "b", "c"):
        channel("multi_webhook_append", {"destinations": destinations(name)}).must_be(STARTED)
        assert channel.names()[-1] == name
