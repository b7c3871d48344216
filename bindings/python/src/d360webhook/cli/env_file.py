# SPDX-License-Identifier: Apache-2.0
"""Files of NAME=value lines, as .env files are: comments, `export`, quotes, values of several lines in quotes."""

import re

from d360webhook.cli import messages
from d360webhook.cli.exit import wrong_file
from d360webhook.cli.files import name_of

_START = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_SINGLE = re.compile(r"'([^']*)'[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t]*(?:#[^\n]*)?(?:\n|\Z)', re.DOTALL)
_PLAIN = re.compile(r"([^\n]*)(?:\n|\Z)")
_NOTHING = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def is_one(path: str, text: str) -> bool:
    """True if this is such a file: by its name, or because its first line that says something is NAME=value."""
    if path.endswith(".env"):
        return True
    rows = (row.strip() for row in text.splitlines())
    return bool(_START.match(next((row for row in rows if row and not row.startswith("#")), "")))


def values(path: str, text: str) -> dict[str, str]:
    """The names and values. $NAME inside a value is left as it is."""
    text = text.replace("\r\n", "\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        empty = _NOTHING.match(text, at)
        if empty:
            at = max(empty.end(), at + 1)
            continue
        line = text.count("\n", 0, at) + 1
        start = _START.match(text, at)
        if start is None:
            raise wrong_file(f"{name_of(path)}:{line}: {messages.NOT_NAME_VALUE}")
        value, at = _value(path, text, start.end(), line)
        if start[1] in found:
            raise wrong_file(f"{name_of(path)}:{line}: {messages.name_twice(start[1])}")
        found[start[1]] = value
    return found


def _value(path: str, text: str, at: int, line: int) -> tuple[str, int]:
    quote = text[at : at + 1]
    if quote not in ("'", '"') or not quote:
        match = _PLAIN.match(text, at)
        assert match is not None  # it matches anything
        return _COMMENT.sub("", match[1]).strip(), match.end()
    match = (_SINGLE if quote == "'" else _DOUBLE).match(text, at)
    if match is None:
        raise wrong_file(f"{name_of(path)}:{line}: {messages.QUOTE_NOT_CLOSED}")
    value = match[1]
    if quote == '"':
        value = re.sub(r"\\(.)", lambda escaped: _ESCAPES.get(escaped[1], escaped[1]), value, flags=re.DOTALL)
    return value, match.end()
