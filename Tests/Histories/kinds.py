"""The kinds of histories. Each runs the history of a seed and says what was wrong with it."""

from collections.abc import Callable

from .checking import Problem
from .fleet_histories import fleets
from .histories import operations, writers
from .option_histories import options

KINDS: dict[str, Callable[[int, str | None], list[Problem]]] = {
    "operations": operations, "writers": writers, "fleets": fleets, "options": options,
}  # fmt: skip
