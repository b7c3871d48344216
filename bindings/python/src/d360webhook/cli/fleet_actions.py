# SPDX-License-Identifier: Apache-2.0
"""The actions of a fleet report, as rows of a table and as a sum."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from d360webhook.cli.fleet_groups import said
from d360webhook.cli.text import counted, listed

Row = Mapping[str, Any]
Action = Mapping[str, Any]


def listed_actions(rows: Sequence[Row], *, together: bool) -> list[tuple[str, ...]]:
    """The cells of each action; `together`: equal actions of several accounts are one."""
    groups: dict[object, tuple[list[str], list[tuple[str, ...]]]] = {}
    for row in rows:
        for place, action in enumerate(row["actions"]):
            cells = list(_cells(action))
            groups.setdefault(tuple(cells) if together else (row["name"], place), ([], cells))[0].append(row["name"])
    return [(listed(names), *cells) for names, several in groups.values() for cells in several]


def _cells(action: Action) -> Iterator[tuple[str, ...]]:
    status = action["status"] if action["status"] == "planned" else action.get("outcome", action["status"])
    first = (action["operation"], status)
    changes = action["changes"] or [{"path": ", ".join(action.get("destinations") or ()), "before": None, "after": None}]
    for change in changes:
        yield (*first, change["path"], *_sides(change))
        first = ("", "")
    for number in action.get("overrides") or ():
        yield ("", "", f"own webhook of {number}", "", "removed")


def _sides(change: Mapping[str, Any]) -> tuple[str, str]:
    if "added" in change or "removed" in change or "changed" in change:
        gone = [*(f"-{name}" for name in change.get("removed") or ()), *(f"~{name}" for name in change.get("changed") or ())]
        return ", ".join(gone), ", ".join(f"+{name}" for name in change.get("added") or ())
    query = " (another query)" if change.get("query_changed") else ""
    return said(change["before"]), said(change["after"]) + query


# In this order; the noun and what happens to it.
_SUMS = {
    "waba": ("WABA webhook", "to set"),
    "override": ("own webhook", "to remove"),
    "customer": ("customer webhook", "to set"),
    "on": ("multi-webhook", "to turn on"),
    "off": ("multi-webhook", "to turn off"),
    "append": ("destination", "to append"),
    "update": ("destination", "to update"),
    "delete": ("destination", "to delete"),
}


def sum_of(rows: Sequence[Row]) -> str:
    """The sum of a plan; empty if it has no actions."""
    found: Counter[str] = Counter()
    changed = 0
    for row in rows:
        # What is left of an account that failed is not done.
        planned = [action for action in row["actions"] if action["status"] == "planned" and row["error"] is None]
        changed += bool(planned)
        for action in planned:
            found.update(_counts(action))
    parts = [f"{counted(found[kind], noun)} {what}" for kind, (noun, what) in _SUMS.items() if found[kind]]
    return f"Plan: {', '.join(parts)}, in {counted(changed, 'account')}." if parts else ""


def _counts(action: Action) -> dict[str, int]:
    destinations = len(action.get("destinations") or ())
    match action["operation"]:
        case "waba_webhook_set":
            return {"waba": 1, "override": len(action.get("overrides") or ())}
        case "customer_webhook_set":
            return {"customer": 1}
        case "multi_webhook_set":
            is_off = any(change["path"].endswith("/enabled") and change.get("after") is False for change in action["changes"])
            return {"off" if is_off else "on": 1, "append": destinations}
        case operation:
            return {operation.removeprefix("multi_webhook_"): max(destinations, 1)}
