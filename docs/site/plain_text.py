"""Comments of the header and docstrings are plain text with aligned columns: this makes paragraphs and literal blocks of them."""

import re
from typing import Any

from sphinx.application import Sphinx

_COLUMNS = re.compile(r"\S {2,}\S")


def paragraphs(text: str) -> list[str]:
    """Parts between empty lines. A line that is indented more than the first one of its part belongs to it."""
    return [part for part in re.split(r"\n[ \t]*\n", text.strip("\n")) if part.strip()]


def is_aligned(part: str) -> bool:
    lines = part.splitlines()
    return (
        part.startswith(" ") or any(_COLUMNS.search(line) for line in lines) or any(line.startswith("  ") for line in lines[1:])
    )


def to_rst(text: str) -> list[str]:
    lines: list[str] = []
    for part in paragraphs(text):
        if part.lstrip().startswith(">>>"):
            lines += [*part.splitlines(), ""]
        elif is_aligned(part):
            lines += [".. code-block:: text", "", *(f"   {line}" for line in part.splitlines()), ""]
        else:
            lines += [*_escaped(part).splitlines(), ""]
    return lines


def _escaped(part: str) -> str:
    """Names in backticks and the library's own names are code; nothing else is markup."""
    pieces = re.split(r"(`[^`\n]+`|\b(?:d360|D360)_\w+)", part)
    return "".join(
        f"``{piece.strip('`')}``" if number % 2 else re.sub(r"([*_|\\<>])", r"\\\1", piece) for number, piece in enumerate(pieces)
    )


def _docstring(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = to_rst("\n".join(lines))


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", _docstring)
    return {"parallel_read_safe": True}
