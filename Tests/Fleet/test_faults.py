"""Cut and slow answers, and changes that show late: what a report says is what the service holds."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from .disturbance import Disturbance
from .fleet import Fleet, counts, lines
from .mixed import mixed

SOAK = bool(os.environ.get("D360_SOAK"))
COUNT = 2_000 if SOAK else 200
VOICES = ["remote", "remote-vendor"]
CASES = [(voice, seed) for voice in VOICES for seed in range(1, 6)] if SOAK else [("remote", 1), ("remote-vendor", 2)]


def has(state: dict[str, Any], webhook: dict[str, Any] | None, section: str) -> bool:
    """Whether a number's own or its WABA's webhook is this one."""
    if webhook is None:
        return state[section] is None
    return state[section] == {"url": webhook["url"], "headers": webhook.get("headers", {})}


def has_destinations(state: dict[str, Any], wanted: dict[str, Any], names: list[str]) -> bool:
    """Whether these are there as the document says."""
    there = {one["name"]: {"headers": {}, **one} for one in state["multi"]["destinations"]}
    given = {one["name"]: {"headers": {}, **one} for one in wanted["destinations"]}
    return state["multi"]["enabled"] and all(there.get(name) == given[name] for name in names)


def is_there(action: dict[str, Any], state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether what an action asks for is what the service holds."""
    multi = wanted["multi_webhook"]
    match action["operation"]:
        case "customer_webhook_set":
            return has(state, wanted["customer_webhook"], "customer")
        case "waba_webhook_set":
            return has(state, wanted["waba_webhook"], "waba")
        case "multi_webhook_delete":
            return all(one["name"] not in action["destinations"] for one in state["multi"]["destinations"])
        case "multi_webhook_set" if not multi.get("enabled", True):
            return not state["multi"]["enabled"]
        case _:
            return has_destinations(state, multi, action["destinations"])


def is_as_wanted(state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """As far as apply can tell: it does not see the headers of a number's own webhook."""
    own, multi = wanted["customer_webhook"], wanted["multi_webhook"]
    if (state["customer"] or {}).get("url") != (own or {}).get("url") or not has(state, wanted["waba_webhook"], "waba"):
        return False
    if not multi.get("enabled", True):
        return not state["multi"]["enabled"]
    names = [one["name"] for one in multi["destinations"]]
    pruned = not multi.get("prune") or len(state["multi"]["destinations"]) == len(names)
    return pruned and has_destinations(state, multi, names)


def category(row: dict[str, Any], changed: set[int]) -> str:
    """As the contract says it, where these WABAs were changed."""
    outcomes = [action.get("outcome") for action in row["actions"]]
    if "unknown" in outcomes or (row["error"] or {}).get("outcome") == "unknown":
        return "unknown"
    if row["status"] != "D360_OK":
        return "failed"
    return "changed" if row["actions"] or row["waba_id"] in changed or not row["in_sync"] else "in_sync"


def check_row(row: dict[str, Any], state: dict[str, Any], wanted: dict[str, Any]) -> None:
    for action in row["actions"]:
        there = is_there(action, state, wanted)
        match action.get("outcome"):
            case "applied":
                assert action["status"] == "D360_OK" and there, (row, state)
            case "unknown":
                assert action["status"] != "D360_OK", row
            case outcome:
                assert (outcome is None) is (action["status"] == "planned"), row
                # One without changes is a webhook that override_all would take; it may be there still.
                assert not there or not action["changes"], (row, state)
    if row["status"] == "D360_OK":
        assert row["error"] is None and row["losing_events"] is False, row
        assert is_as_wanted(state, wanted), (row, state)
        assert all(action["status"] == "D360_OK" for action in row["actions"]), row
    else:
        assert row["error"]["status"] == row["status"], row


def check(fleet: Fleet, wanted: dict[str, Any], report: dict[str, Any]) -> None:
    """Row by row against what the service holds, and against an audit."""
    audit = fleet.audit(wanted)
    rows = report["accounts"]
    changed = {row["waba_id"] for row in rows if "waba_webhook_set D360_OK" in lines(row)}
    found = dict.fromkeys(["in_sync", "changed", "failed", "unknown", "skipped"], 0)
    for one, row, now in zip(wanted["accounts"], rows, audit["accounts"], strict=True):
        check_row(row, fleet.peer.service.state(one["api_key"]), one)
        ended = category(row, changed)
        found[ended] += 1
        # What was on its way when the account was read last may have come since.
        if row["losing_events"] is not None and ended != "unknown":
            assert (row["findings"], row["losing_events"]) == (now["findings"], now["losing_events"]), row
    summary = report["summary"]
    assert {name: summary[name] for name in found} == found
    begun = [action for row in report["accounts"] for action in row["actions"] if action["status"] != "planned"]
    assert summary["operations"] == len(begun)


@pytest.mark.parametrize(("voice", "seed"), CASES)
def test_what_a_report_says_is_what_the_service_holds(opened: Callable[..., Fleet], voice: str, seed: int) -> None:
    fleet = opened(voice, multi_apply_delay_ms=300, timeout_ms=1_500)
    wanted = mixed(fleet, COUNT)
    time.sleep(0.35)
    disturbance = Disturbance(seed, beyond=2.2)
    fleet.peer.script.when(lambda _: True, disturbance)
    report = fleet.apply(wanted)
    disturbance.end()
    time.sleep(0.35)
    check(fleet, wanted, report)
    assert disturbance.done["cut"] > COUNT / 20 and disturbance.done["slow"] > COUNT / 8
    assert report["summary"]["in_sync"] + report["summary"]["changed"] > 0.8 * COUNT

    mended = fleet.apply(wanted)
    assert set(counts(mended)) <= {"in_sync", "changed", "operations"}, counts(mended)
    fleet.peer.record.clear()
    assert counts(fleet.apply(wanted)) == {"in_sync": COUNT}
    assert not fleet.peer.record.writes
