"""Limits that a remote service judges for itself come before the key where the service is embedded."""

from .answers import Answer
from .channel import URL
from .services import Embedded


def test_an_unknown_member_is_told_before_the_key(embedded: Embedded) -> None:
    answer = Answer(embedded, *embedded.call("d360_customer_webhook_set", "key-of-nobody", {"url": URL, "more": 1}))
    assert answer.must_fail("D360_INVALID_REQUEST", "/more").was_refused_here


def test_an_empty_append_is_told_before_the_key(embedded: Embedded) -> None:
    answer = Answer(embedded, *embedded.call("d360_multi_webhook_append", "key-of-nobody", {"destinations": []}))
    assert answer.must_fail("D360_INVALID_REQUEST", "/destinations").was_refused_here


def test_a_name_that_is_too_long_is_told_before_that_multi_webhook_is_off(embedded: Embedded) -> None:
    embedded.register({"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
    request = {"destinations": [{"name": "n" * 129, "url": URL}]}
    answer = Answer(embedded, *embedded.call("d360_multi_webhook_append", "key", request))
    assert answer.must_fail("D360_INVALID_REQUEST", "/destinations/0/name").was_refused_here
