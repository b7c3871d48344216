# SPDX-License-Identifier: Apache-2.0
"""Rows of figures, and how they are printed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing measured beside its peer."""

    what: str
    peer: str
    ours: str
    theirs: str
    ratio: str
    goal: str
    met: bool | None  # None: there is no goal


def compared(what: str, peer: str, ours: float, theirs: float, goal: float | None, unit: str = "ns") -> Row:
    """A row whose goal is a ratio, if it has one. The ratio as measured decides, not as printed."""
    ratio = ours / theirs
    digits = 2 if ratio >= 0.1 else 4
    said = (f"≤ {goal:g}", ratio <= goal) if goal is not None else ("–", None)
    return Row(what, peer, amount(ours, unit), amount(theirs, unit), f"{ratio:.{digits}f}", *said)


def outdone(what: str, peer: str, ours: float, theirs: float, goal: float) -> Row:
    """A row of things done in a second, where more is better."""
    ratio = ours / theirs
    digits = 2 if ratio < 10 else 1
    return Row(what, peer, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ratio:.{digits}f}", f"≥ {goal:g}", ratio >= goal)


def amount(value: float, unit: str) -> str:
    """With three digits that count: nanoseconds ("ns") or bytes ("B")."""
    steps = {"ns": (1000, ["ns", "µs", "ms", "s"]), "B": (1024, ["B", "KiB", "MiB", "GiB"])}
    factor, names = steps[unit]
    power = 0
    while abs(value) >= 999.5 and power < len(names) - 1:
        value /= factor
        power += 1
    digits = 0 if power == 0 and unit == "B" else max(0, 3 - len(str(int(abs(value)))))
    return f"{value:.{digits}f} {names[power]}"


HEAD = ("what", "peer", "ours", "peer's", "ratio", "goal", "")


def markdown(rows: list[Row]) -> str:
    """Readable as it is: columns are as wide as what they hold."""
    cells = [HEAD]
    said = {True: "met", False: "**missed**", None: ""}
    cells += [(r.what, r.peer, r.ours, r.theirs, r.ratio, r.goal, said[r.met]) for r in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
