"""Fleet calls whose C libraries find no memory: what they report is true, row by row, and all goes on afterwards."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from Fleet.truth import check_row, has, is_there
from Peers.service import Peer

from .building import Program
from .databases import check_integrity
from .services import channels

Programs = Callable[[str], Program]

#: What a row may say.
ENDS = {"D360_OK", "D360_OUT_OF_MEMORY"}


def webhook(shown: dict[str, Any]) -> dict[str, Any] | None:
    return {"url": shown["url"], "headers": shown.get("headers", {})} if "url" in shown else None


def states(line: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each account of the document, and what the service held of it."""
    for account, (multi, customer, waba) in zip(line["document"]["accounts"], line["state"], strict=True):
        yield account, {"multi": multi, "customer": webhook(customer), "waba": webhook(waba)}


def is_touched(account: dict[str, Any], state: dict[str, Any]) -> bool:
    """Whether anything of the document is there: no two documents of the program have anything in common."""
    sections = ("customer_webhook", "customer"), ("waba_webhook", "waba")
    names = {one["name"] for one in state["multi"]["destinations"]}
    update = {"operation": "multi_webhook_update", "destinations": ["crm"]}
    return (
        any(has(state, account[section], shown) for section, shown in sections)
        or is_there(update, state, account) or account["multi_webhook"]["destinations"][1]["name"] in names
    )  # fmt: skip


def check(line: dict[str, Any]) -> None:
    answer = line["answer"]
    if line["status"] == "D360_OK":
        report = answer["report"] if line["call"] == "export" else answer
        assert {row["status"] for row in report["accounts"]} <= ENDS, line
        if line["call"] == "apply":
            for row, (account, state) in zip(report["accounts"], states(line), strict=True):
                check_row(row, state, account)
    elif answer is not None:
        outcome, touched = answer["error"]["outcome"], any(is_touched(*one) for one in states(line))
        if line["call"] == "apply":
            assert outcome in ("applied" if touched else "not_applied", "unknown"), line
        else:
            assert outcome == "not_applied", line


def check_output(printed: str, least: int) -> None:
    *lines, last = printed.splitlines()
    assert int(last.split()[0]) > least
    for line in lines:
        check(json.loads(line))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_any_allocation_of_sqlite_jansson_and_libcrypto_may_fail(
    program: Programs, database: Path, soak: bool, concurrency: int
) -> None:
    libraries = ["libsqlite3", "libjansson", "libcrypto"]
    stride = 1 if soak else 31
    printed = program("fleet_allocations").run(f"sqlite:{database}", "{}", concurrency, stride, *libraries, seconds=1200)
    check_output(printed, 1_000)
    check_integrity(database)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_any_allocation_of_libcurl_jansson_and_libcrypto_may_fail(program: Programs, soak: bool, concurrency: int) -> None:
    libraries = ["libcurl", "libjansson", "libcrypto"]
    stride = 1 if soak else 31
    with Peer(channels=channels(3)) as peer:
        printed = program("fleet_allocations").run(peer.url, "{}", concurrency, stride, *libraries, seconds=1200)
    check_output(printed, 1_000)


@pytest.mark.parametrize("kind", ["embedded", "remote"])
def test_a_report_that_finds_no_memory_leaves_what_was_done(program: Programs, database: Path, kind: str) -> None:
    with Peer(channels=channels(3)) as peer:
        url = peer.url if kind == "remote" else f"sqlite:{database}"
        (line,) = map(json.loads, program("fleet_allocations").run(url, "{}", 1, "text", seconds=60).splitlines())
    check(line)
    assert (line["status"], line["answer"]["error"]["outcome"]) == ("D360_OUT_OF_MEMORY", "applied")
