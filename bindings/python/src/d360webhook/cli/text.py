# SPDX-License-Identifier: Apache-2.0
"""Texts as they may be shown: without secrets, on one line, with nothing that a terminal takes for a command."""

import re
import shlex
from collections.abc import Iterable, Sequence

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)?([^/?#]*)([^?#]*)(.?)", re.DOTALL)


def plain(text: object) -> str:
    """One printable line: control characters, line ends and marks that turn the direction of writing are escaped."""
    whole = str(text)
    return whole if whole.isprintable() else "".join(map(_printable, whole))


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


# For options that can hold a secret.
OPTION_NOTE = "every user of this machine can read it in the list of processes, and your shell keeps it."

# The library names its options; people type these. A finding or an error may name both.
_OPTIONS = {
    "allow_insecure_http": "--insecure-http", "allow_unlisted": "--allow-unlisted", "ca_file": "--ca-file",
    "max_changes": "--max-changes", "max_failures": "--max-failures", "requests_per_second": "--rate",
    "service_url": "--service", "timeout_ms": "--timeout", "url_policy": "--url-policy", "wait_ms": "--wait",
}  # fmt: skip
_OPTION = re.compile(rf"\b(?:option )?'?\b({'|'.join(_OPTIONS)})\b'?")


def typed(message: str) -> str:
    """A message of the library with the options of the command line in place of its own."""
    return _OPTION.sub(lambda match: _OPTIONS[match[1]], message)


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def counted(number: int, what: str) -> str:
    """A number and its noun: 1 account, 2 accounts."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def shown_url(url: str) -> str:
    """A URL without userinfo, query and fragment, which may hold a secret; "…" marks a query or fragment."""
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
