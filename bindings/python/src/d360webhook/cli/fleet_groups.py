# SPDX-License-Identifier: Apache-2.0
"""Equal findings and failures of many accounts, put together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from d360webhook.cli.fleet_paste import Paste

Row = Mapping[str, Any]
Finding = Mapping[str, Any]
# If there are more groups than this, findings that differ in less are put together.
_MOST = 8


def said(value: Any) -> str:
    """The value of a finding or a change."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


class Group(NamedTuple):
    """One finding of several accounts; of what differs among them it has a summary."""

    rows: Sequence[Row]
    findings: Sequence[Finding]

    @property
    def finding(self) -> Finding:
        """The first."""
        return self.findings[0]

    @property
    def names(self) -> list[str]:
        """The accounts."""
        return [row["name"] for row in self.rows]

    @property
    def path(self) -> str:
        """The place, if all have the same."""
        return str(self.finding["path"]) if len({one["path"] for one in self.findings}) == 1 else ""

    @property
    def message(self) -> str:
        """The sentence, or the first of several."""
        others = len({one["message"] for one in self.findings}) - 1
        return f"{self.finding['message']}{f' (and {others} similar messages)' if others else ''}"

    @property
    def expected(self) -> str:
        """The values of the document."""
        return self._common("expected")

    @property
    def actual(self) -> str:
        """The values that the service shows."""
        return self._common("actual")

    def _common(self, side: str) -> str:
        values = list(dict.fromkeys(said(one[side]) for one in self.findings))
        return values[0] if len(values) == 1 else f"{len(values)} different values"


def grouped(found: Sequence[tuple[Row, Finding]], paste: Paste, is_all: bool) -> list[Group]:
    """The groups in the order of their first accounts; with `is_all` each finding is a group."""
    if is_all:
        return [Group([row], [finding]) for row, finding in found]
    levels: list[Callable[[Row, Finding], object]] = [
        lambda row, one: (_kind(row, one, paste), one["path"], one["message"], said(one["expected"]), said(one["actual"])),
        lambda row, one: (_kind(row, one, paste), one["path"]),
        lambda row, one: _kind(row, one, paste),
    ]
    groups: list[Group] = []
    for level in levels:
        groups = _groups(found, level)
        if len(groups) <= _MOST:
            break
    return groups


def _kind(row: Row, finding: Finding, paste: Paste) -> object:
    return finding["code"], finding["severity"], paste.kind(row, finding)


def _groups(found: Iterable[tuple[Row, Finding]], key: Callable[[Row, Finding], object]) -> list[Group]:
    groups: dict[object, tuple[dict[str, Row], list[Finding]]] = {}
    for row, finding in found:
        rows, findings = groups.setdefault(key(row, finding), ({}, []))
        rows[row["name"]] = row
        findings.append(finding)
    return [Group(list(rows.values()), findings) for rows, findings in groups.values()]


def failures(rows: Iterable[Row], is_all: bool) -> Iterator[tuple[list[str], Mapping[str, Any]]]:
    """The accounts of each error."""
    groups: dict[object, tuple[list[str], Mapping[str, Any]]] = {}
    for row in rows:
        error = row["error"]
        if error is not None:
            key = row["name"] if is_all else (error["message"], error["status"], error.get("path"))
            groups.setdefault(key, ([], error))[0].append(row["name"])
    yield from groups.values()
