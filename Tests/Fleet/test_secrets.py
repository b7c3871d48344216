"""No key, header's value, query or probe secret in a report, an error, an event or a log line."""

import json
import re
from typing import Any

import pytest
from Peers import faults
from support import raw

from .fleet import Fleet, account, document

SECRET = re.compile("s3cret|key-berlin|key-munich|p4ssword")
HEADERS = {"Authorization": "Bearer s3cret-header"}
URL = "https://hooks.example.com/a?token=s3cret-query#s3cret-fragment"
QUERY = "https://hooks.example.com/a?token=s3cret-query"
HOOK = {"url": QUERY, "headers": HEADERS}


@pytest.fixture
def heard(fleet: Fleet) -> Any:
    lines: list[str] = []
    callback = raw.LOG(lambda level, line, _: lines.append(line.decode()))
    raw.library.d360_set_log(fleet.client, callback, None)
    yield lines
    raw.library.d360_set_log(fleet.client, None, None)


def wanted(**expect: Any) -> Any:
    destinations = {"destinations": [{"name": "crm", **HOOK}]}
    return document(
        account("berlin", customer_webhook=HOOK, waba_webhook=HOOK, multi_webhook=destinations, **expect),
        account("munich", customer_webhook={"url": "https://old.example.com/?s3cret"}),
    )


def test_no_report_event_or_line_holds_a_secret(fleet: Fleet, heard: list[str]) -> None:
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    fleet.do("customer_webhook_set", "key-munich", {"url": "https://old.example.com/?s3cret-old", "headers": HEADERS})
    events: list[Any] = []
    for call in ("plan", "audit", "apply", "apply"):
        options: Any = {"probe_secret": "p4ssword", "force": ["customer_webhook"]}
        report = fleet.report(call, wanted(), lambda event: events.append(event) or 0, **options)
        assert not SECRET.search(json.dumps(report)), call
    assert events and not SECRET.search(json.dumps(events))
    assert not SECRET.search(json.dumps(fleet.export("berlin", "munich")["report"]))
    assert heard and not SECRET.search("\n".join(heard))


def test_no_error_holds_a_secret(fleet: Fleet) -> None:
    for document_, options in [
        (document(account("berlin", customer_webhook={"url": URL})), {}),
        (document(account("berlin", customer_webhook={"url": "http://user:s3cret@h"})), {}),
        (document(account("berlin", customer_webhook={**HOOK, "headers": {"A": "s3cret\n"}})), {}),
        (document(account("berlin"), account("berlin")), {}),
        (wanted(), {"probe_secret": 5, "only": ["x"]}),
        (document({"name": "x", "api_key": "s3cret with blanks"}), {}),
    ]:
        status, answer = fleet.call("apply", document_, **options)
        assert status in ("D360_INVALID_REQUEST", "D360_INVALID_ARGUMENT") and not SECRET.search(json.dumps(answer)), answer


def test_a_services_words_lose_what_they_repeat(opened: Any) -> None:
    fleet = opened("remote-vendor", max_attempts=1)
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    words = f"key-berlin sent {QUERY} with {HEADERS['Authorization']}"
    fleet.peer.script.when(lambda one: not one.is_reading and "berlin" in one.fields["d360-api-key"], faults.error(400, words))
    report = fleet.apply(wanted())
    assert report["summary"]["failed"] == 1 and not SECRET.search(json.dumps(report))


def test_a_cancelled_calls_report_holds_none(fleet: Fleet) -> None:
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    status, answer = fleet.call("apply", wanted(), lambda _: 1)
    assert status == "D360_CANCELLED" and not SECRET.search(json.dumps(answer))
