"""fleet plan, apply, audit and export."""

import json
import shlex
import signal
import time
from pathlib import Path

import pytest
import yaml
from Peers import faults
from Peers.service import Peer

from d360webhook.cli import documents

from .fleet import DOCUMENT, KEYS, MAIN, OLD, SECRETS, Fleet
from .program import Program


def commands(text: str) -> list[list[str]]:
    """What stands beside the findings."""
    return [shlex.split(line.split("run:", 1)[1]) for line in text.splitlines() if line.startswith("  run:")]


def test_audit_shows_the_number_that_loses_events_first_and_ends_with_2(fleet: Fleet) -> None:
    done = fleet.program("fleet", "audit", "fleet.yaml")
    assert (done.status, done.errors) == (2, "")
    lines = done.output.splitlines()
    assert lines[0] == "3 accounts, 1 loses events, 0 in sync, 4 error findings."
    assert [line.split()[0] for line in lines[2:6]] == ["Account", "vienna", "berlin", "munich"]
    assert "loses events" in lines[3] and "no_route, waba_webhook_missing" in lines[3]
    at = lines.index("berlin: customer_webhook_mismatch (error) /customer_webhook/url")
    assert lines[at + 2 : at + 5] == [
        f"  expected: {MAIN}",
        f"  actual:   {OLD}",
        "  run:      d360-webhook fleet apply fleet.yaml --only berlin",
    ]


def test_the_commands_beside_the_findings_mend_them(fleet: Fleet) -> None:
    for program, *arguments in commands(fleet.program("fleet", "audit", "fleet.yaml").output):
        assert program == "d360-webhook"
        before = fleet.program("fleet", "plan", "fleet.yaml", "--only", arguments[-1]).status
        typed = [("[y/N]", "y\n")] if before == 2 else []
        assert fleet.program.terminal(*arguments, typed=typed).status == 0
    assert fleet.program("fleet", "audit", "fleet.yaml").status == 0


def test_plan_has_something_to_do_until_apply_did_it(fleet: Fleet) -> None:
    planned = fleet.program("fleet", "plan", "fleet.yaml")
    assert planned.status == 2
    (first, *_) = [line.split() for line in planned.output.splitlines() if " planned " in line]
    assert first[:3] == ["vienna", "waba_webhook_set", "planned"]
    applied = fleet.program("--json", "fleet", "apply", "fleet.yaml", "--yes")
    assert (applied.status, applied.json["summary"]["changed"], applied.json["summary"]["operations"]) == (0, 3, 3)
    again = fleet.program("--json", "fleet", "apply", "fleet.yaml", "--yes")
    assert (again.status, again.json["summary"]["operations"]) == (0, 0)
    after = fleet.program("fleet", "plan", "fleet.yaml")
    assert (after.status, after.output) == (0, "3 accounts, 0 lose events, 3 in sync.\n")


def test_json_is_the_librarys_own_report(fleet: Fleet) -> None:
    document = documents.filled(yaml.safe_load(DOCUMENT), "fleet.yaml", SECRETS, "")
    assert fleet.program("--json", "fleet", "audit", "fleet.yaml").json == fleet.client.fleet_audit(document)
    only = fleet.program("--json", "fleet", "plan", "fleet.yaml", "--only", "berlin", "--concurrency", "2", "--rate", "1000")
    assert only.json == fleet.client.fleet_plan(document, only=["berlin"])


def test_a_plan_that_was_kept_holds_for_what_has_not_changed_since(fleet: Fleet) -> None:
    assert fleet.program("fleet", "plan", "fleet.yaml", "--out", "fleet.plan").status == 2
    plan = json.loads((fleet.program.folder / "fleet.plan").read_text())
    assert plan["summary"]["accounts"] == 3
    fleet.client.customer_webhook_set(KEYS["BERLIN_KEY"], "https://other.example.com/")
    applied = fleet.program("fleet", "apply", "fleet.yaml", "--plan", "fleet.plan", "--yes")
    assert applied.status == 1
    assert fleet.client.customer_webhook_get(KEYS["BERLIN_KEY"]) == {"url": "https://other.example.com/"}
    assert fleet.client.waba_webhook_get(KEYS["VIENNA_KEY"])["url"] == MAIN
    assert ["d360-webhook", "fleet", "plan", "fleet.yaml", "--out", "fleet.plan"] in commands(applied.output)


def test_apply_needs_yes_where_nobody_can_be_asked(fleet: Fleet) -> None:
    done = fleet.program("fleet", "apply", "fleet.yaml")
    assert (done.status, len(done.errors.splitlines())) == (64, 1)
    assert fleet.client.customer_webhook_get(KEYS["BERLIN_KEY"]) == {"url": OLD}


@pytest.mark.parametrize(("answer", "status", "url"), [("y\n", 0, MAIN), ("n\n", 1, OLD)])
def test_apply_shows_what_will_happen_and_asks(fleet: Fleet, answer: str, status: int, url: str) -> None:
    shown = fleet.program.terminal("fleet", "apply", "fleet.yaml", width=200, typed=[("[y/N]", answer)])
    assert shown.status == status, shown.text
    before = shown.text.split("[y/N]")[0]
    assert "customer_webhook_set" in before and OLD in before and MAIN in before
    assert fleet.client.customer_webhook_get(KEYS["BERLIN_KEY"]) == {"url": url}


