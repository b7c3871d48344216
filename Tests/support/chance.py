"""Chance that can be had again: `D360_SEED=7 pytest …` draws with another seed, and a failure shows the one it had."""

import os
import random

_GIVEN = os.environ.get("D360_SEED")
SEED = int(_GIVEN or 360)


def chance() -> random.Random:
    """A source of its own for each test. pytest shows what is printed if the test fails."""
    print(f"D360_SEED={SEED}")
    return random.Random(SEED)


def seeds(*some: int) -> list[int]:
    """These, or only the given one: parameters of tests, and so in their names."""
    return [SEED] if _GIVEN else list(some)
