"""What a report of a fleet call must be whatever happened, and what its rows may say after what the service did."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .fleets import is_webhook
from .journal import Sending
from .operations import WABA

CATEGORIES = ("in_sync", "changed", "failed", "unknown", "skipped")
METHODS = {
    "multi_webhook_set": "POST", "multi_webhook_append": "PUT", "multi_webhook_update": "PATCH", "multi_webhook_delete": "DELETE",
}  # fmt: skip


def whole(function: str, document: dict[str, Any], report: dict[str, Any], events: list[dict[str, Any]]) -> Iterator[str]:
    """Rules that any report and its progress break. `function` is plan, apply or audit."""
    rows, summary = report["accounts"], report["summary"]
    if [row["name"] for row in rows] != [account["name"] for account in document["accounts"]]:
        yield "rows are not the document's accounts in its order"
    if function == "apply":
        yield from _categories(rows, summary)
    begun = sum(action["status"] != "planned" for row in rows for action in row["actions"])
    if summary["operations"] != begun:
        yield "summary.operations is not the number of actions begun"
    severities = Counter(finding["severity"] for row in rows for finding in row["findings"])
    if any(summary["findings"][severity] != severities[severity] for severity in ("error", "warning", "info")):
        yield "summary.findings are not those of the rows"
    if summary["losing_events"] != sum(bool(row["losing_events"]) for row in rows):
        yield "summary.losing_events is not the number of such rows"
    for row in rows:
        if (row["status"] == "D360_OK") != (row["error"] is None) or (row["error"] or row)["status"] != row["status"]:
            yield "a row's status and its error disagree"
        if row["losing_events"] is not None and row["losing_events"] != any(one["code"] == "no_route" for one in row["findings"]):
            yield "losing_events is not the finding no_route"
    yield from _progress(rows, events)


def _categories(rows: list[dict[str, Any]], summary: dict[str, Any]) -> Iterator[str]:
    if sum(summary[one] for one in CATEGORIES) != len(rows):
        yield "an account is in no category of the summary, or in several"
    counted = Counter(map(_category, rows))
    for one in ("failed", "unknown", "skipped"):
        if summary[one] != counted[one]:
            yield f"summary.{one} is not the number of such rows"
    if summary["changed"] + summary["in_sync"] != counted["fine"]:
        yield "changed and in_sync together are not the rows that are D360_OK"


def _category(row: dict[str, Any]) -> str:
    outcomes = [action.get("outcome") for action in row["actions"]] + [(row["error"] or {}).get("outcome")]
    if "unknown" in outcomes:
        return "unknown"
    if row["status"] == "D360_CANCELLED" or any(one["code"] == "stale_plan" for one in row["findings"]):
        return "skipped"
    return "fine" if row["status"] == "D360_OK" else "failed"


def _progress(rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> Iterator[str]:
    if [event["done"] for event in events] != list(range(1, len(events) + 1)):
        yield "done does not rise by one"
    if sorted(event["name"] for event in events) != sorted(row["name"] for row in rows):
        yield "not every account has one progress event"
    by_name = {row["name"]: row for row in rows}
    for event in events:
        row = by_name[event["name"]]
        if event["status"] != row["status"]:
            yield "the status of a progress event is not its row's"
        if event["actions"] != len(row["actions"]):
            yield "the actions of a progress event are not its row's"


# Rows of apply against the truth


def actions(row: dict[str, Any], account: dict[str, Any], sendings: list[Sending], before: Any, after: Any) -> Iterator[str]:
    """What a row says of its actions. `sendings` are the call's; `before` and `after` are what the service held."""
    for action in row["actions"]:
        own = [one for one in sendings if one.key == account["api_key"] and _is_of(one, action)]
        applied = any(one.was_applied for one in own)
        name, outcome = action["operation"], action.get("outcome")
        if action["status"] == "planned" and own:
            yield f"{name}: planned though it was sent"
        if outcome == "not_applied" and applied:
            yield f"{name}: not_applied though it was applied, then or later ({action['status']})"
        if outcome == "applied" and not applied and (_has(action, account, before) or not _has(action, account, after)):
            yield f"{name}: applied though it was not ({action['status']})"
        if action["status"] == "D360_OK" and outcome != "applied":
            yield f"{name}: D360_OK with the outcome {outcome}"
    if row["status"] == "D360_OK" and any(action["status"] != "D360_OK" for action in row["actions"]):
        yield "a row is D360_OK though one of its actions is not"


def _is_of(sending: Sending, action: dict[str, Any]) -> bool:
    function, (method, target) = action["operation"], sending.line
    if function == "customer_webhook_set":
        return method == "POST" and target.endswith("/configs/webhook")
    if function == "waba_webhook_set":
        return method == "POST" and target == WABA
    if method != METHODS[function] or not target.startswith("/multi_webhook"):
        return False
    if function == "multi_webhook_update":
        return sending.body["name"] in action["destinations"]
    return True


def _has(action: dict[str, Any], account: dict[str, Any], state: dict[str, Any]) -> bool:
    """Whether the service held what an action asks for."""
    multi, wanted = state["multi"], account.get("multi_webhook", {})
    match action["operation"]:
        case "customer_webhook_set":
            return state["customer"] is not None and state["customer"]["url"] == account["customer_webhook"]["url"]
        case "waba_webhook_set":
            return is_webhook(account["waba_webhook"], state["waba"])
        case "multi_webhook_delete":
            return all(one["name"] not in action["destinations"] for one in multi["destinations"])
    given = {one["name"]: one for one in wanted.get("destinations", [])}
    there = {one["name"]: one for one in multi["destinations"]}
    are_there = all(is_webhook(given[name], there.get(name)) for name in action["destinations"])
    return multi["enabled"] == wanted.get("enabled", True) and are_there
