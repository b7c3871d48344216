"""Holds a report of a fleet call to itself: totals, categories, progress, and the agreement of its members."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

CATEGORIES = ("in_sync", "changed", "failed", "unknown", "skipped")
Row = dict[str, Any]


def whole(
    function: str,
    document: dict[str, Any],
    report: dict[str, Any],
    events: list[dict[str, Any]],
    is_cut: bool = False,
    only: list[str] | None = None,
) -> Iterator[str]:
    """Rules that a report or its progress breaks. `function` is plan, apply or audit; a call that was cancelled is cut."""
    rows, summary = report["accounts"], report["summary"]
    if [row["name"] for row in rows] != [
        account["name"] for account in document["accounts"] if only is None or account["name"] in only
    ]:
        yield "rows are not the document's accounts in its order"
        return
    counted = Counter(categories(document, rows)) if function == "apply" else _looked(rows)
    for one in CATEGORIES:
        if summary[one] != counted[one]:
            yield f"summary.{one} is not the number of such rows"
    if summary["accounts"] != len(rows):
        yield "summary.accounts is not the number of rows"
    if summary["operations"] != sum(action["status"] != "planned" for row in rows for action in row["actions"]):
        yield "summary.operations is not the number of actions begun"
    severities = Counter(finding["severity"] for row in rows for finding in row["findings"])
    if any(summary["findings"][severity] != severities[severity] for severity in ("error", "warning", "info")):
        yield "summary.findings are not those of the rows"
    if summary["losing_events"] != sum(bool(row["losing_events"]) for row in rows):
        yield "summary.losing_events is not the number of such rows"
    for row in rows:
        yield from _row(function, row, is_cut)
    yield from _progress(rows, events)


def _looked(rows: list[Row]) -> Counter[str]:
    """Of a call that writes nothing, a row counts by its status, and besides if it is in sync."""
    skipped = sum(row["status"] == "D360_CANCELLED" or _is_stale(row) for row in rows)
    failed = sum(row["status"] != "D360_OK" for row in rows) - skipped
    return Counter(in_sync=sum(row["in_sync"] for row in rows), failed=failed, skipped=skipped)


def categories(document: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    """Of each row of an apply."""
    changed = {row["waba_id"] for row in rows if ("waba_webhook_set", "D360_OK") in _statuses(row)}
    accounts = {account["name"]: account for account in document["accounts"]}
    for account, row in ((accounts[row["name"]], row) for row in rows):
        shares = "waba_webhook" in account and row["waba_id"] in changed
        yield category(row, shares=shares)


def category(row: Row, *, shares: bool) -> str:
    """`shares`: it asks for its WABA's webhook, which this call has set."""
    outcomes = [action.get("outcome") for action in row["actions"]] + [(row["error"] or {}).get("outcome")]
    if "unknown" in outcomes:
        return "unknown"
    if row["status"] == "D360_OK":
        return "changed" if row["actions"] or shares or not row["in_sync"] else "in_sync"
    if row["status"] == "D360_CANCELLED":
        is_done = row["actions"] and all(action["status"] == "D360_OK" for action in row["actions"])
        return "changed" if is_done else "skipped"
    return "skipped" if _is_stale(row) else "failed"


def _is_stale(row: Row) -> bool:
    return any(one["code"] == "stale_plan" for one in row["findings"])


def _statuses(row: Row) -> list[tuple[str, str]]:
    return [(action["operation"], action["status"]) for action in row["actions"]]


def _row(function: str, row: Row, is_cut: bool) -> Iterator[str]:
    error = row["error"] or {}
    if (row["status"] == "D360_OK") != (row["error"] is None) or error.get("status", row["status"]) != row["status"]:
        yield "a row's status and its error disagree"
    # An account that a cancelled apply did not finish has what was read of it, and no findings.
    is_judged = row["losing_events"] is not None and not (is_cut and function == "apply" and not row["findings"])
    if is_judged and row["losing_events"] != any(one["code"] == "no_route" for one in row["findings"]):
        yield "losing_events is not the finding no_route"
    if (row["losing_events"] is None and row["digest"]) or (not is_cut and _lacks_digest(row)):
        yield "of losing_events and digest one is null"
    begun = [action for action in row["actions"] if action["status"] != "planned"]
    if row["actions"][: len(begun)] != begun or any("outcome" not in action for action in begun):
        yield "an action that was begun follows one that was not, or has no outcome"
    if any("outcome" in action for action in row["actions"][len(begun) :]) or (begun and function != "apply"):
        yield "an action that was not begun has an outcome"
    failed = [action for action in begun if action["status"] != "D360_OK"]
    if any((action["outcome"] == "applied") < (action["status"] == "D360_OK") for action in begun):
        yield "an action is D360_OK and not applied"
    if failed and row["status"] == "D360_OK":
        yield "a row is D360_OK though one of its actions is not"
    if failed and failed[0]["status"] not in (row["status"], "D360_TIMEOUT", "D360_CANCELLED"):
        yield "a row has not the status of its first failed action"


def _lacks_digest(row: Row) -> bool:
    """A call that was cancelled before it had a plan has none, nor has an apply that was cancelled after a write."""
    return row["losing_events"] is not None and row["digest"] is None


def _progress(rows: list[Row], events: list[dict[str, Any]]) -> Iterator[str]:
    if [event["done"] for event in events] != list(range(1, len(events) + 1)):
        yield "progress: done does not rise by one"
    if sorted(event["name"] for event in events) != sorted(row["name"] for row in rows):
        yield "progress: not every account has one event"
    by_name = {row["name"]: row for row in rows}
    for event in events:
        row = by_name[event["name"]]
        if event["status"] != row["status"]:
            yield "progress: the status of an event is not its row's"
        if event["actions"] != len(row["actions"]):
            yield "progress: the actions of an event are not its row's"
