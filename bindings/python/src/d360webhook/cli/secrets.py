# SPDX-License-Identifier: Apache-2.0
"""Secrets come from files and from the environment, never from arguments, which other users can read."""

import os
from collections.abc import Mapping, Sequence

from d360webhook.cli import files, messages
from d360webhook.cli.exit import usage

KEY = "D360_API_KEY"


def key_of_environment() -> str | None:
    """The API key in the environment, or None."""
    return files.without_line_end(os.environ.get(KEY, "")) or None


def values(file: str | None) -> tuple[Mapping[str, str], str]:
    """The values for ${NAME}, and where they come from: the environment, and before it a file."""
    found, place = dict(os.environ), messages.IN_ENVIRONMENT
    if file is not None:
        found.update(_of_file(file))
        place = messages.in_environment_or(files.name_of(file))
    return found, place


def _of_file(path: str) -> dict[str, str]:
    from d360webhook.cli import documents, env_file

    text = files.read_text(path)
    if env_file.is_one(path, text):
        return env_file.values(path, text)
    loaded = documents.parse(path, text)
    return {name: files.without_line_end(loaded.text_of(name, value)) for name, value in loaded.members().items()}


def headers(given: Sequence[str]) -> dict[str, str] | None:
    """The headers that --header options give; None if there are none."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise usage(messages.NOT_A_HEADER)
        if name in found:
            raise usage(messages.header_twice(name))
        found[name] = _value(name, value)
    return found or None


def _value(name: str, value: str) -> str:
    if value.startswith("@"):
        return files.read_secret(value[1:])
    if value.startswith("env:"):
        variable = value.removeprefix("env:")
        if variable not in os.environ:
            raise usage(messages.header_variable_missing(name, variable))
        return files.without_line_end(os.environ[variable])
    return value
