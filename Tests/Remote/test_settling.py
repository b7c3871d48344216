"""Writes whose answer was lost: each rule and each sentence of the contract."""

import json

import pytest
from Peers import faults
from Peers.service import Peer

from Remote.calling import (
    APPEND,
    AUDIT,
    CRM,
    CUSTOMER,
    DELETE,
    ENABLE,
    KEY,
    MAIN,
    OVERRIDE,
    READING,
    TEAM,
    UPDATE,
    VISIBLE,
    WABA,
    WRITES,
    Client,
    Operation,
    between,
    do,
    failed,
    is_done,
    names,
    succeeded,
)  # fmt: skip

each_write = pytest.mark.parametrize("write", WRITES, ids=str)
each_visible_write = pytest.mark.parametrize("write", VISIBLE, ids=str)
LOST = faults.cut_before_status(taken=False)
TAKEN = faults.cut_before_status(taken=True)

# Rule 1: read back

SHAPES = {
    "enable": {"message": "Operation started successfully"},
    "append": {"message": "Operation started successfully"},
    "update": {"message": "Operation started successfully"},
    "delete": {"message": "Destination deleted successfully"},
    "WABA": {"message": "Webhook will be set for waba_id: 123065260884961"},
}


@each_visible_write
def test_a_settled_write_answers_json_of_the_documented_shape(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(TAKEN)
        assert succeeded(client.run(write)) == SHAPES[write.name]


def test_a_lost_disabling_is_settled_by_reading_back() -> None:
    with between(APPEND) as (peer, client):
        peer.script.writes(TAKEN)
        succeeded(client.call("multi_webhook_set", {"enabled": False}))
        assert peer.service.state(KEY)["multi"]["enabled"] is False
        assert len(peer.record.writes) == 1


def test_an_enabling_without_destinations_is_shown_by_enabled_alone() -> None:
    with between(ENABLE) as (peer, client):
        peer.script.every_write(TAKEN)
        succeeded(client.call("multi_webhook_set", {"enabled": True}))
        assert len(peer.record.writes) == 1


@pytest.mark.parametrize("flaw", ["its url", "its headers", "one of two missing"])
def test_a_reading_that_shows_only_part_of_what_was_asked_settles_nothing(flaw: str) -> None:
    there = {
        "its url": [{**CRM, "url": "https://hooks.example.com/else"}],
        "its headers": [{**CRM, "headers": {}}],
        "one of two missing": [CRM],
    }[flaw]
    with between(ENABLE) as (peer, client):
        do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": there})
        peer.script.every_write(LOST)
        asked = {"destinations": [CRM, {**AUDIT, "name": "second"}]}
        failed(client.call("multi_webhook_append", asked), "D360_OUTCOME_UNKNOWN", "unknown")


def test_headers_are_compared_without_regard_to_the_case_of_their_names() -> None:
    with between(ENABLE) as (peer, client):
        do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [{**CRM, "headers": {"x-TEAM": TEAM["X-Team"]}}]})
        peer.script.every_write(LOST)
        succeeded(client.run(APPEND))


def test_an_update_of_the_url_alone_is_shown_whatever_the_headers_are() -> None:
    with between(UPDATE) as (peer, client):
        do(peer, "PATCH", "/multi_webhook", {"name": "audit", "headers": TEAM})
        peer.script.writes(TAKEN)
        succeeded(client.call("multi_webhook_update", {"name": "audit", "url": MAIN}))
        assert len(peer.record.writes) == 1


def test_an_update_that_clears_the_headers_is_not_shown_by_a_reading_that_has_some() -> None:
    with between(UPDATE) as (peer, client):
        do(peer, "PATCH", "/multi_webhook", {"name": "audit", "headers": TEAM})
        peer.script.every_write(LOST)
        failed(client.call("multi_webhook_update", {"name": "audit", "headers": {}}), "D360_OUTCOME_UNKNOWN", "unknown")


# Rule 2: otherwise wait, and send it again


