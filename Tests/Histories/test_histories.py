"""Random histories: nothing that the library says is at odds with what the service did.

D360_SEED=N runs the histories of one seed; D360_SOAK=1 runs them for an hour.
"""

import itertools
import os
import time
from collections.abc import Iterator

import pytest

from .kinds import KINDS

SOAK = bool(os.environ.get("D360_SOAK"))
#: Tests of one kind, each with seeds of its own, so that several processes can share them.
LANES = 4
#: How long each goes on, so that all of them take two minutes, or an hour, in two processes.
SECONDS = (3_600 if SOAK else 120) * 2 / (LANES * len(KINDS))


def seeds(lane: int) -> Iterator[int]:
    """The one that was asked for, else as many as there is time for; at least one."""
    if given := os.environ.get("D360_SEED"):
        yield from [int(given)] if lane == 0 else []
        return
    end = time.monotonic() + SECONDS
    for turn in itertools.count():
        yield 1 + lane + turn * LANES
        if time.monotonic() > end:
            return


@pytest.mark.parametrize("lane", range(LANES))
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_is_what_was_done(kind: str, lane: int) -> None:
    for seed in seeds(lane):
        problems = KINDS[kind](seed, None)
        again = f"again: D360_SEED={seed} python3 -m pytest Tests/Histories -k {kind}, or scripts/histories 1 --from {seed} --kind {kind} --show"
        assert not problems, "\n".join([again, *map(str, problems)])
