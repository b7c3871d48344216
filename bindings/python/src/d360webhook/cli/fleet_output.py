# SPDX-License-Identifier: Apache-2.0
"""A fleet report for people: numbers that lose events first, then what else is wrong, then what is done or to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from d360webhook.cli import fleet_actions, messages, output
from d360webhook.cli.fleet_groups import Group, failures, grouped
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.output import Cell, Line
from d360webhook.cli.text import counted, listed, typed

Row = Mapping[str, Any]
_SEVERITIES = {"error": 0, "warning": 1, "info": 2}
# So many accounts are listed one by one; more are only in groups, unless --all is given.
_FEW = 10
# Too few columns for the number and WABA of an account next to what is wrong.
_NARROW = 72
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Rows that lose events, then rows that failed, then the others by their worst finding."""
    return sorted(rows, key=lambda row: (not row["losing_events"], row["status"] == "D360_OK", _worst(row)))


def _worst(row: Row) -> int:
    return min((_SEVERITIES.get(finding["severity"], 0) for finding in row["findings"]), default=len(_SEVERITIES))


def findings(row: Row) -> list[Mapping[str, Any]]:
    """The findings of a row, the worst first."""
    return sorted(row["findings"], key=lambda one: _SEVERITIES.get(one["severity"], 0))


def state(row: Row) -> str:
    """The state of an account in a word or two."""
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
    """The summary as a sentence. Most of what is zero is left out."""
    losing = summary["losing_events"]
    parts = [counted(summary["accounts"], "account"), f"{losing} {'loses' if losing == 1 else 'lose'} events"]
    parts.append(f"{summary['in_sync']} in sync")
    parts += [f"{summary[name]} {name}" for name in ("changed", "failed", "unknown", "skipped") if summary[name]]
    parts += [counted(number, f"{severity} finding") for severity, number in summary["findings"].items() if number]
    if summary["operations"]:
        parts.append(counted(summary["operations"], "operation"))
    return ", ".join(parts)


def show(report: Mapping[str, Any], paste: Paste, *, is_all: bool = False, to_errors: bool = False) -> None:
    """Prints the report, through a pager if it is long."""
    with output.page():
        _show(report, paste, is_all, to_errors)


def _show(report: Mapping[str, Any], paste: Paste, is_all: bool, to_errors: bool) -> None:
    rows = ordered(row for row in report["accounts"] if _matters(row))
    output.lines([Line((Cell(totals(report["summary"]) + "."),))], to_errors=to_errors)
    if not rows:
        return
    lists_accounts = is_all or len(rows) <= _FEW
    if lists_accounts:
        output.write("\n", to_errors=to_errors)
        _table(rows, to_errors)
    actions = fleet_actions.listed_actions(rows, together=not lists_accounts)
    if actions:
        output.write("\n", to_errors=to_errors)
        output.table(("Account", "Operation", "Status", "Where", "Before", "After"), actions, to_errors=to_errors)
    shown = [(row, finding) for row in rows for finding in findings(row) if is_all or not paste.is_planned(row, finding)]
    output.lines(_failed(rows, is_all), to_errors=to_errors)
    output.lines((line for group in grouped(shown, paste, is_all) for line in _group(group, paste)), to_errors=to_errors)
    last = fleet_actions.sum_of(rows)
    if not lists_accounts:
        last += "\n" * bool(last) + messages.ALL_LISTS_EVERYTHING
    if last:
        output.write(f"\n{last}\n", to_errors=to_errors)


def _matters(row: Row) -> bool:
    return bool(row["findings"] or row["actions"] or row["error"] or row["status"] != "D360_OK" or not row["in_sync"])


def _table(rows: list[Row], to_errors: bool) -> None:
    columns, cells = ["Account", "Number", "WABA", "State", "Findings"], [_cells(row) for row in rows]
    if output.width(to_errors=to_errors) < _NARROW:
        columns, cells = [columns[0], *columns[3:]], [[row[0], *row[3:]] for row in cells]
    output.table(columns, cells, to_errors=to_errors)


def _cells(row: Row) -> list[object]:
    style = "bold red" if row["losing_events"] or row["status"] != "D360_OK" else ""
    codes = ", ".join(dict.fromkeys(finding["code"] for finding in row["findings"]))
    return [row["name"], row["number"] or "", str(row["waba_id"] or ""), Cell(state(row), style), codes]


def _failed(rows: list[Row], is_all: bool) -> Iterator[Line]:
    for names, error in failures(rows, is_all):
        at = f" at {error['path']}" if error.get("path") else ""
        yield Line(())
        yield Line((Cell(listed(names), "bold red"), Cell(f": {typed(error['message'])} ({error['status']}{at})")))


def _group(group: Group, paste: Paste) -> Iterator[Line]:
    finding = group.finding
    about = f" ({finding['severity']}) {group.path}".rstrip()
    yield Line(())
    yield Line((Cell(f"{listed(group.names)}: "), Cell(finding["code"], _STYLES.get(finding["severity"], "")), Cell(about)))
    yield Line((Cell(typed(group.message)),), 2)
    if len(group.rows) > 1:
        yield Line((Cell(f"expected: {group.expected}; actual: {group.actual}"),), 2)
    else:
        yield Line((Cell(f"expected: {group.expected}"),), 2)
        yield Line((Cell(f"actual:   {group.actual}"),), 2)
    yield Line((Cell(f"run:      {paste(group.rows, finding)}"),), 2, is_kept=True)


def dumped(value: Any, path: str) -> str:
    """As JSON if the name of the file ends in .json, else as YAML."""
    if path.endswith(".json"):
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    from d360webhook.cli.yaml_loader import dump_yaml

    return dump_yaml(value)
