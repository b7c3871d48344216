# SPDX-License-Identifier: Apache-2.0
"""KEYS.csv as spreadsheets write it: the columns name and api_key."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from d360webhook.cli import files, messages
from d360webhook.cli.exit import wrong_file

_COLUMNS = ("name", "api_key")
# Excel's own first line: which character separates the columns.
_SEPARATOR = re.compile(r"\"?sep=(.)\"?[ \t]*\r?\n", re.IGNORECASE)


def accounts(path: str) -> dict[str, Any]:
    """The accounts for an export."""
    name, text = files.name_of(path), files.read_text(path)
    given = _SEPARATOR.match(text)
    skipped = 0 if given is None else 1
    text = text[given.end() :] if given else text
    found: list[dict[str, str]] = []
    places: list[int] = []
    for where, cells in _rows(name, skipped, text, given[1] if given else _separator(text)):
        if not places:
            places = _places(where, cells)
            continue
        values = [cells[place] if place < len(cells) else "" for place in places]
        for column, value in zip(_COLUMNS, values, strict=True):
            if not value:
                raise wrong_file(f"{where}: {messages.cell_empty(column)}")
        found.append(dict(zip(_COLUMNS, values, strict=True)))
    if not places:
        _places(f"{name}:1", [])
    return {"accounts": found}


def _separator(text: str) -> str:
    """The character that separates the two columns in the first row; a comma if none does."""
    for separator in ",;\t":
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            cells = next(row for row in rows if any(map(str.strip, row)))
        except (StopIteration, csv.Error):
            continue
        if len({*_COLUMNS} & {cell.strip().lower() for cell in cells}) == len(_COLUMNS):
            return separator
    first = next((row for row in text.splitlines() if row.strip(" \t,;")), "")
    return max(",;\t", key=first.count)


def _rows(name: str, skipped: int, text: str, separator: str) -> Iterator[tuple[str, list[str]]]:
    """File and line, and the cells, of each row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as failure:
            raise wrong_file(f"{name}:{reader.line_num + skipped}: {failure}") from None
        if any(cells):
            yield f"{name}:{line}", cells


def _places(where: str, cells: list[str]) -> list[int]:
    names = [cell.lower() for cell in cells]
    for column in _COLUMNS:
        if column not in names:
            raise wrong_file(f"{where}: {messages.column_missing(column)}")
    return [names.index(column) for column in _COLUMNS]