def test_apply_asks_nothing_where_there_is_nothing_to_do(fleet: Fleet) -> None:
    fleet.program("fleet", "apply", "fleet.yaml", "--yes")
    shown = fleet.program.terminal("fleet", "apply", "fleet.yaml")
    assert shown.status == 0 and "[y/N]" not in shown.text


@pytest.mark.parametrize("width", [40, 200])
def test_a_terminal_has_a_progress_bar_and_a_pipe_nothing_of_it(fleet: Fleet, width: int) -> None:
    shown = fleet.program.terminal("fleet", "audit", "fleet.yaml", width=width)
    assert shown.status == 2 and "Auditing" in shown.text
    folded = "".join(shown.text.split())
    assert "customer_webhook_mismatch" in folded and OLD in folded
    assert "Auditing" not in fleet.program("fleet", "audit", "fleet.yaml").output


def test_names_come_from_the_secrets_file_before_the_environment(fleet: Fleet) -> None:
    secrets = fleet.program.file("secrets.yaml", yaml.safe_dump(SECRETS))
    wrong = dict.fromkeys(SECRETS, "wrong")
    assert fleet.program("fleet", "audit", "fleet.yaml", "--secrets", secrets, **wrong).status == 2
    applied = fleet.program("fleet", "apply", "fleet.yaml", "--secrets", secrets, "--yes", **wrong)
    assert applied.status == 0, applied.output
    del fleet.program.environment["MUNICH_KEY"]
    missing = fleet.program("fleet", "audit", "fleet.yaml")
    assert (missing.status, missing.output) == (65, "")
    said = "account munich: ${MUNICH_KEY} is not set in the environment (at /accounts/1/api_key)"
    assert missing.errors == f"d360-webhook: fleet.yaml:15: {said}\n"


def test_export_writes_what_plan_finds_in_sync_and_the_secrets_for_its_owner_alone(fleet: Fleet) -> None:
    fleet.program("fleet", "apply", "fleet.yaml", "--yes")
    done = fleet.program("fleet", "export", "keys.csv", "--out", "out.yaml", "--secrets-out", "out.secrets")
    assert (done.status, done.errors) == (0, "")
    assert (fleet.program.folder / "out.secrets").stat().st_mode & 0o777 == 0o600
    text = (fleet.program.folder / "out.yaml").read_text()
    for secret in (*SECRETS.values(), "t0ken"):
        assert secret not in text + done.output
    for name in SECRETS:
        del fleet.program.environment[name]
    planned = fleet.program("fleet", "plan", "out.yaml", "--secrets", "out.secrets")
    assert planned.status == 0, planned.output
    crm = {"url": "${FLEET_WEBHOOK_2_URL}", "headers": {"Authorization": "${FLEET_WEBHOOK_2_AUTHORIZATION}"}}
    assert yaml.safe_load(text)["webhooks"] == {"webhook-1": {"url": MAIN}, "webhook-2": crm}


def test_export_without_a_file_prints_the_document_without_its_secrets(fleet: Fleet) -> None:
    done = fleet.program("fleet", "export", "keys.csv")
    assert [account["name"] for account in yaml.safe_load(done.output)["accounts"]] == ["berlin", "munich", "vienna"]
    assert "3 accounts" in done.errors
    assert all(secret not in done.output + done.errors for secret in SECRETS.values())
    alone = fleet.program("fleet", "export", "keys.csv", "--out", "out.yaml")
    assert (alone.status, "--secrets-out" in alone.errors) == (64, True)
    keys = [{"name": name.split("_")[0].lower(), "api_key": key} for name, key in KEYS.items()]
    assert fleet.program("--json", "fleet", "export", "keys.csv").json == fleet.client.fleet_export({"accounts": keys})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,key\nberlin,s3cret\n", "keys.csv:1: the column api_key is missing"),
        ("name,api_key\nberlin,a\nmunich\n", "keys.csv:3: api_key is empty"),
        ("name,api_key\n,s3cret\n", "keys.csv:2: name is empty"),
        ('name,api_key\nberlin,"s3cret', "keys.csv:2: unexpected end of data"),
        ("", "keys.csv:1: the column name is missing"),
    ],
)
def test_keys_that_are_wrong_are_named_by_their_line(fleet: Fleet, text: str, said: str) -> None:
    fleet.program.file("keys.csv", text)
    done = fleet.program("fleet", "export", "keys.csv")
    assert (done.status, done.output, len(done.errors.splitlines())) == (65, "", 1)
    assert said in done.errors and "s3cret" not in done.errors


