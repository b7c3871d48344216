"""service check: how a service answers, without a secret, and with nothing changed in the end."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Peers import faults
from Peers.service import Peer
from support.daemon import Daemon
from support.documents import blocks

from d360webhook import Client

from .conftest import CHANNELS
from .guide import TOP
from .program import KEY, Program

OWN = "https://hooks.example.com/own"
ALL = "https://hooks.example.com/all"
TOKEN = {"Authorization": "Bearer s3cr3t"}
CRM = {"name": "crm", "url": "https://hooks.example.com/crm?token=t0ken", "headers": TOKEN}
SECRETS = (KEY, "s3cr3t", "t0ken", "hooks.example.com", "crm", "4930123456", "123065260884961")
JSON = [("Content-Type", "application/json")]
PATHS = {"customer": "/v1/configs/webhook", "multi": "/multi_webhook", "waba": "/waba_webhook"}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """The daemon with the same numbers."""
    with Daemon(f"sqlite:{tmp_path / 'daemon.db'}") as daemon:
        for channel in CHANNELS:
            daemon.register(channel)
        yield daemon


@pytest.fixture
def checked(tmp_path: Path, daemon: Daemon) -> Program:
    """d360-webhook on the daemon."""
    return Program(tmp_path, daemon.url)


def settings(program: Program) -> Any:
    """What is set, as the binding reads it."""
    with Client(program.environment["D360_SERVICE"]) as client:
        channel = client.channel(KEY)
        return channel.customer_webhook_get(), channel.multi_webhook_get(), channel.waba_webhook_get()


def set_up(program: Program, enabled: bool = True) -> None:
    with Client(program.environment["D360_SERVICE"]) as client:
        client.customer_webhook_set(KEY, OWN, TOKEN)
        client.waba_webhook_set(KEY, ALL, TOKEN)
        client.multi_webhook_set(KEY, True, [CRM] if enabled else None)  # type: ignore[list-item]
        if not enabled:
            client.multi_webhook_set(KEY, False)


def facts(program: Program, *arguments: str) -> dict[str, str]:
    done = program("--json", "service", "check", *arguments)
    assert done.status == 0, done.errors
    assert [secret for secret in SECRETS if secret in done.output] == []
    return {one["fact"]: one["answer"] for one in done.json["facts"]}


def test_the_page_shows_what_it_prints(checked: Program) -> None:
    with Client(checked.environment["D360_SERVICE"]) as client:
        client.customer_webhook_set(KEY, OWN)
        client.waba_webhook_set(KEY, ALL)
    (block,) = blocks((TOP / "docs" / "service-facts.md").read_text())
    ((command, output),) = block.commands
    assert checked(*command.split()[1:]).output == output.rstrip("\n") + "\n"


@pytest.mark.parametrize(
    ("kind", "answer", "fact", "said"),
    [
        ("customer", {"url": None}, "number's own webhook: url", "null"),
        ("customer", {}, "number's own webhook: url", "left out"),
        ("customer", {"url": OWN, "headers": None}, "number's own webhook: headers", "null"),
        ("customer", {"url": OWN, "headers": TOKEN}, "number's own webhook: headers", "an object of 1"),
        ("multi", {"destinations": []}, "multi-webhook: enabled", "left out"),
        ("multi", {"enabled": True, "destinations": [{**CRM, "headers": {}}, CRM]}, "multi-webhook: headers of a destination",
         "an object of 0 or an object of 1"),
        ("waba", {"url": ALL, "headers": {}, "waba_id": 7, "numbers_on_this_waba": ["106540352242922"]},
         "WABA: numbers_on_this_waba", "a list of 1: identifiers"),
        ("waba", {"url": ALL, "headers": {}, "waba_id": 7, "numbers_on_this_waba": ["4930123", "+4930124"]},
         "WABA: numbers_on_this_waba", "a list of 2: phone numbers with + and phone numbers without +"),
    ],
)  # fmt: skip
def test_each_form_of_a_reading_is_told_apart(remote: Program, peer: Peer, kind: str, answer: Any, fact: str, said: str) -> None:
    peer.script.when(lambda request: request.target == PATHS[kind], faults.status(200, json.dumps(answer).encode(), JSON))
    done = remote("--json", "service", "check")
    assert {one["fact"]: one["answer"] for one in done.json["facts"]}[fact] == said


def test_a_404_for_a_webhook_that_is_not_set_is_told_by_its_status(remote: Program, peer: Peer) -> None:
    unset = faults.status(404, b'{"error": "Webhook not found"}', JSON)
    peer.script.when(lambda request: request.target == PATHS["customer"], unset)
    found = facts(remote)
    assert found["GET /v1/configs/webhook"] == "404"
    assert found["number's own webhook: url"] == "the answer is 404"


def test_an_answer_that_is_none_is_a_fact_too(remote: Program, peer: Peer) -> None:
    peer.script.when(lambda request: request.target == PATHS["waba"], faults.html(code=403))
    found = facts(remote)
    assert found["GET /waba_webhook"].startswith("403, D360_")
    assert found["WABA's webhook: url"] == "unknown"


def test_a_wrong_key_or_no_service_ends_as_for_every_command(checked: Program, run: Program) -> None:
    assert checked("service", "check", D360_API_KEY="key-of-nobody").status == 77
    assert run("--service", "http://127.0.0.1:9", "--timeout", "1", "service", "check").status == 75


def test_writes_are_tried_and_everything_is_as_before(checked: Program) -> None:
    set_up(checked)
    before = settings(checked)
    found = facts(checked, "--writes", "--yes", "--header", "Authorization=Bearer s3cr3t")
    assert found["POST /v1/configs/webhook"] == "200 {url}"
    assert found["POST /multi_webhook"] == found["PUT /multi_webhook"] == "200 Operation started successfully"
    assert found["PATCH /multi_webhook"].startswith("200 ") and found["DELETE /multi_webhook/NAME"].startswith("200 ")
    assert found["POST /waba_webhook"] == "200 Webhook will be set for waba_id: N"
    assert found["a URL in an answer"] == "as it was sent"
    assert settings(checked) == before


def test_a_number_without_settings_is_left_without(checked: Program) -> None:
    before = settings(checked)
    found = facts(checked, "--writes", "--yes")
    assert found["POST /v1/configs/webhook"].startswith("not tried: ")
    assert found["POST /waba_webhook"].startswith("not tried: ")
    assert found["PUT /multi_webhook"] == "200 Operation started successfully"
    assert settings(checked) == before


def test_a_write_that_cannot_be_undone_is_not_tried(remote: Program, peer: Peer) -> None:
    set_up(remote)
    with Client(peer.url) as client:
        client.multi_webhook_set(KEY, False)
    peer.record.clear()
    found = facts(remote, "--writes", "--yes")
    assert "its headers are not shown" in found["POST /v1/configs/webhook"]
    assert "1 dormant destination" in found["PUT /multi_webhook"]
    assert [request.target for request in peer.record.writes] == ["/waba_webhook"]


def test_nothing_is_written_without_writes_or_without_a_yes(remote: Program, peer: Peer) -> None:
    set_up(remote)
    peer.record.clear()
    assert remote("service", "check").status == 0
    assert remote("service", "check", "--writes").status == 64
    asked = remote.terminal("service", "check", "--writes", typed=[("[y/N]", "n\n")], width=200)
    assert asked.status == 1 and "POST /waba_webhook: set the WABA's webhook to what it is" in asked.text
    assert peer.record.writes == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("stage", ["PUT", "PATCH", "DELETE"])
def test_an_interrupted_check_puts_everything_back(remote: Program, peer: Peer, number: signal.Signals, stage: str) -> None:
    with Client(peer.url) as client:
        client.waba_webhook_set(KEY, ALL)
        before = client.multi_webhook_get(KEY)
    once: list[bool] = []

    def applies(request: Any) -> bool:
        if request.method == stage and not once:
            once.append(True)
            return True
        return False

    peer.script.when(applies, faults.silent(taken=True))
    process = remote.start("--timeout", "20", "service", "check", "--writes", "--yes")
    end = time.monotonic() + 20
    while not once and time.monotonic() < end:
        time.sleep(0.01)
    assert once, "it has not come so far in 20 s"
    time.sleep(0.1)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number, errors
    assert output == "" and "not restored" not in errors
    with Client(peer.url) as client:
        assert client.multi_webhook_get(KEY) == before


def test_what_a_killed_check_left_behind_is_removed_by_the_next(checked: Program) -> None:
    with Client(checked.environment["D360_SERVICE"]) as client:
        left = {"name": "d360-webhook-check-0badcafe", "url": "https://d360-webhook-check.invalid"}
        client.multi_webhook_set(KEY, True, [left])  # type: ignore[list-item]
    assert checked("service", "check", "--writes", "--yes").status == 0
    assert settings(checked)[1] == {"enabled": True, "destinations": []}


def test_what_cannot_be_restored_is_said(remote: Program, peer: Peer) -> None:
    peer.script.when(lambda request: request.method == "DELETE", faults.error(400, "no"))
    done = remote("--json", "service", "check", "--writes", "--yes")
    assert done.status == 1
    assert any("destination is still there" in problem for problem in done.json["not_restored"])
    assert "not restored: " in done.errors
