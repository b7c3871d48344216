# SPDX-License-Identifier: Apache-2.0
"""Exceptions: their classes, their fields, and that they can be copied and pickled."""

import copy
import pickle
import re
from pathlib import Path

import pytest

import d360webhook
from d360webhook import (
    Channel,
    Client,
    Conflict,
    D360Error,
    InvalidArgument,
    OutcomeUnknown,
    RateLimited,
    Retryable,
    Timeout,
    Unauthorized,
    UnknownStatus,
    Unsupported,
)
from d360webhook._call import answer
from d360webhook._errors import error
from Python.loopback import Answer, Peer, SilentPeer

HEADER = Path(__file__).resolve().parents[2] / "include" / "d360webhook.h"
URL = "https://hooks.example.com/crm"
RATE_LIMITED = {
    "status": "D360_RATE_LIMITED",
    "code": 9,
    "message": "too many requests",
    "http_status": 429,
    "retryable": True,
    "outcome": "not_applied",
    "attempts": 4,
    "service_message": "slow down",
}


def test_a_conflict_of_the_embedded_service_has_every_field(berlin: Channel) -> None:
    berlin.multi_webhook_set(True, [{"name": "crm", "url": URL}])
    with pytest.raises(Conflict) as caught:
        berlin.multi_webhook_append([{"name": "audit", "url": URL}, {"name": "crm", "url": URL}])
    conflict = caught.value
    assert (conflict.status, conflict.code, conflict.path) == ("D360_CONFLICT", 6, "/destinations/1/name")
    assert (conflict.retryable, conflict.outcome, conflict.attempts) == (False, "not_applied", 1)
    assert (conflict.http_status, conflict.service_message, conflict.last_seen) == (None, None, None)
    assert conflict.message and conflict.message in str(conflict)
    assert not isinstance(conflict, Retryable)


def test_a_remote_failure_has_the_http_status_and_the_services_words(peer: Peer) -> None:
    peer.answers = [Answer(429, {"error": "slow down"})]
    with Client(peer.url, max_attempts=1) as client, pytest.raises(RateLimited) as caught:
        client.multi_webhook_get("key")
    failure = caught.value
    assert (failure.http_status, failure.service_message, failure.attempts) == (429, "slow down", 1)
    assert failure.retryable
    assert isinstance(failure, Retryable)
    assert type(failure).__name__ == "RetryableRateLimited"


def test_a_lost_write_is_an_unknown_outcome_that_may_be_tried_again(silent: SilentPeer) -> None:
    with Client(silent.url, timeout_ms=400, max_attempts=1) as client, pytest.raises(Retryable) as caught:
        client.customer_webhook_set("key", URL)
    assert isinstance(caught.value, OutcomeUnknown)
    assert caught.value.outcome == "unknown"


def test_a_wait_that_ends_too_early_shows_what_was_seen_last(berlin: Channel) -> None:
    with pytest.raises(Timeout) as caught:
        berlin.waba_webhook_wait(URL, timeout_ms=0)
    assert caught.value.last_seen == {"waba_id": 123065260884961, "numbers_on_this_waba": ["+4930901820"]}


def test_a_wrong_key_is_unauthorized_and_an_empty_one_too(client: Client) -> None:
    for key in ("wrong", ""):
        with pytest.raises(Unauthorized):
            client.multi_webhook_get(key)


def test_a_remote_service_supports_no_registering(peer: Peer) -> None:
    with Client(peer.url) as client, pytest.raises(Unsupported):
        client.channel_list()


def test_options_that_the_library_does_not_know_are_named(peer: Peer) -> None:
    with pytest.raises(InvalidArgument, match="timeout_s"):
        Client(peer.url, timeout_s=5)  # type: ignore[call-arg]
    with pytest.raises(InvalidArgument) as caught:
        Client(peer.url, timeout_ms="5")  # type: ignore[arg-type]
    assert caught.value.path == "/timeout_ms"


def test_every_status_of_the_header_has_a_class_named_after_it() -> None:
    statuses = re.search(r"typedef int32_t d360_status;(.*?)};", HEADER.read_text(), re.DOTALL)
    assert statuses
    constants = re.findall(r"^    D360_(\w+) += (\d+)", statuses[1], re.MULTILINE)
    assert len(constants) == 22
    for name, code in constants[1:]:
        kind = type(error({"code": int(code)}))
        assert (kind.status, kind.code) == (f"D360_{name}", int(code))
        assert kind.__name__.upper() == name.replace("_", "")
        assert getattr(d360webhook, kind.__name__) is kind


def test_a_number_of_a_newer_library_is_an_unknown_status_that_keeps_its_name() -> None:
    failure = error({"status": "D360_NEWER", "code": 99, "message": "new", "retryable": True, "extra": [1]})
    assert isinstance(failure, UnknownStatus) and isinstance(failure, Retryable)
    assert (failure.status, failure.code, failure.document["extra"]) == ("D360_NEWER", 99, [1])


def test_a_retryable_class_is_made_once_for_each_status() -> None:
    first, second = error(RATE_LIMITED), error(RATE_LIMITED)
    assert type(first) is type(second)
    assert issubclass(type(first), RateLimited) and issubclass(type(first), Retryable)
    assert issubclass(Retryable, D360Error)


@pytest.mark.parametrize("retryable", [True, False])
def test_an_error_survives_pickling_and_copying(retryable: bool) -> None:
    failure = error({**RATE_LIMITED, "retryable": retryable})
    failure.add_note("a note")
    for twin in (pickle.loads(pickle.dumps(failure)), copy.copy(failure), copy.deepcopy(failure)):
        assert type(twin) is type(failure)
        assert twin.document == failure.document
        assert str(twin) == str(failure)
        assert (twin.http_status, twin.service_message, twin.__notes__) == (429, "slow down", ["a note"])


class HomeMade(Conflict):
    """A program's own subclass."""


def test_a_programs_own_subclass_survives_pickling() -> None:
    twin = pickle.loads(pickle.dumps(HomeMade({"message": "mine"})))
    assert type(twin) is HomeMade
    assert (twin.message, twin.status, twin.code) == ("mine", "D360_CONFLICT", 6)


def test_an_error_without_a_document_leaves_open_whether_anything_was_changed() -> None:
    """The library stores none where there is no memory for it."""
    with pytest.raises(D360Error) as caught:
        answer(20, None)
    assert (caught.value.status, caught.value.outcome) == ("D360_OUT_OF_MEMORY", "unknown")


def test_errors_are_the_built_in_ones_of_their_kind_too(silent: SilentPeer) -> None:
    with Client(silent.url, timeout_ms=200, max_attempts=1) as client, pytest.raises(TimeoutError) as late:
        client.multi_webhook_get("key")
    assert type(late.value) is d360webhook.RetryableTimeout
    with Client("http://127.0.0.1:1", timeout_ms=200, max_attempts=1) as client, pytest.raises(ConnectionError) as refused:
        client.multi_webhook_get("key")
    assert type(pickle.loads(pickle.dumps(refused.value))) is d360webhook.RetryableNetworkError
    with pytest.raises(ValueError):
        Client("ftp://hooks.example.com")


def test_every_retryable_class_is_public_and_named_after_its_status() -> None:
    for kind in Retryable.__subclasses__():
        assert kind.__name__ == f"Retryable{kind.__bases__[0].__name__}"
        assert getattr(d360webhook, kind.__name__) is kind
    assert isinstance(error({"code": 12, "status": "D360_TLS_ERROR", "retryable": True}), Retryable)
