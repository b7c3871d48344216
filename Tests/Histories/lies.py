"""Falsehoods that the checker has to notice, each in the shape that the library would give it."""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from .calls import Call
from .checking import CODES, PASSING, is_applied
from .operations import Operation
from .reports import CATEGORIES, categories

Report = dict[str, Any]
Row = dict[str, Any]

# Of one call: the changed call, or None where there is nothing to lie about


def _failed(call: Call, status: str, outcome: str) -> Call:
    members = {"status": status, "code": CODES[status], "message": "no", "retryable": status in PASSING, "outcome": outcome}
    text = json.dumps({"error": {**members, "attempts": len(call.sent)}})
    return dataclasses.replace(call, status=status, text=text)


def _with(call: Call, **members: Any) -> Call:
    return dataclasses.replace(call, text=json.dumps({"error": {**call.error, **members}}))


def _is_failed_write(call: Call) -> bool:
    return call.status not in ("D360_OK", "D360_CANCELLED") and not call.operation.is_reading and bool(call.sent)


def done_is_not_applied(call: Call) -> Call | None:
    is_done = call.status == "D360_OK" and any(one.was_applied for one in call.sent)
    return _failed(call, "D360_SERVICE_ERROR", "not_applied") if is_done else None


def done_is_unknown(call: Call) -> Call | None:
    is_done = call.status == "D360_OK" and bool(call.sent) and call.sent[-1].kind == "done" and not call.operation.is_reading
    return _failed(call, "D360_OUTCOME_UNKNOWN", "unknown") if is_done else None


def failed_is_done(call: Call) -> Call | None:
    if not _is_failed_write(call) or is_applied(call):
        return None
    return dataclasses.replace(call, status="D360_OK", text='{"message":"Operation started successfully"}')


def failed_is_applied(call: Call) -> Call | None:
    return _with(call, outcome="applied") if _is_failed_write(call) and not is_applied(call) else None


def rejected_is_unknown(call: Call) -> Call | None:
    is_rejected = _is_failed_write(call) and all(one.kind == "rejected" for one in call.sent) and not call.is_cancelled
    return _with(call, outcome="unknown") if is_rejected else None


def lost_is_not_applied(call: Call) -> Call | None:
    is_lost = _is_failed_write(call) and any(one.kind == "lost" for one in call.sent)
    return _failed(call, "D360_SERVICE_ERROR", "not_applied") if is_lost else None


def another_status(call: Call) -> Call | None:
    if call.status == "D360_OK" or not call.sent or any(one.code in (401, 403) for one in call.sendings):
        return None
    changed = _with(call, status="D360_UNAUTHORIZED", code=4, retryable=False, http_status=call.sent[-1].code or 401)
    return dataclasses.replace(changed, status="D360_UNAUTHORIZED")


def one_attempt_more(call: Call) -> Call | None:
    is_sure = (
        call.status not in ("D360_OK", "D360_CANCELLED") and all(one.code for one in call.sendings) and not call.is_cancelled
    )
    is_sure = is_sure and call.operation.function != "waba_webhook_wait"
    return _with(call, attempts=call.error["attempts"] + 1) if is_sure else None


def retryable_or_not(call: Call) -> Call | None:
    return _with(call, retryable=not call.error["retryable"]) if call.status != "D360_OK" else None


def another_code(call: Call) -> Call | None:
    return _with(call, http_status=499) if call.status != "D360_OK" else None


def a_secret(call: Call) -> Call | None:
    return _with(call, message=f"no: {call.key}") if call.status != "D360_OK" and call.key != "nobody" else None


def another_reading(call: Call) -> Call | None:
    is_reading = call.status == "D360_OK" and isinstance(call.operation, Operation) and call.operation.is_reading
    return dataclasses.replace(call, text='{"url":"https://hooks.example.com/other"}') if is_reading else None


CALLS: list[Callable[[Call], Call | None]] = [
    done_is_not_applied, done_is_unknown, failed_is_done, failed_is_applied, rejected_is_unknown, lost_is_not_applied,
    another_status, one_attempt_more, retryable_or_not, another_code, a_secret, another_reading,
]  # fmt: skip

# Of a report: each changes one row, and returns True if it did; `agree` then corrects the totals


def _end(row: Row, status: str, outcome: str) -> None:
    row["status"], row["error"] = status, {"status": status, "outcome": outcome}


def _last(report: Report, is_it: Callable[[Row, dict[str, Any]], bool]) -> tuple[Row, dict[str, Any]] | None:
    """A row and the last of its actions."""
    pairs = [(row, row["actions"][-1]) for row in report["accounts"] if row["actions"]]
    return next((pair for pair in pairs if is_it(*pair)), None)


