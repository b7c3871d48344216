"""docs/findings: a page for each finding, whose commands run and do what the page says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from Fleet.reports import CODES
from support.documents import sections

from d360webhook import Client

from .guide import GUIDE, KEYS, SECRETS, TOP, guide_document, register, set_up
from .program import Program
from .shell import YES, paste

PAGES = {path.stem: path for path in (TOP / "docs" / "findings").glob("*.md")}
OLD = {"name": "old", "url": "https://old.example.com/events"}
PORT = "https://hooks.example.com:3000/munich"
# After the commands of these an audit finds nothing; those of the others show the finding.
MENDED = {
    "no_route", "customer_webhook_missing", "customer_webhook_mismatch", "waba_webhook_missing", "waba_webhook_mismatch",
    "multi_webhook_disabled", "multi_webhook_enabled", "destination_missing", "destination_mismatch", "destination_unexpected",
    "url_policy", "stale_plan",
}  # fmt: skip
NEVER_SET = {"no_route": "waba_webhook", "waba_webhook_missing": "waba_webhook", "customer_webhook_missing": "customer_webhook"}

FAULTS: dict[str, Callable[[Client], object]] = {
    "headers_cleared": lambda client: client.customer_webhook_set("key-1", OLD["url"]),
    "customer_webhook_mismatch": lambda client: client.customer_webhook_set("key-1", OLD["url"]),
    "waba_webhook_mismatch": lambda client: client.waba_webhook_set("key-3", OLD["url"]),
    "waba_webhook_shadowed": lambda client: client.customer_webhook_set("key-2", OLD["url"]),
    "multi_webhook_disabled": lambda client: client.multi_webhook_set("key-2", False),
    "destination_missing": lambda client: client.multi_webhook_delete("key-2", "crm"),
    "destination_mismatch": lambda client: client.multi_webhook_update("key-2", "crm", OLD["url"]),
    "destination_unexpected": lambda client: client.multi_webhook_append("key-2", [OLD]),
    "wrong_waba": lambda client: register(client, "berlin", "+4930123456", 7009),
    "number_not_on_waba": lambda client: register(client, "berlin", "+4930999999", 7001),
    "number_unmanaged": lambda client: register(client, "graz", "+43316123456", 7001, "key-4"),
    "url_policy": lambda client: client.customer_webhook_set("key-2", PORT),
    "unauthorized": lambda client: register(client, "berlin", "+4930123456", 7001, "key-new"),
}

WANTED: dict[str, tuple[str, dict[str, Any]]] = {
    "waba_webhook_shadowed": ("munich", {"customer_webhook": None}),
    "multi_webhook_enabled": ("munich", {"multi_webhook": {"enabled": False}}),
    "headers_unverifiable": (
        "berlin", {"customer_webhook": {"url": "https://hooks.example.com/berlin", "headers": {"Authorization": "Bearer t0ken"}}}
    ),
    "header_name": ("berlin", {"customer_webhook": {"url": "https://hooks.example.com/berlin", "headers": {"X_Token": "t0ken"}}}),
    # Nothing listens there.
    "probe_failed": ("munich", {"waba_webhook": {"url": "http://127.0.0.1:9/"}, "multi_webhook": {"enabled": True}}),
}  # fmt: skip


def reading(folder: Path, code: str) -> Program:
    """The guide's fleet with this fault, and the files that the commands name."""
    service = f"sqlite:{folder / 'webhooks.db'}"
    program = Program(folder, service, None)
    with Client(service, url_policy="local") as client:
        set_up(client, NEVER_SET.get(code, ""))
        FAULTS.get(code, lambda _: None)(client)
    document = yaml.safe_load(guide_document())
    name, more = WANTED.get(code, ("berlin", {}))
    (account,) = (account for account in document["accounts"] if account["name"] == name)
    account.update(more)
    program.file("fleet.yaml", yaml.safe_dump(document))
    program.file("fleet.secrets", SECRETS)
    for name, key in KEYS.items():
        program.file(f"{name}.key", key)
    if code == "stale_plan":
        assert program("fleet", "plan", "fleet.yaml", "--secrets", "fleet.secrets", "--out", "fleet.plan").status == 0
        with Client(service) as client:
            client.customer_webhook_set("key-1", OLD["url"])
    return program


def audit(program: Program, code: str = "") -> set[str]:
    """The codes that are found now; a stale plan is found by the apply of it."""
    if code == "stale_plan":
        call = ["apply", "fleet.yaml", "--plan", "fleet.plan", "--yes"]
    elif code == "headers_cleared":
        call = ["plan", "fleet.yaml"]
    elif code == "probe_failed":
        call = ["audit", "fleet.yaml", "--probe", "--only", "munich"]
    else:
        call = ["audit", "fleet.yaml"]
    policy = ["--url-policy", "local"] if code == "probe_failed" else []
    report = program(*policy, "--json", "fleet", *call, "--secrets", "fleet.secrets").json
    return {finding["code"] for row in report["accounts"] for finding in row["findings"]}


def test_there_is_a_page_and_a_line_of_the_index_for_every_finding() -> None:
    (source,) = (TOP / "Sources" / "Fleet").rglob("Finding.swift")
    enumerated = re.findall(
        r"^        case (\w+)(?: = \"(\w+)\")?$", source.read_text().split("enum Code")[1].split("}")[0], re.M
    )
    codes = {raw or name for name, raw in enumerated}
    assert set(PAGES) == codes >= CODES
    index = re.findall(r"^\| \[`(\w+)`\]\(findings/(\w+)\.md\) \| (\w+) \|", GUIDE.read_text(), re.M)
    assert {name for name, _, _ in index} == codes and len(index) == len(codes)
    for name, file, severity in index:
        assert name == file
        assert PAGES[name].read_text().startswith(f"# {name}\n\nSeverity: {severity}. ")


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_says_what_it_means_how_it_comes_about_and_what_to_do(code: str, tmp_path: Path) -> None:
    page = sections(PAGES[code])
    assert list(page) == ["What it means for messages", "How it comes about", "What to do"]
    program = reading(tmp_path, code)
    assert code in audit(program, code)
    (console,) = page["What to do"]
    shown = ""
    for command, output in console.commands:
        assert output == ""
        if code == "probe_failed":
            command = command.replace("d360-webhook ", "d360-webhook --url-policy local ")
        done = paste(program, command, YES if " apply " in command else [])
        assert done.status in (0, 2), done.text
        shown += done.text
    if code in MENDED:
        assert audit(program) == set()
    else:
        assert re.search(rf"^\w+: {code} \(", shown, re.M), shown
