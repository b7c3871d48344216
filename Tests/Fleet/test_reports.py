"""Reports compared whole: each file is a service's state, a call, and what it answers."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from .fleet import Fleet
from .reports import CASES, CODES, load


def comparable(report: Any) -> Any:
    """Without what differs from service to service: its words about a refusal, and how often it was asked."""
    for row in report["accounts"]:
        if row["error"] is not None and row["error"]["attempts"] > 0:
            for member in ("message", "service_message", "http_status", "attempts"):
                row["error"].pop(member, None)
    return report


def without_unverifiable(report: Any) -> Any:
    """Where a service shows the headers of a number's own webhook, they can be verified, and are a part of the digest."""
    for row in comparable(report)["accounts"]:
        hidden = [one for one in row["findings"] if one["code"] == "headers_unverifiable"]
        row["findings"] = [one for one in row["findings"] if one not in hidden]
        report["summary"]["findings"]["info"] -= len(hidden)
        del row["digest"]
    return report


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_as_its_file_says(case: str, fleets: Callable[..., Fleet]) -> None:
    data = load(case)
    fleet = fleets(url_policy="local")
    for channel in data["channels"]:
        fleet.service.register(channel)
    for operation, key, *arguments in data["state"]:
        fleet.do(operation, key, *arguments)
    fleet.derive(url_policy="cloud")
    report = fleet.report(data["call"], data["document"], **data["options"])
    if fleet.service.style == "observed":
        assert without_unverifiable(report) == without_unverifiable(data["report"])
    else:
        assert comparable(report) == comparable(data["report"])


def test_there_is_a_report_for_every_finding() -> None:
    # probe_failed needs a receiver: test_probes.py.
    found = {one["code"] for case in CASES for row in load(case)["report"]["accounts"] for one in row["findings"]}
    assert found == CODES


def test_no_report_holds_a_secret() -> None:
    for case in CASES:
        text = json.dumps(load(case)["report"])
        assert not re.search(r"key-|s3cret|token=|user:", text), case


def test_every_digest_is_one() -> None:
    for case in CASES:
        for row in load(case)["report"]["accounts"]:
            assert row["digest"] is None or re.fullmatch("[0-9a-f]{64}", row["digest"]), case