def _was_rejected_at_once(row: Row) -> bool:
    error = row["error"] or {}
    return error.get("attempts") == 1 and error.get("http_status") in (400, 401, 403, 409, 418, 422)


def applied_is_not(report: Report) -> bool:
    found = _last(report, lambda row, action: action.get("outcome") == "applied" and bool(action["changes"]))
    if found:
        found[1].update(status="D360_SERVICE_ERROR", outcome="not_applied")
        _end(found[0], "D360_SERVICE_ERROR", "not_applied")
    return found is not None


def not_applied_is(report: Report) -> bool:
    found = _last(report, lambda row, action: action.get("outcome") == "not_applied")
    if found:
        found[1].update(status="D360_OK", outcome="applied")
        found[0].update(status="D360_OK", error=None)
    return found is not None


def rejected_row_is_unknown(report: Report) -> bool:
    found = _last(report, lambda row, action: action.get("outcome") == "not_applied" and _was_rejected_at_once(row))
    if found:
        found[1].update(outcome="unknown")
        found[0]["error"]["outcome"] = "unknown"
    return found is not None


def failed_row_is_fine(report: Report) -> bool:
    for row in report["accounts"]:
        if row["status"] in ("D360_UNAUTHORIZED", "D360_CONFLICT"):
            row.update(status="D360_OK", error=None)
            return True
    return False


def fine_row_has_failed(report: Report) -> bool:
    for row in report["accounts"]:
        if row["status"] == "D360_OK":
            _end(row, "D360_NOT_FOUND", "not_applied")
            return True
    return False


def in_sync_or_not(report: Report) -> bool:
    for row in report["accounts"]:
        if row["status"] == "D360_OK" and not row["actions"]:
            row["in_sync"] = not row["in_sync"]
            return True
    return False


def a_finding_less(report: Report) -> bool:
    for row in report["accounts"]:
        for finding in row["findings"]:
            if finding["code"] not in ("headers_cleared", "stale_plan", "no_route"):
                row["findings"].remove(finding)
                return True
    return False


def loses_events_or_not(report: Report) -> bool:
    for row in report["accounts"]:
        if row["losing_events"] is not None:
            row["losing_events"] = not row["losing_events"]
            row["findings"] = [one for one in row["findings"] if one["code"] != "no_route"]
            if row["losing_events"]:
                row["findings"].append({"code": "no_route", "path": "", "severity": "error"})
            return True
    return False


def an_action_less(report: Report) -> bool:
    for row in report["accounts"]:
        if row["actions"] and row["status"] == "D360_OK":
            row["actions"].pop()
            return True
    return False


def a_probe_less(report: Report) -> bool:
    for row in report["accounts"]:
        for finding in row["findings"]:
            if finding["code"] == "probe_failed":
                row["findings"].remove(finding)
                return True
    return False


def a_row_less(report: Report) -> bool:
    return bool(report["accounts"].pop())


def another_category(report: Report) -> bool:
    full = next(name for name in CATEGORIES if report["summary"][name])
    other = next(name for name in CATEGORIES if name != full)
    report["summary"][full] -= 1
    report["summary"][other] += 1
    return True


#: With the call that has the report.
REPORTS: list[tuple[str, Callable[[Report], bool]]] = [
    ("audit", a_finding_less), ("audit", loses_events_or_not), ("plan", an_action_less), ("plan", in_sync_or_not),
    ("plan", failed_row_is_fine), ("plan", fine_row_has_failed), ("plan", a_row_less), ("one", applied_is_not),
    ("one", not_applied_is), ("one", rejected_row_is_unknown), ("one", failed_row_is_fine),
    ("one", fine_row_has_failed), ("one", another_category),
    ("calm", applied_is_not), ("calm", an_action_less), ("calm", in_sync_or_not), ("calm", another_category),
    ("again", a_finding_less), ("again", loses_events_or_not), ("again", fine_row_has_failed),
]  # fmt: skip


#: The same for an apply with options.
OPTIONS: list[Callable[[Report], bool]] = [a_probe_less, a_row_less]


def agree(name: str, document: dict[str, Any], report: Report) -> None:
    """Makes the totals those of the rows."""
    rows, summary = report["accounts"], report["summary"]
    summary["operations"] = sum(action["status"] != "planned" for row in rows for action in row["actions"])
    summary["losing_events"] = sum(bool(row["losing_events"]) for row in rows)
    severities = Counter(finding["severity"] for row in rows for finding in row["findings"])
    summary["findings"] = {severity: severities[severity] for severity in ("error", "warning", "info")}
    if name in ("audit", "plan"):
        summary["in_sync"] = sum(row["in_sync"] for row in rows)
        summary["failed"] = sum(row["status"] != "D360_OK" for row in rows)
    else:
        counted = Counter(categories(document, rows))
        summary.update({one: counted[one] for one in CATEGORIES})
