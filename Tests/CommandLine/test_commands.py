"""Every command on an embedded service, and on a remote one."""

import json
from pathlib import Path

import pytest
from Peers.service import Peer

from d360webhook import Client, webhook_validate

from .program import KEY, Program

CRM = "https://hooks.example.com/crm"
DESTINATION = {"name": "crm", "url": CRM, "headers": {}}
MAIN = "https://hooks.example.com/main"


@pytest.fixture(params=["embedded", "remote"])
def anywhere(request: pytest.FixtureRequest) -> Program:
    """On either service."""
    program: Program = request.getfixturevalue("run" if request.param == "embedded" else "remote")
    return program


def test_customer_set_sets_the_webhook_and_get_shows_it(anywhere: Program) -> None:
    unset = anywhere("customer", "get")
    assert (unset.status, unset.output) == (0, "") and "no webhook of its own" in unset.errors
    done = anywhere("customer", "set", MAIN)
    assert (done.status, done.output, done.errors) == (0, f"{MAIN}\n", "")
    assert anywhere("customer", "get").output == f"{MAIN}\n"
    assert anywhere("--json", "customer", "get").json == {"url": MAIN}


def test_multi_enables_appends_updates_deletes_and_disables(anywhere: Program) -> None:
    assert anywhere("multi", "enable", f"crm={CRM}").status == 0
    assert anywhere("multi", "append", "audit=https://a.example.com/", "log=https://b.example.com/?a=b").status == 0
    assert anywhere("multi", "update", "audit", "--url", MAIN, "--header", "Team=blue").status == 0
    assert anywhere("multi", "delete", "log").status == 0
    audit = {"name": "audit", "url": MAIN, "headers": {"Team": "blue"}}
    assert anywhere("--json", "multi", "get").json == {"enabled": True, "destinations": [DESTINATION, audit]}
    assert anywhere("multi", "update", "audit", "--no-headers").status == 0
    assert anywhere("multi", "disable").output == "Operation started successfully\n"
    shown = {"enabled": False, "destinations": [DESTINATION, {**audit, "headers": {}}]}
    assert anywhere("--json", "multi", "get").json == shown


def test_multi_get_shows_a_table_in_the_order_of_the_service(run: Program) -> None:
    run("multi", "enable", f"crm={CRM}", "audit=https://a.example.com/")
    run("multi", "update", "audit", "--header", "Team=blue", "--header", "Shift=night")
    assert run("multi", "get").output.splitlines() == [
        "Multi-webhook is on.",
        "Name   URL                            Headers",
        "crm    https://hooks.example.com/crm",
        "audit  https://a.example.com/         Team, Shift",
    ]
    run("multi", "disable")
    assert run("multi", "get").output.splitlines()[0] == "Multi-webhook is off."


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{**DESTINATION, "headers": {"Team": "blue"}}]),
        json.dumps({"destinations": [{**DESTINATION, "headers": {"Team": "blue"}}]}),
        f"- name: crm\n  url: {CRM}\n  headers: {{Team: blue}}\n",
        f"destinations:\n- name: crm\n  url: {CRM}\n  headers:\n    Team: blue\n",
    ],
    ids=["JSON list", "JSON object", "YAML list", "YAML object"],
)
def test_from_takes_destinations_with_headers_from_a_file_or_from_standard_input(run: Program, client: Client, text: str) -> None:
    first = run("multi", "enable", "first=https://first.example.com/", "--from", run.file("some", text))
    assert first.status == 0, first.errors
    expected = {**DESTINATION, "headers": {"Team": "blue"}}
    assert client.multi_webhook_get(KEY)["destinations"][1:] == [expected]
    run("multi", "delete", "crm")
    assert run("multi", "append", "--from", "-", input=text.encode()).status == 0
    assert client.multi_webhook_get(KEY)["destinations"][1:] == [expected]


def test_a_name_may_look_like_an_option_after_two_dashes(run: Program, client: Client) -> None:
    assert run("multi", "enable", "--", f"--crm={CRM}").status == 0
    assert client.multi_webhook_get(KEY)["destinations"][0]["name"] == "--crm"
    assert run("multi", "delete", "--", "--crm").status == 0
    assert client.multi_webhook_get(KEY)["destinations"] == []


def test_waba_set_sets_the_webhook_and_get_shows_its_numbers(anywhere: Program) -> None:
    assert "events of numbers without their own webhook are lost" in anywhere("waba", "get").output
    assert anywhere("waba", "set", MAIN, "--header", "Team=blue").output == "Webhook will be set for waba_id: 123065260884961\n"
    assert anywhere("waba", "get").output.splitlines() == [
        "WABA     123065260884961",
        f"URL      {MAIN}",
        "Headers  Team",
        "Numbers  +4930123456, +4989123456",
    ]


@pytest.mark.parametrize("arguments", [["--wait", MAIN], [MAIN, "--wait"], ["--wait", "20", MAIN], ["--wait=20.5", MAIN]])
def test_waba_set_waits_until_it_is_applied(run: Program, service: str, arguments: list[str]) -> None:
    with Client(service, apply_delay_ms=300) as slow:
        slow.waba_webhook_set(KEY, "https://before.example.com/")
    done = run("--json", "waba", "set", *arguments)
    assert (done.status, done.errors) == (0, "")
    assert done.json["url"] == MAIN


