"""The checker itself: it notices what it is there for."""

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import pytest

from .calls import Call
from .fleet_histories import fleets
from .histories import operations
from .lies import CALLS, REPORTS, Report, agree

#: Lies that are told of each kind before it counts as noticed.
TIMES = 3 if os.environ.get("D360_SOAK") else 1
MOST = 300


@pytest.mark.parametrize("lie", CALLS, ids=lambda lie: lie.__name__)
def test_the_checker_notices_what_a_call_did_not_do(lie: Callable[[Call], Call | None]) -> None:
    told: list[Call] = []

    def once(call: Call) -> Call:
        changed = None if told else lie(call)
        if changed is None:
            return call
        told.append(dataclasses.replace(changed, stalled=0))
        return told[-1]

    noticed = 0
    for seed in range(1, MOST):
        told.clear()
        problems = operations(seed, None, once)
        assert bool(problems) == bool(told), (seed, told, problems)
        noticed += bool(problems)
        if noticed == TIMES:
            return
    pytest.fail(f"told {noticed} times")


@pytest.mark.parametrize(("call", "lie"), REPORTS, ids=lambda value: getattr(value, "__name__", value))
def test_the_checker_notices_what_a_report_has_wrong(call: str, lie: Callable[[Report], bool]) -> None:
    told: list[str] = []

    def once(name: str, document: dict[str, Any], report: Report) -> None:
        if name != call or "accounts" not in report or not lie(report):
            return
        told.append(name)
        if lie.__name__ not in ("another_category", "a_row_less"):
            agree(name, document, report)

    noticed = 0
    for seed in range(1, MOST):
        told.clear()
        problems = fleets(seed, None, once)
        assert bool(problems) == bool(told), (seed, told, problems)
        noticed += bool(problems)
        if noticed == TIMES:
            return
    pytest.fail(f"told {noticed} times")
