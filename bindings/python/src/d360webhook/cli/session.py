# SPDX-License-Identifier: Apache-2.0
"""What the options before the command say: which service, whose key, how to print."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import click

from d360webhook.cli import output, secrets

if TYPE_CHECKING:
    from d360webhook import Channel, Client, URLPolicy

SERVICE = "D360_SERVICE"
REAL_SERVICE = "https://waba-v2.360dialog.io"
_LEVELS = ("error", "warning", "info", "debug")


@dataclass
class Session:
    """One run of the program."""

    service: str | None = None
    api_key_file: str | None = None
    timeout: float | None = None
    url_policy: "URLPolicy | None" = None
    json: bool = False
    verbose: int = 0

    @property
    def url(self) -> str:
        """Where the service is."""
        return self.service or os.environ.get(SERVICE) or REAL_SERVICE

    @contextmanager
    def client(self) -> Iterator["Client"]:
        """A client of the service."""
        from d360webhook import Client

        limit = None if self.timeout is None else round(self.timeout * 1000)
        with Client(self.url, timeout_ms=limit, url_policy=self.url_policy) as client:
            if self.verbose:
                client.set_log(self._log)
            yield client

    @contextmanager
    def channel(self) -> Iterator["Channel"]:
        """The phone number of the key that was given."""
        key = secrets.api_key(self.api_key_file)
        with self.client() as client:
            yield client.channel(key)

    def answered(self, answer: Any, show: Any = None) -> None:
        """Prints the library's answer: itself as JSON, else as `show` lays it out, else its message."""
        if self.json:
            output.document(answer)
        elif show is not None:
            show(answer)
        else:
            output.line(answer.get("message", "Done"))

    def arguments(self) -> list[str]:
        """The options that choose the same service again, for commands to paste. No secret is among them."""
        given: list[str] = []
        if self.service is not None:
            given += ["--service", self.service]
        if self.url_policy is not None:
            given += ["--url-policy", self.url_policy]
        return given

    def _log(self, level: int, message: str) -> None:
        if level <= self.verbose:
            name = _LEVELS[level] if 0 <= level < len(_LEVELS) else str(level)
            output.line(f"{name}: {message}", to_errors=True)


def current() -> Session:
    """The session of the command that runs."""
    return cast(Session, click.get_current_context().find_object(Session))
