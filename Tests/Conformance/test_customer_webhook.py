"""The number's own webhook."""

import json
from collections.abc import Callable

from .channel import OTHER_URL, URL, Channel


def test_a_webhook_never_set_is_an_answer_without_url(channel: Channel) -> None:
    channel("customer_webhook_get").must_be({})


def test_setting_answers_with_the_url_and_a_reading_shows_it(channel: Channel) -> None:
    channel("customer_webhook_set", {"url": URL}).must_be({"url": URL})
    channel("customer_webhook_get").must_be({"url": URL})


def test_headers_are_shown_by_a_service_that_was_seen_to_do_so_alone(channel: Channel) -> None:
    headers = {"Authorization": "Bearer abc"}
    channel("customer_webhook_set", {"headers": headers, "url": URL}).must_be({"url": URL})
    shown = channel("customer_webhook_get").must_be({"url": URL}).text
    assert json.loads(shown or "") == {"url": URL} | ({"headers": headers} if channel.service.style == "observed" else {})


def test_setting_again_replaces_the_webhook(channel: Channel) -> None:
    channel("customer_webhook_set", {"url": URL, "headers": {"X-A": "1"}}).must_be({"url": URL})
    channel("customer_webhook_set", {"url": OTHER_URL}).must_be({"url": OTHER_URL})
    channel("customer_webhook_get").must_be({"url": OTHER_URL})


def test_each_number_has_its_own(channels: Callable[..., Channel]) -> None:
    one = channels()
    other = channels(waba_of=one)
    one("customer_webhook_set", {"url": URL}).must_succeed()
    other("customer_webhook_get").must_be({})
    other("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    one("customer_webhook_get").must_be({"url": URL})


def test_it_is_not_the_wabas(channel: Channel) -> None:
    channel("customer_webhook_set", {"url": URL}).must_succeed()
    channel("waba_webhook_get").must_be(channel.waba_shown())
