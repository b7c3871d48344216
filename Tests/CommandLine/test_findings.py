"""The command beside each finding, pasted into a shell, mends it or shows it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from Fleet.reports import CASES, CODES, load
from Peers import faults
from Peers.model import Answer
from Peers.server import Server
from Peers.service import Peer

from d360webhook import Client

from .program import KEY, Program
from .shell import YES, paste


@dataclass
class Finding:
    """One of a report, with the command that is shown beside it."""

    account: str
    code: str
    path: str
    message: str
    command: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells it from the others."""
        return self.account, self.code, self.path

    @property
    def verb(self) -> str:
        """The command without its arguments."""
        found = re.match(r"d360-webhook (?:--service \S+ |--url-policy \S+ )*(fleet \w+|\w+)", self.command)
        assert found, self.command
        return found[1]


def findings(text: str) -> list[Finding]:
    """Of a table that went into a pipe."""
    found = re.findall(r"^(\S+): (\w+) \(\w+\) ?(\S*)\n  (.*)\n(?:  .*\n){2}  run:      (.*)$", text, re.M)
    return [Finding(*one) for one in found]


class State:
    """A service as a report's file describes it, and its document."""

    def __init__(self, folder: Path, case: str) -> None:
        self.data = load(case)
        service = f"sqlite:{folder / 'service.db'}"
        self.client = Client(service, url_policy="local")
        for channel in self.data["channels"]:
            self.client.channel_register(**channel)
        for operation, key, *arguments in self.data["state"]:
            getattr(self.client.channel(key), operation)(*_values(operation, arguments))
        self.program = Program(folder, service, None)
        self.program.file("fleet.json", json.dumps(self.data["document"]))

    def findings(self) -> set[tuple[str, str, str]]:
        """Account, code, path of each that an audit makes."""
        with self.client.derive(url_policy="cloud") as client:
            report = client.fleet_audit(self.data["document"])
        return {(row["name"], one["code"], one["path"]) for row in report["accounts"] for one in row["findings"]}


def _values(operation: str, arguments: list[Any]) -> Any:
    if not arguments or not isinstance(arguments[0], dict):
        return arguments
    given = arguments[0]
    names = {
        "multi_webhook_set": ("enabled", "destinations"), "multi_webhook_append": ("destinations",),
        "multi_webhook_update": ("name", "url", "headers"), "customer_webhook_set": ("url", "headers"),
        "waba_webhook_set": ("url", "headers"),
    }[operation]  # fmt: skip
    assert set(given) <= set(names), given
    return [given.get(name) for name in names]


def mends(state: State, command: str, found: list[Finding]) -> None:
    """Pastes an apply; the findings are gone, or, where no reading can tell, what one asks for was sent."""
    done = paste(state.program, command, YES)
    assert " applied" in done.text.split("[y/N]")[1], done.text
    left = state.findings()
    for one in found:
        if one.code == "headers_unverifiable":
            assert re.search(rf"^{one.account} +customer_webhook_set +applied", done.text, re.M), done.text
        else:
            assert one.place not in left


def shows(state: State, command: str, found: list[Finding]) -> list[Finding]:
    """Pastes a command that changes nothing; it shows the findings again, or of a URL what is wrong with it."""
    before = state.findings()
    text = paste(state.program, f"{command} --all" if " fleet " in command else command).text
    again = findings(text)
    for one in found:
        if one.verb == "validate":
            assert any(problem in one.message for problem in re.findall(r"^/url +(\S.*?) {2,}", text, re.M)), text
        else:
            assert one.place in {two.place for two in again}, text
    assert state.findings() == before
    return again


@pytest.mark.parametrize("case", CASES)
def test_the_command_beside_a_finding_mends_it_or_shows_it(case: str, tmp_path: Path) -> None:
    shown = State(tmp_path, case)
    found = findings(shown.program("fleet", "audit", "fleet.json", "--all").output)
    assert {one.place for one in found} == shown.findings()
    for number, command in enumerate(dict.fromkeys(one.command for one in found)):
        folder = tmp_path / str(number)
        folder.mkdir()
        state = State(folder, case)
        beside = [one for one in found if one.command == command]
        if beside[0].verb == "fleet apply":
            mends(state, command, beside)
            continue
        places = {one.place for one in beside}
        again = [one for one in shows(state, command, beside) if one.place in places and one.verb == "fleet apply"]
        for command in dict.fromkeys(one.command for one in again):
            mends(state, command, [one for one in again if one.command == command])


def test_every_finding_that_an_audit_can_make_is_in_these_reports(tmp_path: Path) -> None:
    made: set[str] = set()
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        made |= {code for _, code, _ in State(folder, case).findings()}
    # stale_plan, headers_cleared and probe_failed belong to plan, to apply and to a receiver; they have tests of their own.
    assert made == CODES - {"stale_plan", "headers_cleared"}


@pytest.mark.parametrize("case", ["override-all-allowed", "override-all-refused", "waba-webhook-disagreed"])
def test_where_apply_would_refuse_the_command_shows_why(case: str, tmp_path: Path) -> None:
    run = State(tmp_path, case).program
    audited = run("fleet", "audit", "fleet.json", "--all").output
    found = [one for one in findings(audited) if one.code.startswith("waba_webhook_m")]
    assert found
    for one in found:
        assert one.command == f"d360-webhook {one.verb} fleet.json"
        shown = paste(run, f"{one.command} --all").text
        assert re.search(rf"^{one.account}: .* \(D360_INVALID_REQUEST at /waba_webhook", shown, re.M)


