# SPDX-License-Identifier: Apache-2.0
"""A fleet report for people: numbers that lose events first, then what else is wrong, then what is done or to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from d360webhook.cli import output
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.output import Cell, Line

Row = Mapping[str, Any]
_SEVERITIES = {"error": 0, "warning": 1, "info": 2}
# Too few columns for a number and its WABA beside what is wrong.
_NARROW = 72
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Those that lose events, then those that failed, then by their worst finding; else as the document has them."""
    return sorted(rows, key=lambda row: (not row["losing_events"], row["status"] == "D360_OK", _worst(row)))


def _worst(row: Row) -> int:
    return min((_SEVERITIES.get(finding["severity"], 0) for finding in row["findings"]), default=len(_SEVERITIES))


def findings(row: Row) -> list[Mapping[str, Any]]:
    """A row's, the worst first."""
    return sorted(row["findings"], key=lambda one: _SEVERITIES.get(one["severity"], 0))


def state(row: Row) -> str:
    """What became of an account, in a word or two."""
    if row["losing_events"]:
        return "loses events"
    if row["status"] != "D360_OK":
        return str(row["status"]).removeprefix("D360_").lower().replace("_", " ")
    statuses = {action["status"] for action in row["actions"]}
    if "planned" in statuses:
        return "to change"
    if statuses:
        return "changed"
    return "in sync" if row["in_sync"] else "differs"


def totals(summary: Mapping[str, Any]) -> str:
    """The summary as a sentence; what is zero and does not matter is left out."""
    losing = summary["losing_events"]
    told = [_counted(summary["accounts"], "account"), f"{losing} {'loses' if losing == 1 else 'lose'} events"]
    told.append(f"{summary['in_sync']} in sync")
    told += [f"{summary[name]} {name}" for name in ("changed", "failed", "unknown", "skipped") if summary[name]]
    told += [_counted(number, f"{severity} finding") for severity, number in summary["findings"].items() if number]
    if summary["operations"]:
        told.append(_counted(summary["operations"], "operation"))
    return ", ".join(told)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def show(report: Mapping[str, Any], paste: Paste, *, to_errors: bool = False) -> None:
    """Prints the report."""
    rows = ordered(row for row in report["accounts"] if _matters(row))
    output.lines([Line((Cell(totals(report["summary"]) + "."),))], to_errors=to_errors)
    if not rows:
        return
    output.write("\n", to_errors=to_errors)
    columns, cells = ["Account", "Number", "WABA", "State", "Findings"], [_cells(row) for row in rows]
    if output.width(to_errors=to_errors) < _NARROW:
        columns, cells = [columns[0], *columns[3:]], [[row[0], *row[3:]] for row in cells]
    output.table(columns, cells, to_errors=to_errors)
    actions = [(row["name"], *cells) for row in rows for action in row["actions"] for cells in _action(action)]
    if actions:
        output.write("\n", to_errors=to_errors)
        output.table(("Account", "Operation", "Status", "Where", "Before", "After"), actions, to_errors=to_errors)
    output.lines((line for row in rows for line in _details(row, paste)), to_errors=to_errors)


def _matters(row: Row) -> bool:
    return bool(row["findings"] or row["actions"] or row["error"] or row["status"] != "D360_OK" or not row["in_sync"])


def _cells(row: Row) -> list[object]:
    style = "bold red" if row["losing_events"] or row["status"] != "D360_OK" else ""
    findings = ", ".join(dict.fromkeys(finding["code"] for finding in row["findings"]))
    return [row["name"], row["number"] or "", str(row["waba_id"] or ""), Cell(state(row), style), findings]


def _action(action: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    status = action["status"] if action["status"] == "planned" else action.get("outcome", action["status"])
    first = (action["operation"], status)
    changes = action["changes"] or [{"path": ", ".join(action.get("destinations") or ()), "before": None, "after": None}]
    for change in changes:
        yield (*first, change["path"], *_sides(change))
        first = ("", "")
    for number in action.get("overrides") or ():
        yield ("", "", f"own webhook of {number}", "", "taken away")


def _sides(change: Mapping[str, Any]) -> tuple[str, str]:
    if "added" in change or "removed" in change or "changed" in change:
        gone = [*(f"-{name}" for name in change.get("removed") or ()), *(f"~{name}" for name in change.get("changed") or ())]
        return ", ".join(gone), ", ".join(f"+{name}" for name in change.get("added") or ())
    query = " (another query)" if change.get("query_changed") else ""
    return said(change["before"]), said(change["after"]) + query


def said(value: Any) -> str:
    """A finding's or change's value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _details(row: Row, paste: Paste) -> Iterator[Line]:
    error = row["error"]
    if error is not None:
        at = f" at {error['path']}" if error.get("path") else ""
        yield Line(())
        yield Line((Cell(row["name"], "bold red"), Cell(f": {error['message']} ({error['status']}{at})")))
    for finding in findings(row):
        about = f" ({finding['severity']}) {finding['path']}".rstrip()
        yield Line(())
        yield Line((Cell(f"{row['name']}: "), Cell(finding["code"], _STYLES.get(finding["severity"], "")), Cell(about)))
        yield Line((Cell(finding["message"]),), 2)
        yield Line((Cell(f"expected: {said(finding['expected'])}"),), 2)
        yield Line((Cell(f"actual:   {said(finding['actual'])}"),), 2)
        yield Line((Cell(f"run:      {paste(row, finding)}"),), 2, is_kept=True)


def dumped(value: Any, path: str) -> str:
    """As JSON where the file's name says so, else as YAML."""
    if path.endswith(".json"):
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    from d360webhook.cli.yaml_loader import dump_yaml

    return dump_yaml(value)
