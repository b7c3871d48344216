"""Output for 300 numbers: groups, sums, a pager."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from d360webhook import Client

from .program import Program

SCREEN = 24
CRM = {"name": "crm", "url": "https://hooks.example.com/crm"}


def account(number: int, **sections: Any) -> dict[str, Any]:
    return {"name": f"n{number:03}", "api_key": f"key-{number}", **sections}


@pytest.fixture
def large(tmp_path: Path) -> Program:
    """300 numbers with the same three faults: no webhook of their own, multi-webhook off, a destination missing."""
    run = Program(tmp_path, f"sqlite:{tmp_path / 'webhooks.db'}", None)
    with Client(run.environment["D360_SERVICE"], url_policy="cloud") as client:
        for number in range(300):
            client.channel_register(str(number), 1 + number // 100, f"key-{number}", f"+49{number:05}")
        for first in (0, 100, 200):
            client.waba_webhook_set(f"key-{first}", "https://hooks.example.com/all")
    own = {"customer_webhook": {"url": "https://hooks.example.com/own"}, "multi_webhook": {"destinations": [CRM]}}
    run.file("fleet.json", json.dumps({"accounts": [account(number, **own) for number in range(300)]}))
    return run


@pytest.mark.parametrize("command", ["audit", "plan"])
def test_the_same_faults_of_300_numbers_fit_on_a_screen(large: Program, command: str) -> None:
    shown = large.terminal("fleet", command, "fleet.json", environment={"PAGER": "less"})  # less would wait for a key
    lines = re.sub(r"^.*ing ━.*$", "", shown.text, flags=re.M).strip().splitlines()
    assert shown.status == 2
    assert len(lines) < SCREEN, "\n".join(lines)
    assert lines[0].startswith("300 accounts, ")
    # A narrow table folds its cells.
    assert all(name in shown.text for name in ("n000", "n001", "n002", "297"))
    assert lines[-1] == "--all lists every account and finding."


def test_each_fault_of_many_has_one_sentence_and_one_command(large: Program) -> None:
    output = large("fleet", "audit", "fleet.json").output
    assert re.findall(r"^n000, n001, n002 and 297 more: (\w+) \(error\)", output, re.M) == [
        "customer_webhook_missing", "multi_webhook_disabled", "destination_missing",
    ]  # fmt: skip
    assert re.findall(r"^  run:      (.*)$", output, re.M) == ["d360-webhook fleet apply fleet.json"] * 3


def test_all_lists_every_number_and_finding(large: Program) -> None:
    output = large("fleet", "audit", "fleet.json", "--all").output
    for number in range(300):
        assert len(re.findall(rf"^n{number:03}: \w+ \(error\)", output, re.M)) == 3
    assert len(re.findall(r"^n\d+ +\d+ +differs", output, re.M)) == 300


def test_a_plan_lists_its_actions_and_ends_with_their_sum(large: Program) -> None:
    planned = large("fleet", "plan", "fleet.json")
    *_, total, hint = planned.output.splitlines()
    assert hint == "--all lists every account and finding."
    assert total == (
        "Plan: 300 customer webhooks to set, 300 multi-webhooks to turn on, 300 destinations to append, in 300 accounts."
    )
    assert planned.output.count("customer_webhook_set") == 1
    assert "customer_webhook_missing" not in planned.output  # its own action fixes it
    assert large("fleet", "plan", "fleet.json", "--all").output.count("customer_webhook_set") == 300
    few = large("fleet", "plan", "fleet.json", "--only", "n000", "--only", "n001")
    assert few.output.count("customer_webhook_set") == 2
    assert few.output.endswith(
        "Plan: 2 customer webhooks to set, 2 multi-webhooks to turn on, 2 destinations to append, in 2 accounts.\n"
    )


def test_findings_that_differ_in_little_are_put_together(large: Program) -> None:
    with Client(large.environment["D360_SERVICE"]) as client:
        for number in range(300):
            client.customer_webhook_set(f"key-{number}", f"https://old-{number}.example.com/")
    output = large("fleet", "audit", "fleet.json").output
    assert len(output.splitlines()) < SCREEN
    assert "  expected: https://hooks.example.com/own; actual: 300 different values\n" in output


def test_a_plan_keeps_findings_that_its_actions_do_not_fix(large: Program) -> None:
    wrong = [account(0, expect={"waba_id": 9}, customer_webhook={"url": "https://hooks.example.com/own"}), account(1)]
    large.file("fleet.json", json.dumps({"accounts": wrong}))
    output = large("fleet", "plan", "fleet.json").output
    assert re.search(r"^n000: wrong_waba \(error\)", output, re.M)
    assert "Plan:" not in output


PAGER = '#!/bin/sh\necho "LESS=$LESS" > paged\nexec cat >> paged\n'


def test_long_output_at_a_terminal_goes_through_the_pager(large: Program) -> None:
    pager = large.file("pager", PAGER)
    os.chmod(pager, 0o755)
    shown = large.terminal("fleet", "audit", "fleet.json", "--all", environment={"PAGER": pager})
    assert shown.status == 2
    first, *rest = (large.folder / "paged").read_text().splitlines()
    assert first == "LESS=FRX" and len(rest) > 900
    assert "n299: destination_missing" not in shown.text
    (large.folder / "paged").unlink()
    for short in (("fleet", "schema", "--help"), ("validate", CRM["url"])):
        large.terminal(*short, environment={"PAGER": pager})
    assert large("fleet", "audit", "fleet.json", "--all", PAGER=pager).status == 2
    assert not (large.folder / "paged").exists()


@pytest.mark.parametrize("pager", ["", "no-such-pager"])
def test_without_a_pager_everything_is_printed(large: Program, pager: str) -> None:
    shown = large.terminal("fleet", "audit", "fleet.json", "--all", environment={"PAGER": pager})
    assert "n299: destination_missing" in shown.text
