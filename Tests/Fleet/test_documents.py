"""Documents that are wrong: refused with the path of what is wrong, before anything is sent."""

import json
from typing import Any

import pytest
from Peers.service import Peer
from support import raw

from .fleet import CRM, FOLDER, HOOK, MAIN, Fleet, account, document

CASES = sorted(path.stem for path in (FOLDER / "documents").glob("*.json"))
GOOD = document(account("berlin"))
CALLS = ["plan", "apply", "audit"]


@pytest.fixture(params=["memory", "remote", "remote-vendor"])
def kind(request: pytest.FixtureRequest) -> str:
    """Not in every style of answers: nothing is asked."""
    return request.param


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_document_is_refused_with_its_path(case: str, fleet: Fleet) -> None:
    data = json.loads((FOLDER / "documents" / f"{case}.json").read_text())
    for call in CALLS:
        status, answer = fleet.call(call, json.dumps(data["document"]))
        assert (status, answer["error"]["path"]) == (data["status"], data["path"]), answer
        assert answer["error"]["attempts"] == 0 and answer["error"]["outcome"] == "not_applied"
    if fleet.has_peer:
        assert not fleet.peer.record.requests


def test_there_are_forty_kinds() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("text", ["", "{", "accounts: []", '{"accounts":[],"accounts":[]}', "[" * 65, b'{"accounts":"\xff"}'])
def test_text_that_is_not_json_is_malformed(text: Any, fleet: Fleet) -> None:
    for call in [*CALLS, "export"]:
        assert fleet.call(call, text)[0] == "D360_MALFORMED_JSON"


def test_what_is_null_is_named(fleet: Fleet) -> None:
    for call in CALLS:
        status, answer = fleet.call(call, None)
        assert (status, answer["error"]["message"]) == ("D360_INVALID_ARGUMENT", "fleet_json is NULL")
    assert fleet.call("export", None)[1]["error"]["message"] == "keys_json is NULL"
    status, answer = raw.fleet("plan", None, GOOD)
    assert (status, answer["error"]["message"]) == ("D360_INVALID_ARGUMENT", "client is NULL")


def test_a_document_of_64_mebibytes_is_taken_and_a_longer_one_is_not(fleet: Fleet) -> None:
    text = json.dumps(document()).encode()
    fits = text + b" " * (64 * 1_048_576 - len(text))
    assert fleet.call("plan", fits)[0] == "D360_OK"
    status, answer = fleet.call("plan", fits + b" ")
    assert (status, answer["error"]["path"]) == ("D360_INVALID_REQUEST", "")
    assert answer["error"]["message"] == "the document must have at most 64 MiB"


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"accounts": [account("berlin", customer_webhook=None)]}, "/accounts/0/customer_webhook"),
        ({"accounts": [account("berlin")], "webhooks": {}}, "/webhooks"),
        ({"accounts": [{"name": "berlin"}]}, "/accounts/0"),
        ({"accounts": [account("berlin"), account("berlin")]}, "/accounts/1/name"),
        ({}, ""),
    ],
)
def test_an_export_takes_names_and_keys_alone(keys: Any, path: str, fleet: Fleet) -> None:
    status, answer = fleet.call("export", keys)
    assert (status, answer["error"]["path"]) == ("D360_INVALID_REQUEST", path)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ([], ""),
        ({"concurency": 1}, "/concurency"),
        ({"concurrency": 0}, "/concurrency"),
        ({"concurrency": 257}, "/concurrency"),
        ({"concurrency": "16"}, "/concurrency"),
        ({"requests_per_second": 0}, "/requests_per_second"),
        ({"only": "berlin"}, "/only"),
        ({"only": ["berlin", "bonn"]}, "/only/1"),
        ({"only": [1]}, "/only/0"),
        ({"wait_ms": -1}, "/wait_ms"),
        ({"allow_unlisted": 1}, "/allow_unlisted"),
        ({"force": ["customer"]}, "/force/0"),
        ({"plan": []}, "/plan"),
        ({"plan": {}}, "/plan/accounts"),
        ({"plan": {"accounts": [{"name": "berlin"}]}}, "/plan/accounts/0/digest"),
        ({"plan": {"accounts": [{"name": "berlin", "digest": None}, {"digest": None}]}}, "/plan/accounts/1/name"),
        ({"plan": {"accounts": [7]}}, "/plan/accounts/0/name"),
        ({"plan": {"accounts": {"accounts": []}}}, "/plan/accounts"),
        ({"force": {"accounts": [{"name": "berlin", "digest": None}]}}, "/force"),
        ({"other": {"accounts": [{}]}}, "/other"),
        ({"max_failures": 0}, "/max_failures"),
        ({"max_changes": -1}, "/max_changes"),
        ({"routes": 1}, "/routes"),
        ({"probe": "yes"}, "/probe"),
        ({"probe_secret": ""}, "/probe_secret"),
        ({"timeout_ms": 1}, "/timeout_ms"),
        ({"concurrency": None}, "/concurrency"),
    ],
)
def test_a_wrong_option_is_named_by_every_call(options: Any, path: str, fleet: Fleet) -> None:
    for call in [*CALLS, "export"]:
        status, answer = raw.fleet(call, fleet.client, GOOD, json.dumps(options))
        assert (status, answer["error"]["path"]) == ("D360_INVALID_ARGUMENT", path), answer


def test_options_of_other_calls_have_no_effect(fleet: Fleet) -> None:
    fleet.register("berlin")
    wanted = document(account("berlin", customer_webhook={"url": MAIN}))
    options = {"wait_ms": 0, "max_failures": 1, "plan": {"accounts": []}, "force": [], "allow_unlisted": True}
    assert fleet.audit(wanted, **options, probe_secret="s")["accounts"][0]["status"] == "D360_OK"
    assert fleet.plan(wanted, plan={"accounts": []}, probe=True)["accounts"][0]["status"] == "D360_OK"
    assert fleet.export("berlin", **options, probe=True)["report"]["accounts"][0]["status"] == "D360_OK"


def test_rules_of_ours_are_a_remote_services_to_judge() -> None:
    long = {"name": "n" * 129, "url": CRM["url"]}
    wanted = document(account("berlin", multi_webhook={"destinations": [long]}, waba_webhook={"url": HOOK}))
    status, client, _ = raw.open_client("sqlite::memory:")
    status, answer = raw.fleet("plan", client, wanted)
    assert (status, answer["error"]["path"]) == ("D360_INVALID_REQUEST", "/accounts/0/multi_webhook/destinations/0/name")
    raw.close(client)
    with Peer() as peer:
        status, client, _ = raw.open_client(peer.url)
        assert raw.fleet("plan", client, wanted)[0] == "D360_OK"
        raw.close(client)