@each_write
def test_a_reading_without_it_proves_nothing_so_it_is_sent_again(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(LOST, LOST)
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 3
        assert len({request.connection for request in peer.record.writes}) == 3


@pytest.mark.parametrize("write", [APPEND, ENABLE], ids=str)
def test_409_to_a_repetition_is_ok_when_a_reading_shows_the_same_content(write: Operation) -> None:
    with between(write, Peer(show_after_ms=150), timeout_ms=2_500) as (peer, client):
        peer.script.writes(TAKEN)
        succeeded(client.run(write))
        assert is_done(peer, write)


def test_404_to_a_repeated_delete_is_ok_when_a_reading_lacks_the_name() -> None:
    with between(DELETE, Peer(show_after_ms=150), timeout_ms=2_500) as (peer, client):
        peer.script.writes(TAKEN)
        succeeded(client.run(DELETE))
        assert names(peer.service.state(KEY)) == []


def test_409_to_a_repetition_with_other_content_is_the_conflict() -> None:
    with between(APPEND) as (peer, client):
        do(peer, "PUT", "/multi_webhook", {"destinations": [{**CRM, "url": "https://hooks.example.com/somebody-elses"}]})
        peer.script.writes(LOST)
        result = client.run(APPEND)
        assert result.status == "D360_CONFLICT", result.text
        assert result.error["http_status"] == 409
        assert len(peer.record.writes) == 2


@pytest.mark.parametrize(("write", "code"), [(APPEND, 409), (ENABLE, 409), (DELETE, 404)], ids=str)
def test_a_refused_repetition_that_no_reading_shows_yet_is_no_answer(write: Operation, code: int) -> None:
    with between(write) as (peer, client):
        peer.script.writes(LOST, faults.error(code))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 3


@pytest.mark.parametrize("write", [CUSTOMER, OVERRIDE], ids=str)
def test_what_no_reading_can_show_is_always_sent_again(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.writes(TAKEN, TAKEN)
        succeeded(client.run(write))
        assert len(peer.record.writes) == 3


@pytest.mark.parametrize("write", [CUSTOMER, OVERRIDE], ids=str)
def test_what_no_reading_can_show_is_unknown_without_one_complete_answer(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(TAKEN)
        failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


REFUSALS = [(401, "D360_UNAUTHORIZED"), (400, "D360_INVALID_REQUEST"), (403, "D360_UNAUTHORIZED"), (422, "D360_INVALID_REQUEST")]


@each_write
@pytest.mark.parametrize(("code", "status"), REFUSALS)
def test_a_refused_repetition_is_the_status_with_an_unknown_outcome(write: Operation, code: int, status: str) -> None:
    with between(write) as (peer, client):
        peer.script.writes(LOST).every_write(faults.error(code))
        error = failed(client.run(write), status, "unknown")
        assert error["attempts"] == len(peer.record.writes) == 2


@each_visible_write
def test_a_refused_repetition_is_applied_if_a_reading_shows_it(write: Operation) -> None:
    # The first sending is taken, and shows only once its repetition was refused.
    with between(write, Peer(show_after_ms=500), timeout_ms=2_500) as (peer, client):
        peer.script.writes(TAKEN).every_write(faults.error(401))
        error = failed(client.run(write), "D360_UNAUTHORIZED", "applied")
        assert error["attempts"] == 2


# Rule 3: attempts or time used up


@each_write
@pytest.mark.parametrize("code", [500, 503])
def test_nothing_but_complete_500_or_503_is_a_service_error_where_the_last_reading_lacks_it(write: Operation, code: int) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.error(code))
        error = failed(client.run(write), "D360_SERVICE_ERROR", "not_applied", retryable=True)
        assert error["attempts"] == 3
        assert peer.record.requests[-1].is_reading


@each_write
@pytest.mark.parametrize("other", [502, 504, "cut"])
def test_one_answer_that_may_still_be_on_its_way_makes_it_unknown(write: Operation, other: int | str) -> None:
    with between(write) as (peer, client):
        peer.script.writes(LOST if isinstance(other, str) else faults.error(other)).every_write(faults.error(500))
        failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


@each_visible_write
def test_without_a_reading_even_a_500_is_unknown(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.error(500)).every_reading(faults.error(500))
        failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


@pytest.mark.parametrize("write", [CUSTOMER, OVERRIDE], ids=str)
def test_a_500_with_what_was_asked_in_the_reading_is_unknown_where_the_reading_cannot_show_all(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.error(500, taken=True))
        failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)


@each_write
def test_one_attempt_is_one_sending(write: Operation) -> None:
    with between(write, max_attempts=1) as (peer, client):
        peer.script.every_write(LOST)
        error = failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown")
        assert error["attempts"] == len(peer.record.writes) == 1


@each_visible_write
def test_one_attempt_still_reads_back(write: Operation) -> None:
    with between(write, max_attempts=1) as (peer, client):
        peer.script.every_write(TAKEN)
        succeeded(client.run(write))


# What keeps the time for it


@each_visible_write
def test_a_silent_write_leaves_a_quarter_of_the_time_for_reading_back(write: Operation) -> None:
    with between(write, timeout_ms=2_000) as (peer, client):
        peer.script.every_write(faults.silent(taken=True)).every_reading(faults.late(0.25))
        succeeded(client.run(write))


@each_write
def test_an_answer_of_our_service_is_complete_whatever_its_code(write: Operation) -> None:
    with between(write) as (peer, client):
        peer.script.every_write(faults.ours(503, "D360_STORAGE_ERROR", "the database is locked"))
        error = failed(client.run(write), "D360_STORAGE_ERROR", "not_applied", retryable=True)
        assert error["attempts"] == len(peer.record.writes) == 3
        assert peer.record.readings == []


def test_the_reading_back_does_not_count_as_an_attempt() -> None:
    with between(APPEND) as (peer, client):
        peer.script.every_write(LOST)
        error = client.run(APPEND).error
        assert error["attempts"] == 3
        assert len(peer.record.readings) >= 3


def test_a_failed_reading_back_does_not_end_the_settling() -> None:
    with between(APPEND, timeout_ms=2_500) as (peer, client):
        peer.script.writes(TAKEN).readings(faults.error(503), faults.cut_in_body())
        succeeded(client.run(APPEND))
        assert is_done(peer, APPEND)


def test_a_client_whose_append_was_settled_goes_on() -> None:
    with Peer() as peer, Client(peer.url, timeout_ms=2_500) as client:
        APPEND.prepare(peer)
        for index in range(2):
            peer.script.writes(TAKEN)
            succeeded(client.call("multi_webhook_append", {"destinations": [{**CRM, "name": f"crm-{index}"}]}))
        assert names(succeeded_state(client)) == ["audit", "crm-0", "crm-1"]


def succeeded_state(client: Client) -> dict[str, object]:
    return {"multi": json.loads(client.run(READING).text or "")}


def test_waba_headers_are_compared_where_the_reading_shows_them() -> None:
    with between(WABA) as (peer, client):
        do(peer, "POST", "/waba_webhook", {"url": MAIN, "headers": {"X-Team": "other"}})
        peer.script.every_write(LOST)
        failed(client.run(WABA), "D360_OUTCOME_UNKNOWN", "unknown")
