# SPDX-License-Identifier: Apache-2.0
"""Which exit status a fleet report means."""

from collections.abc import Mapping
from typing import Any

from d360webhook.cli.exit import DONE, FAILED, FINDINGS, UNKNOWN, first_of, status_of

Report = Mapping[str, Any]


def of_rows(report: Report) -> int:
    """Of accounts that could not be done: the first of what fits them; DONE where all could."""
    wrong = [row for row in report["accounts"] if row["status"] != "D360_OK"]
    # An account's own status is never the usage of this command.
    statuses = [status_of(row["error"] or {"status": row["status"]}) for row in wrong]
    return first_of(status if status != 64 else FAILED for status in statuses)


def of_plan(report: Report) -> int:
    """Actions, and findings that no action fixes, are FINDINGS."""
    return of_rows(report) or (FINDINGS if any(row["actions"] or not row["in_sync"] for row in report["accounts"]) else DONE)


def of_audit(report: Report, fail_on: str) -> int:
    """Findings first: a key that was rotated is one of them."""
    found = report["summary"]["findings"]
    if found["error"] or (fail_on == "warning" and found["warning"]):
        return FINDINGS
    return of_rows(report)


def of_apply(report: Report) -> int:
    """FAILED if any account failed or was skipped, else UNKNOWN if any is."""
    summary = report["summary"]
    if summary["failed"] or summary["skipped"]:
        return FAILED
    return UNKNOWN if summary["unknown"] else DONE
