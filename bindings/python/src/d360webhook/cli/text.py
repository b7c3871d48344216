# SPDX-License-Identifier: Apache-2.0
"""Texts as they may be shown: no secret, nothing that a terminal takes for a command, one line."""

import re
import shlex
from collections.abc import Iterable

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)?([^/?#]*)([^?#]*)(.?)", re.DOTALL)


def plain(text: object) -> str:
    """One printable line: control characters, line ends and marks that turn the direction of writing are escaped."""
    whole = str(text)
    return whole if whole.isprintable() else "".join(map(_printable, whole))


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def shown_url(url: str) -> str:
    """A URL without userinfo, query and fragment, which may hold a secret; "…" stands where there was one."""
    match = _URL.match(url)
    if match is None:
        return ""
    scheme, authority, path, mark = match.groups(default="")
    return f"{scheme}{authority.rpartition('@')[2]}{path}{mark}{'…' if mark else ''}"


def shell(words: Iterable[str]) -> str:
    """A command to paste into a shell."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    inside = "".join(c if c.isprintable() and c not in "\\'" else "".join(f"\\x{byte:02x}" for byte in c.encode()) for c in word)
    return f"$'{inside}'"
