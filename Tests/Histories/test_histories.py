"""Random histories: nothing that the library says is at odds with what the service did.

D360_SEED=N runs the histories of one seed; D360_SOAK=1 runs them for an hour.
"""

import itertools
import os
import random
import time
from collections.abc import Callable, Iterator

import pytest

from .kinds import KINDS

SOAK = bool(os.environ.get("D360_SOAK"))
#: Tests of one kind, so that several processes can share them.
LANES = 4
#: How long each goes on: all of them take two minutes, or an hour, in four processes.
SECONDS = (3_600 if SOAK else 120) * 4 / (LANES * len(KINDS))
#: The same on every machine, each with something in it that was wrong once: in the library, or in the checker.
FIXED = {
    "operations": [37, 42, 107, 178, 463, 703, 891],
    "writers": [38, 113, 120, 381, 111, 119],
    "fleets": [38, 55, 72, 232, 1302, 800369],
    "options": [9, 25, 34, 700339, 700405, 1700498],
}


def again(kind: str, seed: int) -> str:
    return f"again: D360_SEED={seed} for these tests, or scripts/histories 1 --from {seed} --kind {kind} --show"


def check(kind: str, seed: int) -> None:
    problems = KINDS[kind](seed, None)
    assert not problems, "\n".join([again(kind, seed), *map(str, problems)])


@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind, seeds in FIXED.items() for seed in seeds])
def test_what_went_wrong_once_does_not_again(kind: str, seed: int) -> None:
    check(kind, seed)


def seeds() -> Iterator[int]:
    """The one that was asked for, else as many as there is time for: others each time."""
    if given := os.environ.get("D360_SEED"):
        yield int(given)
        return
    end = time.monotonic() + SECONDS
    for seed in itertools.count(random.SystemRandom().randrange(10**6, 10**9)):
        yield seed
        if time.monotonic() > end:
            return


@pytest.mark.parametrize("lane", range(LANES))
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_is_what_was_done(kind: str, lane: int, record_property: Callable[[str, object], None]) -> None:
    run: list[int] = []
    try:
        for seed in seeds():
            run.append(seed)
            check(kind, seed)
    finally:
        record_property("seeds", f"{run[0]} to {run[-1]}")
