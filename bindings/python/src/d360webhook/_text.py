# SPDX-License-Identifier: Apache-2.0
"""Python values as the text that the library takes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from d360webhook._errors import InvalidArgument, rejected


def c_text(value: str | None, argument: str) -> bytes | None:
    """UTF-8 for a `const char *`; None is NULL, which the library answers by the argument's name."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    try:
        text = value.encode()
    except UnicodeEncodeError:
        text = b"\0"
    if b"\0" in text:
        raise rejected(f"{argument} holds {_flaw(value)}")
    return text


def c_json(members: Mapping[str, Any]) -> bytes:
    """A JSON object of the members that are not None."""
    if not isinstance(members, Mapping):
        raise TypeError(f"a JSON object is wanted: a dict or another mapping, not {type(members).__name__}")
    given = {name: value for name, value in members.items() if value is not None}
    problem, text = None, b""
    try:
        text = _encode(given).encode()
    except UnicodeEncodeError:
        text = b"\0"
    except ValueError as failure:  # NaN, infinity, a list inside itself
        problem = str(failure)
    if problem is not None:
        raise rejected(f"cannot be written as JSON: {problem}")
    if b"\0" in text or b"\\u0000" in text:  # that may also be a backslash before "u0000": the search decides
        found = _flawed_text(given, "")
        if found:
            raise found
    return text


def c_options(options: Mapping[str, Any]) -> bytes | None:
    """Options as JSON; NULL when there are none."""
    return c_json(options) if options else None


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode


def _flaw(text: str) -> str | None:
    try:
        return "NUL" if b"\0" in text.encode() else None
    except UnicodeEncodeError:
        return "a lone surrogate"


def _flawed_text(value: object, pointer: str) -> InvalidArgument | None:
    """The first text that no C string and no UTF-8 can hold, by its place, never by its content: it may be a secret."""
    if isinstance(value, str):
        flaw = _flaw(value)
        return rejected(f"{pointer.split('/')[1]} holds {flaw}", pointer) if flaw else None
    if isinstance(value, Mapping):
        for name, member in value.items():
            flaw = _flaw(name) if isinstance(name, str) else None
            if flaw:
                return rejected(f"{pointer.split('/')[1] if pointer else 'a name'} holds a name with {flaw}", pointer)
            found = _flawed_text(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
            if found:
                return found
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            found = _flawed_text(item, f"{pointer}/{index}")
            if found:
                return found
    return None
