"""fleet check, fleet schema, docs/fleet-document.md: one contract for documents and reports, kept by the library."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest
from Fleet.reports import CASES, load
from support.documents import blocks
from support.reader import Reader

import d360webhook
from d360webhook import Client, InvalidRequest

from .guide import TOP
from .program import Program

PAGE = TOP / "docs" / "fleet-document.md"
CLI = Path(d360webhook.__file__).parent / "cli"
DOCUMENT_SCHEMA = json.loads((CLI / "fleet.schema.json").read_text())
REPORT_SCHEMA = json.loads((CLI / "report.schema.json").read_text())


def is_valid(schema: Any, value: object) -> bool:
    return not list(jsonschema.Draft7Validator(schema).iter_errors(value))


def test_every_command_of_the_page_prints_what_stands_below_it(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks(PAGE.read_text()):
        if block.language == "yaml":
            (tmp_path / "fleet.yaml").write_text(block.text)
        for command, output in block.commands if block.language == "console" else ():
            assert reader.type(command).rstrip("\n") == output.rstrip("\n"), command


def test_the_page_lists_every_member_of_the_schema() -> None:
    page = PAGE.read_text()

    def members(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(members, schema))
        if not isinstance(schema, dict):
            return set()
        return set(schema.get("properties", ())).union(*map(members, schema.values()))

    for member in members(DOCUMENT_SCHEMA):
        assert f"| `{member}` |" in page, member


def test_schema_prints_the_schemas(tmp_path: Path) -> None:
    run = Program(tmp_path, None, None)
    assert run("fleet", "schema").json == DOCUMENT_SCHEMA
    assert run("fleet", "schema", "--report").json == REPORT_SCHEMA


@pytest.mark.parametrize("schema", [DOCUMENT_SCHEMA, REPORT_SCHEMA], ids=["document", "report"])
def test_a_schema_is_one(schema: Any) -> None:
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("case", CASES)
def test_documents_and_reports_of_the_tests_fit_the_schemas(case: str, tmp_path: Path) -> None:
    data = load(case)
    assert is_valid(DOCUMENT_SCHEMA, data["document"])
    jsonschema.validate(data["report"], REPORT_SCHEMA, jsonschema.Draft7Validator)
    run = Program(tmp_path, None, None)
    run.file("fleet.json", json.dumps(data["document"]))
    assert run("fleet", "check", "fleet.json").status == 0


A = {"name": "a", "api_key": "k"}
URL = "https://a.example.com/"
X = {"x": {"url": URL}}
WRONG = [
    [], {}, {"accounts": {}}, {"accounts": [5]}, {"accounts": [{"name": "a"}]}, {"accounts": [{"api_key": "k"}]},
    {"accounts": [{**A, "colour": "red"}]}, {"accounts": [A], "colour": "red"}, {"accounts": [{**A, "name": 5}]},
    {"accounts": [{**A, "expect": {"number": 49}}]}, {"accounts": [{**A, "expect": {"waba_id": "5"}}]},
    {"accounts": [{**A, "expect": {"waba_id": 0}}]}, {"accounts": [{**A, "customer_webhook": {}}]},
    {"accounts": [{**A, "customer_webhook": {"url": URL, "use": "x"}}], "webhooks": X},
    {"accounts": [{**A, "customer_webhook": {"use": "x", "headers": {}}}], "webhooks": X},
    {"accounts": [{**A, "waba_webhook": None}]}, {"accounts": [{**A, "waba_webhook": {"url": URL, "override_all": 1}}]},
    {"accounts": [{**A, "multi_webhook": None}]}, {"accounts": [{**A, "multi_webhook": {"enabled": False, "prune": True}}]},
    {"accounts": [{**A, "multi_webhook": {"enabled": False, "destinations": []}}]},
    {"accounts": [{**A, "multi_webhook": {"destinations": [{"url": "https://a.example.com/"}]}}]},
    {"accounts": [{**A, "multi_webhook": {"destinations": [{"name": "x"}]}}]},
    {"accounts": [{**A, "customer_webhook": {"url": "https://a.example.com/", "headers": {"A": 5}}}]},
    {"accounts": [], "webhooks": {"x": {"use": "y"}}}, {"accounts": [], "webhooks": {"x": {"headers": {}}}},
    {"accounts": [], "profiles": {"x": {"name": "a"}}}, {"accounts": [], "profiles": {"x": {"multi_webhook": 5}}},
]  # fmt: skip


@pytest.mark.parametrize("document", WRONG, ids=json.dumps)
def test_what_breaks_the_schema_is_refused_by_the_library_and_by_check(document: Any, tmp_path: Path) -> None:
    assert not is_valid(DOCUMENT_SCHEMA, document)
    if isinstance(document, dict):
        with Client("sqlite::memory:") as client, pytest.raises(InvalidRequest):
            client.fleet_plan(document)  # type: ignore[arg-type]
    run = Program(tmp_path, None, None)
    run.file("fleet.json", json.dumps(document))
    done = run("fleet", "check", "fleet.json")
    assert (done.status, done.output, len(done.errors.splitlines())) == (65, "", 1)
    assert done.errors.startswith("d360-webhook: fleet.json")


TYPES: dict[type, Any] = {
    d360webhook.FleetDocument: DOCUMENT_SCHEMA,
    d360webhook.FleetAccount: DOCUMENT_SCHEMA["properties"]["accounts"]["items"],
    d360webhook.FleetSections: DOCUMENT_SCHEMA["properties"]["profiles"]["additionalProperties"],
    d360webhook.FleetExpectation: DOCUMENT_SCHEMA["properties"]["accounts"]["items"]["properties"]["expect"],
    d360webhook.FleetWebhook: DOCUMENT_SCHEMA["definitions"]["webhook"],
    d360webhook.UsedWebhook: DOCUMENT_SCHEMA["definitions"]["customer_webhook"]["anyOf"][1],
    d360webhook.FleetWABAWebhook: DOCUMENT_SCHEMA["definitions"]["waba_webhook"],
    d360webhook.FleetMultiWebhook: DOCUMENT_SCHEMA["definitions"]["multi_webhook"],
    d360webhook.FleetDestination: DOCUMENT_SCHEMA["definitions"]["multi_webhook"]["properties"]["destinations"]["items"],
    d360webhook.FleetReport: REPORT_SCHEMA,
    d360webhook.FleetSummary: REPORT_SCHEMA["properties"]["summary"],
    d360webhook.FleetRow: REPORT_SCHEMA["properties"]["accounts"]["items"],
    d360webhook.FleetAction: REPORT_SCHEMA["definitions"]["action"],
    d360webhook.FleetChange: REPORT_SCHEMA["definitions"]["action"]["properties"]["changes"]["items"],
    d360webhook.Finding: REPORT_SCHEMA["definitions"]["finding"],
    d360webhook.FindingCounts: REPORT_SCHEMA["properties"]["summary"]["properties"]["findings"],
}


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_the_types_of_python_have_the_members_of_the_schema(kind: Any) -> None:
    assert set(get_type_hints(kind)) == set(TYPES[kind]["properties"])
    required = set(TYPES[kind].get("required", ()))
    assert kind.__required_keys__ == required or kind is d360webhook.FleetChange


def test_the_findings_of_python_are_those_of_the_schema() -> None:
    found = REPORT_SCHEMA["definitions"]["finding"]["properties"]
    assert list(get_args(d360webhook.FindingCode)) == found["code"]["enum"]
    assert list(get_args(d360webhook.Severity)) == found["severity"]["enum"]


PLACES = [
    ("expect: {number: +4930123}", ":4: account berlin: number must be a string: quote it (at /accounts/0/expect/number)"),
    ("expect:\n    waba_id: 5\n    number: 0047", ":6: account berlin: number must be a string: quote it"),
    ("customer_webhook: {url: 'http://a.example.com/'}", ":4: account berlin: url must begin with https://"),
    ("colour: red", ":4: account berlin: "),
    ("<<: *base", ":2: "),
]


@pytest.mark.parametrize(("member", "said"), PLACES)
@pytest.mark.parametrize("command", ["check", "plan", "apply", "audit"])
def test_an_error_in_a_document_names_file_line_account_and_cause(run: Program, member: str, said: str, command: str) -> None:
    text = f"accounts:\n- name: berlin\n  api_key: k\n  {member}\n"
    if "*base" in member:
        text = "accounts:\n- &base {name: berlin, api_key: k, colour: red}\n- {<<: *base, name: munich}\n"
        said = ":2: account berlin: "
    run.file("fleet.yaml", text)
    done = run("fleet", command, "fleet.yaml", *(["--yes"] if command == "apply" else []))
    assert (done.status, done.output, len(done.errors.splitlines())) == (65, "", 1)
    assert done.errors.startswith(f"d360-webhook: fleet.yaml{said}"), done.errors
    error = run("--json", "fleet", "check", "fleet.yaml").error
    assert (error["status"], error["file"], error["line"]) == ("D360_INVALID_REQUEST", "fleet.yaml", int(said.split(":")[1]))


def test_a_line_is_found_in_json_too(run: Program) -> None:
    text = json.dumps({"accounts": [{"name": "a", "api_key": "k", "expect": {"number": 5}}]}, indent="\t")
    run.file("fleet.json", text)
    assert run("fleet", "check", "fleet.json").errors.startswith("d360-webhook: fleet.json:7: account a: number must be a string")


def test_check_needs_secrets_only_if_they_are_given(run: Program) -> None:
    webhook = {"url": "${URL}", "headers": {"Authorization": "Bearer ${TOKEN}"}}
    accounts = [{"name": name, "api_key": f"${{{name}}}", "customer_webhook": webhook} for name in ("A_KEY", "B_KEY")]
    run.file("fleet.json", json.dumps({"accounts": accounts}))
    done = run("fleet", "check", "fleet.json", A_KEY="a")
    assert (done.status, done.errors) == (0, "")
    assert done.output.splitlines()[1] == "Not checked, because they are not set: B_KEY, TOKEN, URL."
    assert run("--json", "fleet", "check", "fleet.json").json == {
        "valid": True, "accounts": 2, "not_set": ["A_KEY", "B_KEY", "TOKEN", "URL"],
    }  # fmt: skip
    run.file("s", "URL=http://a.example.com/\nTOKEN=t\nA_KEY=same\n")
    missing = run("fleet", "check", "fleet.json", "--secrets", "s")
    assert (missing.status, "${B_KEY} is not set in the environment or in s" in missing.errors) == (65, True)
    wrong = run("fleet", "check", "fleet.json", "--secrets", "s", B_KEY="b")
    assert (wrong.status, "url must begin with https://" in wrong.errors) == (65, True)
    assert run("--url-policy", "local", "fleet", "check", "fleet.json", "--secrets", "s", B_KEY="b").status == 0
    assert "same" not in run("fleet", "check", "fleet.json", "--secrets", "s", B_KEY="same").errors
