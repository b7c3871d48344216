"""Changes that show only after a while: `apply_delay_ms` for WABA webhooks, `multi_apply_delay_ms` for destinations."""

import time
from collections.abc import Callable

from .channel import DELETED, OTHER_URL, STARTED, URL, Channel

DELAY = 0.3
#: Clocks that count milliseconds may be off by one at either end.
BLUR = 0.01
LATE = 5.0
WABA_OPTIONS = {"apply_delay_ms": 300}
MULTI_OPTIONS = {"multi_apply_delay_ms": 300}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LATE
    while not condition():
        assert time.monotonic() < end, "never shown"
        time.sleep(0.01)


def waba_url(channel: Channel) -> str | None:
    return channel.unrecorded("waba_webhook_get").must_succeed().json.get("url")


def test_a_waba_webhook_shows_once_its_delay_is_over_and_not_before(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    begun = time.monotonic()
    channel("waba_webhook_set", {"url": URL, "headers": {"X-A": "1"}}).must_succeed()
    answered = time.monotonic()
    seen: list[tuple[float, float, bool]] = []
    while not (seen and seen[-1][2]):
        before = time.monotonic()
        shown = waba_url(channel) == URL
        seen.append((before, time.monotonic(), shown))
        assert before < answered + LATE
        time.sleep(0.01)
    for before, after, shown in seen:
        assert not (shown and after < begun + DELAY - BLUR), "shown too early"
        assert not (not shown and before > answered + DELAY + BLUR), "shown too late"
    channel("waba_webhook_get").must_be(channel.waba_shown(url=URL, headers={"X-A": "1"}))


def test_the_webhook_before_stays_until_the_next_is_due(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    channel("waba_webhook_set", {"url": URL}).must_succeed()
    until(lambda: waba_url(channel) == URL)
    begun = time.monotonic()
    channel("waba_webhook_set", {"url": OTHER_URL}).must_succeed()
    shown = waba_url(channel)
    assert shown == URL or time.monotonic() > begun + DELAY - BLUR
    until(lambda: waba_url(channel) == OTHER_URL)


def test_of_several_pending_webhooks_the_latest_wins(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    for url in (URL, "https://second.example.com/", OTHER_URL):
        channel("waba_webhook_set", {"url": url}).must_succeed()
    until(lambda: waba_url(channel) == OTHER_URL)
    time.sleep(DELAY)
    channel("waba_webhook_get").must_be(channel.waba_shown(url=OTHER_URL, headers={}))


def test_override_all_takes_effect_with_its_webhook(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    sibling = channels(waba_of=channel)
    for one in (channel, sibling):
        one("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    begun = time.monotonic()
    channel("waba_webhook_set", {"url": URL, "override_all": True}).must_succeed()
    own = sibling.unrecorded("customer_webhook_get").must_succeed().json
    assert own == {"url": OTHER_URL} or time.monotonic() > begun + DELAY - BLUR
    until(lambda: sibling.unrecorded("customer_webhook_get").must_succeed().json == {})
    channel("waba_webhook_get").must_be(channel.waba_shown(channel.number, sibling.number, url=URL, headers={}))
    channel("customer_webhook_get").must_be({})


def test_a_pending_override_is_applied_by_whatever_call_comes_first(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    channel("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    channel("waba_webhook_set", {"url": URL, "override_all": True}).must_succeed()
    time.sleep(DELAY + BLUR)
    channel("customer_webhook_set", {"url": OTHER_URL}).must_succeed()
    channel("customer_webhook_get").must_be({"url": OTHER_URL})
    channel("waba_webhook_get").must_be(channel.waba_shown(url=URL, headers={}))


def test_the_delay_of_waba_webhooks_is_not_that_of_destinations(channels: Callable[..., Channel]) -> None:
    channel = channels(options=WABA_OPTIONS)
    channel.enable("crm")
    channel.must_show("crm")
    channel("customer_webhook_set", {"url": URL}).must_succeed()
    channel("customer_webhook_get").must_be({"url": URL})


def enabled(channel: Channel, *names: str) -> None:
    channel.enable(*names)
    until(lambda: enabled_now(channel) and channel.names() == list(names))


def test_two_appends_show_one_after_the_other_each_after_its_delay(channels: Callable[..., Channel]) -> None:
    channel = channels(options=MULTI_OPTIONS)
    enabled(channel)
    spans: dict[str, tuple[float, float]] = {}
    for name in ("first", "second"):
        begun = time.monotonic()
        channel.append(name).must_be(STARTED)
        spans[name] = (begun, time.monotonic())
        time.sleep(0.1)
    readings: list[tuple[float, list[str], float]] = []
    while not readings or "second" not in readings[-1][1]:
        before = time.monotonic()
        readings.append((before, channel.names(), time.monotonic()))
        assert before < spans["second"][1] + LATE
        time.sleep(0.005)
    for before, names, after in readings:
        assert names in ([], ["first"], ["first", "second"])
        for name, (begun, answered) in spans.items():
            assert not (name in names and after < begun + DELAY - BLUR), f"{name} shown too early"
            assert not (name not in names and before > answered + DELAY + BLUR), f"{name} shown too late"


def test_writes_are_judged_by_the_newest_state_not_by_what_is_shown(channels: Callable[..., Channel]) -> None:
    channel = channels(options=MULTI_OPTIONS)

    def settle(*names: str) -> None:
        """What a service that does not say our status means by 409 and 404, a client learns from what is shown."""
        if not channel.service.says_our_status:
            until(lambda: channel.names() == list(names))

    channel.enable()
    channel.append("a", "b", "c").must_be(STARTED)
    settle("a", "b", "c")
    channel.append("a").must_fail("D360_CONFLICT", "/destinations/0/name", "destination name 'a' is taken")
    channel.append("d").must_fail("D360_LIMIT_EXCEEDED", "/destinations")
    channel("multi_webhook_update", {"name": "b", "url": OTHER_URL}).must_be(STARTED)
    channel("multi_webhook_delete", "a").must_be(DELETED)
    settle("b", "c")
    channel("multi_webhook_delete", "a").must_fail("D360_NOT_FOUND", None, "no destination is named 'a'")
    channel.disable()
    until(lambda: not enabled_now(channel) or channel.service.says_our_status)
    channel.append("e").must_fail("D360_NOT_ENABLED", None, "multi-webhook is not enabled")
    until(lambda: not enabled_now(channel))
    time.sleep(DELAY)
    assert channel.names() == ["b", "c"] and not enabled_now(channel)


def enabled_now(channel: Channel) -> bool:
    return channel.unrecorded("multi_webhook_get").must_succeed().json["enabled"]


def test_a_reading_shows_the_state_before_a_change_whole(channels: Callable[..., Channel]) -> None:
    channel = channels(options=MULTI_OPTIONS)
    enabled(channel, "a", "b")
    begun = time.monotonic()
    channel("multi_webhook_delete", "a").must_be(DELETED)
    channel("multi_webhook_update", {"name": "b", "url": OTHER_URL}).must_be(STARTED)
    shown = channel.unrecorded("multi_webhook_get").must_succeed().json["destinations"]
    assert [one["name"] for one in shown] == ["a", "b"] or time.monotonic() > begun + DELAY - BLUR
    until(lambda: channel.names() == ["b"])
