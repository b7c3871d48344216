# SPDX-License-Identifier: Apache-2.0
"""Printing: tables and lines for people, JSON for programs, and nothing more once nobody reads it."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from d360webhook.cli.text import plain

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[Mapping[str, Any]], object]

# In a pipe every row is one line, as wide as it has to be.
_UNLIMITED = 100_000


def is_terminal(stream: TextIO | None) -> bool:
    """True if a person reads the stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def can_ask() -> bool:
    """True if a person can be asked: questions go to standard error, answers come from standard input."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


# What is written while a page is being collected.
_page: list[str] | None = None


@contextmanager
def page() -> Iterator[None]:
    """Everything written inside goes through the pager if it is longer than the terminal."""
    global _page
    if _page is not None or not (is_terminal(sys.stdout) and is_terminal(sys.stdin)):
        yield
        return
    _page = []
    try:
        yield
    finally:
        text, _page = "".join(_page), None
        paged(text)


def paged(text: str) -> None:
    """Writes to standard output, through the pager if the text is longer than the terminal."""
    from d360webhook.cli import pager

    is_long = is_terminal(sys.stdout) and is_terminal(sys.stdin) and text.count("\n") >= _size().lines
    if not is_long or not pager.show(text):
        write(text)


def write(text: str, *, to_errors: bool = False) -> None:
    """Writes at once. If nobody reads the pipe any more, that is no failure: the work is done all the same."""
    if _page is not None:
        _page.append(text)
        return
    stream = sys.stderr if to_errors else sys.stdout
    if stream is None:  # closed before the start
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        abandon(stream)


def abandon(stream: TextIO) -> None:
    """Discards what is buffered now and later; the interpreter flushes once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def line(text: str, *, to_errors: bool = False) -> None:
    """One line; control characters are escaped."""
    write(plain(text) + "\n", to_errors=to_errors)


def document(value: object, *, to_errors: bool = False) -> None:
    """JSON: indented for people, one line for programs."""
    stream = sys.stderr if to_errors else sys.stdout
    indent = 2 if is_terminal(stream) and not to_errors else None
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    write(json.dumps(value, indent=indent, ensure_ascii=encoding != "utf8") + "\n", to_errors=to_errors)


def width(*, to_errors: bool = False) -> int:
    """The number of characters that a row may have."""
    return _columns() if is_terminal(sys.stderr if to_errors else sys.stdout) else _UNLIMITED


def _size() -> os.terminal_size:
    from shutil import get_terminal_size

    return get_terminal_size()


def _columns() -> int:
    return _size().columns


def _console(file: Any) -> "Console":
    from rich.console import Console

    return Console(
        file=file,
        force_terminal=True,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=_columns(),
        markup=False,
        emoji=False,
        highlight=False,
    )


class Cell(NamedTuple):
    """A text with a colour, in a table or a line."""

    text: object
    style: str = ""


class Line(NamedTuple):
    """A line of several texts, folded at words and indented as a whole. If `is_kept`, it is never folded: it can be pasted."""

    cells: Sequence[Cell]
    indent: int = 0
    is_kept: bool = False


def lines(given: Iterable[Line], *, to_errors: bool = False) -> None:
    """Prints lines. Only a terminal gets colours and folds."""
    stream = sys.stderr if to_errors else sys.stdout
    space = width(to_errors=to_errors)
    is_coloured = is_terminal(stream) and not os.environ.get("NO_COLOR")
    made = []
    for one in given:
        left = " " * one.indent
        text = left + "".join(plain(cell.text) for cell in one.cells)
        rows = [text] if one.is_kept or len(text) <= space else wrap(text, space, subsequent_indent=left) or [text]
        whole = "\n".join(rows)
        if is_coloured:
            for cell in one.cells:
                if cell.style and plain(cell.text):
                    # A text that a fold broke keeps the terminal's colour.
                    whole = whole.replace(plain(cell.text), _coloured(cell), 1)
        made.append(whole + "\n")
    write("".join(made), to_errors=to_errors)


def _coloured(cell: Cell) -> str:
    import click

    *bold, colour = cell.style.split()
    return click.style(plain(cell.text), fg=colour, bold=bool(bold) or None)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, has_header: bool = True, to_errors: bool = False) -> None:
    """A table; in a terminal cells are folded to its width, in a pipe every row is one line."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    stream = sys.stderr if to_errors else sys.stdout
    if not is_terminal(stream):
        texts = [list(columns)] * has_header + [[plain(cell.text) for cell in row] for row in cells]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        made = ("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in texts)
        write("".join(made), to_errors=to_errors)
        return
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold", show_header=has_header)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in cells:
        shown.add_row(*(Text(plain(cell.text), cell.style) for cell in row))
    file = StringIO()
    _console(file).print(shown)
    write(file.getvalue(), to_errors=to_errors)


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """Shows progress events as a bar on standard error; None if that is not a terminal."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(event: Mapping[str, Any]) -> None:
            bar.update(task, completed=event.get("done", 0), total=event.get("total"))

        yield show