def test_an_account_that_is_not_the_expected_one_is_looked_at_not_written_to(tmp_path: Path) -> None:
    state = State(tmp_path, "wrong-waba")
    state.data["document"]["accounts"][0]["customer_webhook"]["headers"] = {"Authorization": "Bearer s3cret"}
    state.program.file("fleet.json", json.dumps(state.data["document"]))
    found = findings(state.program("fleet", "audit", "fleet.json", "--all").output)
    assert {"wrong_waba", "customer_webhook_mismatch", "headers_unverifiable"} <= {one.code for one in found}
    for one in found:
        assert one.verb == "fleet audit"
        shows(state, one.command, [one])


def test_allowing_unlisted_numbers_is_repeated(tmp_path: Path) -> None:
    state = State(tmp_path, "override-all-allowed")
    for account in state.data["document"]["accounts"]:
        account["customer_webhook"] = None  # what is removed is not to be given back
    state.program.file("fleet.json", json.dumps(state.data["document"]))
    planned = findings(state.program("fleet", "plan", "fleet.json", "--allow-unlisted", "--all").output)
    (one,) = (one for one in planned if one.code == "waba_webhook_missing")
    assert one.command == "d360-webhook fleet apply fleet.json --allow-unlisted"
    mends(state, one.command, [one])


def test_a_stale_plan_is_made_anew(tmp_path: Path) -> None:
    state = State(tmp_path, "customer-webhook-mismatch")
    run = state.program
    assert run("fleet", "plan", "fleet.json", "--out", "fleet.plan").status == 2
    state.client.customer_webhook_set("key-berlin", "https://other.example.com/")
    refused = findings(run("fleet", "apply", "fleet.json", "--plan", "fleet.plan", "--yes", "--all").output)
    (stale,) = (one for one in refused if one.code == "stale_plan")
    assert stale.command == "d360-webhook fleet plan fleet.json --out fleet.plan"
    assert paste(run, stale.command).status == 2
    assert run("fleet", "apply", "fleet.json", "--plan", "fleet.plan", "--yes").status == 0
    assert state.findings() == set()


@pytest.fixture
def receiver() -> Iterator[Server]:
    """Refuses every event."""
    server = Server(lambda _: Answer(403, b"", []), lambda _: None)
    yield server
    server.close()


def test_a_probe_is_repeated_as_it_was_sent(tmp_path: Path, receiver: Server) -> None:
    run = State(tmp_path, "no-route").program
    url = f"http://127.0.0.1:{receiver.port}/crm"
    account = {"name": "berlin", "api_key": "key-berlin", "customer_webhook": {"url": url}}
    run.file("fleet.json", json.dumps({"accounts": [account]}))
    secret = ["--probe-secret-file", run.file("platform secret", "platform\n")]
    found = findings(run("--url-policy", "local", "fleet", "audit", "fleet.json", "--probe", *secret, "--all").output)
    assert [one.code for one in found] == ["no_route", "customer_webhook_missing", "probe_failed"]
    for one in found:
        sent = len(receiver.record.requests)
        assert "403" in paste(run, one.command).text
        (probe,) = receiver.record.requests[sent:]
        assert probe.fields["x-360dialog-signature"] == receiver.record.requests[0].fields["x-360dialog-signature"]


@pytest.mark.parametrize("url", ["https://user:pass@hooks.example.com/", "https://hooks.example.com/#part"])
def test_what_is_wrong_with_a_part_of_a_url_that_is_not_shown_is_shown_by_an_audit(url: str, remote: Program, peer: Peer) -> None:
    answer = faults.status(200, json.dumps({"url": url}).encode(), [("Content-Type", "application/json")])
    peer.script.when(lambda request: request.target == "/v1/configs/webhook", answer)
    remote.file("fleet.json", json.dumps({"accounts": [{"name": "berlin", "api_key": KEY}]}))
    (one,) = findings(remote("fleet", "audit", "fleet.json", "--all").output)
    assert (one.code, one.verb) == ("url_policy", "fleet audit")
    assert one.message in paste(remote, one.command).text


def test_the_commands_of_an_export_run_too(tmp_path: Path) -> None:
    state = State(tmp_path, "url-policy")
    state.program.file("keys.csv", "name,api_key\nberlin,key-berlin\nnobody,key-nobody\n")
    outputs = ("--out", "out.yaml", "--secrets-out", "out.secrets")
    found = findings(state.program("fleet", "export", "keys.csv", *outputs, "--all").output)
    assert {one.code for one in found} == {"url_policy", "unauthorized"}
    for one in found:
        text = paste(state.program, one.command).text
        assert one.message in text or (one.verb == "validate" and "/url" in text)


def test_a_document_from_standard_input_is_a_file_to_fill_in(tmp_path: Path) -> None:
    state = State(tmp_path, "no-route")
    told = state.program("fleet", "audit", "-", input=json.dumps(state.data["document"]).encode()).output
    assert {" fleet audit FILE --only " in one.command for one in findings(told)} == {True}
