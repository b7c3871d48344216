# SPDX-License-Identifier: Apache-2.0
"""Destinations from arguments and files."""

from collections.abc import Sequence
from typing import Any, cast

from d360webhook import Destination
from d360webhook.cli import messages
from d360webhook.cli.exit import usage


def destinations(given: Sequence[str], file: str | None) -> list[Destination]:
    """The destinations of the arguments, NAME=URL, then those of the file, which may have headers."""
    found: list[Any] = []
    for text in given:
        name, equals, url = text.partition("=")
        if not equals or not name or not url:
            raise usage(messages.NOT_A_DESTINATION)
        found.append({"name": name, "url": url})
    if file is not None:
        found += _of_file(file)
    return cast(list[Destination], found)


def _of_file(path: str) -> list[Any]:
    from d360webhook.cli import documents

    source = documents.read(path)
    value = source.value
    listed = value.get("destinations") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        raise source.wrong(messages.NO_DESTINATIONS_IN_FILE)
    return listed
