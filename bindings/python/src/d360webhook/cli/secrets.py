# SPDX-License-Identifier: Apache-2.0
"""Secrets come from files and from the environment, never from arguments: others can read those."""

import os
from collections.abc import Sequence

from d360webhook.cli import files
from d360webhook.cli.exit import UNAUTHORIZED, Failure, usage

KEY = "D360_API_KEY"


def api_key(file: str | None) -> str:
    """The key of the phone number."""
    key = optional_api_key(file)
    if key is None:
        raise Failure(f"no API key: give its file with --api-key-file, or set {KEY}", UNAUTHORIZED)
    return key


def optional_api_key(file: str | None) -> str | None:
    """The key, or None where none was given."""
    if file is not None:
        return files.read_secret(file)
    return os.environ.get(KEY) or None


def headers(given: Sequence[str]) -> dict[str, str] | None:
    """--header options as a request's headers; None where there are none."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            # Not the text itself: it may be a secret that somebody wrote the wrong way.
            raise usage("a header is NAME=@FILE, NAME=env:VARIABLE or NAME=VALUE")
        if name in found:
            raise usage(f"the header {name} is given twice")
        found[name] = _value(name, value)
    return found or None


def _value(name: str, value: str) -> str:
    if value.startswith("@"):
        return files.read_secret(value[1:])
    if value.startswith("env:"):
        variable = value.removeprefix("env:")
        if variable not in os.environ:
            raise usage(f"the header {name}: there is no {variable or 'name of a variable'} in the environment")
        return os.environ[variable]
    return value