def test_the_exit_status_of_a_fleet(fleet: Fleet) -> None:
    run, rotated = fleet.program, {"BERLIN_KEY": "key-of-nobody"}
    assert run("fleet", "audit", "fleet.yaml", **rotated).status == 2
    assert run("fleet", "plan", "fleet.yaml", **rotated).status == 77
    assert run("fleet", "apply", "fleet.yaml", "--yes", **rotated).status == 1
    assert run("fleet", "audit", "fleet.yaml", "--only", "munich").status == 0
    assert run("fleet", "audit", "fleet.yaml", "--only", "nobody").status == 64
    assert run("--timeout", "0.5", "--service", "http://127.0.0.1:9", "fleet", "plan", "fleet.yaml").status == 75
    fleet.client.multi_webhook_append(KEYS["MUNICH_KEY"], [{"name": "extra", "url": "https://extra.example.com/"}])
    assert run("fleet", "audit", "fleet.yaml", "--only", "munich").status == 0
    assert run("fleet", "audit", "fleet.yaml", "--only", "munich", "--fail-on", "warning").status == 2
    wrong = run.file("wrong.yaml", "accounts: [{name: a, api_key: b, colour: red}]")
    refused = run("fleet", "audit", wrong)
    assert (refused.status, len(refused.errors.splitlines())) == (65, 1)
    assert refused.errors.startswith(f"d360-webhook: {wrong}:1: account a: ") and "/accounts/0/colour" in refused.errors


def test_no_secret_is_in_any_table_plan_or_page(fleet: Fleet) -> None:
    run = fleet.program
    run("fleet", "audit", "fleet.yaml", "--html", "a.html")
    said = [
        run("-vvv", "fleet", "plan", "fleet.yaml", "--out", "plan"),
        run("-vvv", "fleet", "audit", "fleet.yaml", "--html", "b.html"),
        run("--json", "fleet", "audit", "fleet.yaml"),
        run("-vvv", "fleet", "apply", "fleet.yaml", "--yes"),
    ]
    texts = [done.output + done.errors for done in said]
    texts += [(run.folder / name).read_text() for name in ("plan", "a.html", "b.html")]
    for text in texts:
        for secret in (*SECRETS.values(), "t0ken", "s3cr3t"):
            assert secret not in text


def test_ctrl_c_ends_apply_with_a_report_of_what_was_done(tmp_path: Path) -> None:
    channels = [{"phone_number_id": str(n), "waba_id": 10 + n, "api_key": f"key-{n}"} for n in range(6)]
    with Peer(channels=channels) as peer:
        program = Program(tmp_path, peer.url, None)
        accounts = [{"name": f"n{n}", "api_key": f"key-{n}", "customer_webhook": {"url": MAIN}} for n in range(6)]
        program.file("fleet.json", json.dumps({"accounts": accounts}))
        peer.script.writes(None, None, *[faults.silent()] * 20)
        process = program.start("--timeout", "60", "fleet", "apply", "fleet.json", "--yes", "--concurrency", "1")
        end = time.monotonic() + 20
        while len(peer.record.writes) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(peer.record.writes) >= 3, "it has not come to its third write in 20 s"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "6 accounts" in output and len(errors.splitlines()) == 1


def test_a_command_to_paste_is_one_line_however_narrow_the_terminal(fleet: Fleet) -> None:
    shown = fleet.program.terminal("fleet", "audit", "fleet.yaml", width=40)
    wide = fleet.program("fleet", "audit", "fleet.yaml")
    assert commands(shown.text) == commands(wide.output)
    assert all(len(line) <= 40 for line in shown.text.splitlines() if "run:" not in line and "Auditing" not in line)


@pytest.mark.parametrize(("most", "status"), [("2", 1), ("0", 1), ("3", 0)])
def test_apply_changes_nothing_if_more_accounts_would_change_than_allowed(fleet: Fleet, most: str, status: int) -> None:
    done = fleet.program("fleet", "apply", "fleet.yaml", "--yes", "--max-changes", most)
    assert done.status == status, done.errors
    assert fleet.client.customer_webhook_get(KEYS["BERLIN_KEY"])["url"] == (OLD if status else MAIN)
    if status:
        assert "customer_webhook_set" in done.output and "Plan: " in done.output
        assert "D360_CONFLICT" in done.errors and "max_changes" not in done.errors
        error = fleet.program("--json", "fleet", "apply", "fleet.yaml", "--yes", "--max-changes", most).error
        assert (error["status"], error["report"]["summary"]["operations"]) == ("D360_CONFLICT", 0)


def test_the_command_beside_a_finding_follows_the_remedy_of_the_report(fleet: Fleet) -> None:
    report = fleet.program("--json", "fleet", "audit", "fleet.yaml").json
    output = fleet.program("fleet", "audit", "fleet.yaml", "--all").output
    remedies = [(row["name"], one["code"], one["remedy"]) for row in report["accounts"] for one in row["findings"]]
    assert {remedy for _, _, remedy in remedies} == {"apply"}
    for name, code, _ in remedies:
        block = output.partition(f"{name}: {code} (error)")[2]
        assert block.partition("run:")[2].splitlines()[0].strip() == f"d360-webhook fleet apply fleet.yaml --only {name}"
