"""The checker itself: it notices what it is there for."""

import dataclasses
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .calls import Call
from .checking import Problem, judged
from .fleet_histories import fleets
from .histories import operations
from .lies import CALLS, OPTIONS, REPORTS, Report, agree
from .option_histories import options

#: A lie counts as noticed after so many times, within so many histories.
TIMES, MOST = (3, 1_000) if os.environ.get("D360_SOAK") else (1, 300)
AT_ONCE = 6


def notice(run: Callable[[int], tuple[bool, list[Problem]]]) -> None:
    """`run` a seed's history: whether it told its lie, and the problems. There is one exactly where it did."""
    noticed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for first in range(1, MOST, AT_ONCE):
            seeds = range(first, first + AT_ONCE)
            unjudged = judged[False]
            for seed, (told, problems) in zip(seeds, pool.map(run, seeds), strict=True):
                # A lie may pass if the machine stalled; that is counted.
                assert bool(problems) == told or (told and judged[False] > unjudged), (seed, *problems)
                noticed += bool(problems)
            if noticed >= TIMES:
                return
    pytest.fail(f"told {noticed} times")


@pytest.mark.parametrize("lie", CALLS, ids=lambda lie: lie.__name__)
def test_the_checker_notices_what_a_call_did_not_do(lie: Callable[[Call], Call | None]) -> None:
    def run(seed: int) -> tuple[bool, list[Problem]]:
        told: list[Call] = []

        def once(call: Call) -> Call:
            changed = None if told else lie(call)
            if changed is None:
                return call
            told.append(dataclasses.replace(changed, stalled=0))
            return told[-1]

        problems = operations(seed, None, once)
        return bool(told), problems

    notice(run)


@pytest.mark.parametrize(("call", "lie"), REPORTS, ids=lambda value: getattr(value, "__name__", value))
def test_the_checker_notices_what_a_report_has_wrong(call: str, lie: Callable[[Report], bool]) -> None:
    def run(seed: int) -> tuple[bool, list[Problem]]:
        told: list[str] = []

        def once(name: str, document: dict[str, Any], report: Report) -> None:
            if name != call or "accounts" not in report or not lie(report):
                return
            told.append(name)
            if lie.__name__ not in ("another_category", "a_row_less"):
                agree(name, document, report)

        problems = fleets(seed, None, once)
        return bool(told), problems

    notice(run)


@pytest.mark.parametrize("lie", OPTIONS, ids=lambda lie: lie.__name__)
def test_the_checker_notices_what_the_report_of_an_apply_with_options_has_wrong(lie: Callable[[Report], bool]) -> None:
    def run(seed: int) -> tuple[bool, list[Problem]]:
        told: list[str] = []

        def once(name: str, document: dict[str, Any], report: Report) -> None:
            if told or not name.startswith("applied") or "accounts" not in report or not lie(report):
                return
            told.append(name)
            if lie.__name__ != "a_row_less":
                agree(name, document, report)

        problems = options(seed, None, once)
        return bool(told), problems

    notice(run)