def test_waba_set_that_is_not_applied_in_time_may_be_tried_again(remote: Program, peer: Peer) -> None:
    peer.service.apply_delay = 60.0
    done = remote("--json", "waba", "set", MAIN, "--wait", "0.2")
    assert (done.status, done.output, done.error["status"]) == (75, "", "D360_TIMEOUT")
    assert "last_seen" in done.error


def test_override_all_takes_the_numbers_own_webhooks(run: Program, client: Client) -> None:
    client.customer_webhook_set(KEY, MAIN)
    assert run("waba", "set", "https://waba.example.com/", "--override-all", "--yes").status == 0
    assert "url" not in client.customer_webhook_get(KEY)


def test_channels_are_added_listed_and_removed(run: Program, client: Client) -> None:
    key = run.file("vienna.key", "key-of-vienna\n")
    added = run(
        "--api-key-file", key, "channel", "add", "--phone-number-id", "77", "--waba-id", "9007199254740993",
        "--phone-number", "+43 1",
    )  # fmt: skip
    assert (added.status, added.output) == (0, "Channel registered\n")
    assert run("channel", "list").output.splitlines() == [
        "Identifier       Number       WABA",
        "106540352242922  +4930123456  123065260884961",
        "106540352242923  +4989123456  123065260884961",
        "77               +43 1        9007199254740993",
    ]
    assert client.multi_webhook_get("key-of-vienna") == {"enabled": False, "destinations": []}
    assert run("--json", "channel", "list").json == client.channel_list()
    assert run("channel", "remove", "77").output == "Channel removed\n"
    assert len(client.channel_list()["channels"]) == 2


def test_channels_are_an_embedded_services_alone(remote: Program) -> None:
    done = remote("--json", "channel", "list")
    assert (done.status, done.error["status"]) == (1, "D360_UNSUPPORTED")


def test_validate_says_every_problem_and_needs_no_service(tmp_path: Path) -> None:
    alone = Program(tmp_path, None, None)
    url = "http://your_webhook.example.com:3000/"
    done = alone("validate", url)
    assert (done.status, done.errors) == (2, "")
    assert len(done.output.splitlines()) == 1 + len(webhook_validate(url)["problems"])
    bad_header = alone("--json", "validate", MAIN, "--header", "Host=other")
    assert (bad_header.status, bad_header.json) == (2, webhook_validate(MAIN, {"Host": "other"}))
    assert alone("validate", MAIN).output == "The webhook is valid.\n"
    assert alone("--url-policy", "local", "validate", "http://127.0.0.1:3000/").status == 0


def test_signatures_are_made_and_checked(tmp_path: Path) -> None:
    alone = Program(tmp_path, None, None)
    secret = alone.file("secret", "the platform secret\n")
    body = b'{"entry":[]}\n\x00\xff'
    made = alone("signature", "sign", "--secret-file", secret, input=body)
    signature = made.output.strip()
    assert made.status == 0 and len(signature) == 64
    good = alone("signature", "verify", "--secret-file", secret, "--signature", f"sha256={signature}", input=body)
    assert (good.status, good.output) == (0, "The signature matches.\n")
    bad = alone("signature", "verify", "--secret-file", secret, "--signature", signature, input=body + b" ")
    assert (bad.status, bad.output, len(bad.errors.splitlines())) == (1, "", 1)
    assert alone("--json", "signature", "sign", "--secret-file", secret, input=body).json == {"signature": signature}


def test_options_may_stand_behind_the_command(run: Program, service: str) -> None:
    run.environment["D360_SERVICE"] = "sqlite::memory:"
    before = run("--service", service, "--json", "multi", "get")
    behind = run("multi", "get", "--json", "--service", service)
    assert (before.status, before.output) == (behind.status, behind.output) == (0, before.output)


def test_json_is_the_librarys_own_answer(run: Program, client: Client) -> None:
    run("multi", "enable", f"crm={CRM}?token=a", "grün=https://b.example.com/")
    run("waba", "set", MAIN)
    assert run("--json", "multi", "get").json == client.multi_webhook_get(KEY)
    assert run("--json", "waba", "get").json == client.waba_webhook_get(KEY)
    assert run("--json", "multi", "delete", "grün").json == {"message": "Destination deleted successfully"}


def test_serve_becomes_the_daemon_without_the_key(run: Program, service: str) -> None:
    shown = run.file("daemon", '#!/bin/sh\necho "$0 $*"\necho "${D360_API_KEY-no key}"\nexit 7\n')
    (run.folder / "daemon").chmod(0o755)
    done = run("--service", service, "serve", "--listen", "127.0.0.1:0", "--help-me", D360_WEBHOOKD=shown)
    assert (done.status, done.output) == (7, f"{shown} --service {service} --listen 127.0.0.1:0 --help-me\nno key\n")
    missing = run("serve", D360_WEBHOOKD="/nowhere/d360-webhookd")
    assert (missing.status, len(missing.errors.splitlines())) == (1, 1)
    assert "/nowhere/d360-webhookd" in missing.errors
