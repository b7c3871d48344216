"""The webhook of a WhatsApp Business Account, shared by its numbers."""

from collections.abc import Callable

import pytest

from .channel import OTHER_URL, URL, Channel


def will_be_set(channel: Channel) -> dict[str, str]:
    return {"message": f"Webhook will be set for waba_id: {channel.waba_id}"}


def test_a_webhook_never_set_is_an_answer_without_url_and_headers(channel: Channel) -> None:
    channel("waba_webhook_get").must_be(channel.waba_shown())


def test_setting_names_the_waba_and_a_reading_shows_the_webhook(channel: Channel) -> None:
    headers = {"X-B": "2", "X-A": "1"}
    channel("waba_webhook_set", {"url": URL, "headers": headers}).must_be(will_be_set(channel))
    channel("waba_webhook_get").must_be(channel.waba_shown(url=URL, headers=headers))


def test_a_webhook_without_headers_shows_none(channel: Channel) -> None:
    channel("waba_webhook_set", {"url": URL}).must_succeed()
    channel("waba_webhook_get").must_be(channel.waba_shown(url=URL, headers={}))


def test_setting_again_replaces_the_webhook_headers_included(channel: Channel) -> None:
    channel("waba_webhook_set", {"url": URL, "headers": {"X-A": "1"}}).must_succeed()
    channel("waba_webhook_set", {"url": OTHER_URL}).must_succeed()
    channel("waba_webhook_get").must_be(channel.waba_shown(url=OTHER_URL, headers={}))


@pytest.mark.parametrize("waba_id", [1, 9_007_199_254_740_993, 2**63 - 1])
def test_a_waba_id_is_exact_up_to_64_bits(channels: Callable[..., Channel], waba_id: int) -> None:
    channel = channels(waba_id=waba_id)
    channel("waba_webhook_set", {"url": URL}).must_be(will_be_set(channel))
    answer = channel("waba_webhook_get").must_be(channel.waba_shown(url=URL, headers={}))
    assert str(waba_id) in (answer.text or "")


def test_numbers_are_listed_as_registered_by_phone_number_or_else_by_id(channels: Callable[..., Channel]) -> None:
    first = channels(phone_number="+49301")
    second = channels(waba_of=first, phone_number=None)
    third = channels(waba_of=first, phone_number="+49300")
    channels()
    for channel in (first, second, third):
        channel("waba_webhook_get").must_be(first.waba_shown("+49301", second.number, "+49300"))


def test_two_numbers_may_have_one_phone_number(channels: Callable[..., Channel]) -> None:
    one = channels(phone_number="+49305")
    channels(waba_of=one, phone_number="+49305")
    one("waba_webhook_get").must_be(one.waba_shown("+49305", "+49305"))


def test_all_numbers_of_a_waba_see_one_webhook_and_other_wabas_do_not(channels: Callable[..., Channel]) -> None:
    one = channels()
    sibling, stranger = channels(waba_of=one), channels()
    sibling("waba_webhook_set", {"url": URL}).must_succeed()
    numbers = (one.number, sibling.number)
    one("waba_webhook_get").must_be(one.waba_shown(*numbers, url=URL, headers={}))
    stranger("waba_webhook_get").must_be(stranger.waba_shown())


@pytest.mark.parametrize("request_", [{"url": URL}, {"url": URL, "override_all": False}], ids=["left out", "false"])
def test_without_override_all_numbers_keep_their_own_webhook(
    channels: Callable[..., Channel], request_: dict[str, object]
) -> None:
    one = channels()
    sibling = channels(waba_of=one)
    for channel in (one, sibling):
        channel("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    one("waba_webhook_set", request_).must_be(will_be_set(one))
    for channel in (one, sibling):
        channel("customer_webhook_get").must_be({"url": OTHER_URL})


def test_override_all_removes_every_numbers_own_webhook_on_this_waba_alone(channels: Callable[..., Channel]) -> None:
    one = channels()
    sibling, stranger = channels(waba_of=one), channels()
    for channel in (one, sibling, stranger):
        channel("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    one("waba_webhook_set", {"url": URL, "override_all": True}).must_be(will_be_set(one))
    one("customer_webhook_get").must_be({})
    sibling("customer_webhook_get").must_be({})
    stranger("customer_webhook_get").must_be({"url": OTHER_URL})


def test_override_all_leaves_destinations_alone(channel: Channel) -> None:
    channel.enable("crm")
    channel("waba_webhook_set", {"url": URL, "override_all": True}).must_succeed()
    channel.must_show("crm")


def test_a_number_may_get_its_own_webhook_again_after_override_all(channel: Channel) -> None:
    channel("waba_webhook_set", {"url": URL, "override_all": True}).must_succeed()
    channel("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    channel("customer_webhook_get").must_be({"url": OTHER_URL})
