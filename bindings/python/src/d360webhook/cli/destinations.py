# SPDX-License-Identifier: Apache-2.0
"""Destinations as arguments and files give them."""

from collections.abc import Sequence
from typing import Any, cast

from d360webhook import Destination
from d360webhook.cli.exit import usage


def destinations(given: Sequence[str], file: str | None) -> list[Destination]:
    """Those of the arguments, NAME=URL, then those of the file, which may have headers."""
    found: list[Any] = []
    for text in given:
        name, equals, url = text.partition("=")
        if not equals or not name or not url:
            raise usage("a destination is NAME=URL; --from FILE takes those with headers")
        found.append({"name": name, "url": url})
    if file is not None:
        found += _of_file(file)
    return cast(list[Destination], found)


def _of_file(path: str) -> list[Any]:
    from d360webhook.cli import documents

    value = documents.load(path)
    listed = value.get("destinations") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        raise usage(f"{documents.name_of(path)} holds neither a list of destinations nor an object with one as \"destinations\"")
    return listed
