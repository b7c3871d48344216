# SPDX-License-Identifier: Apache-2.0
"""The common options of one run: the service, the API key, how to print."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import click

from d360webhook.cli import files, messages, output, secrets
from d360webhook.cli.exit import UNAUTHORIZED, Failure, usage
from d360webhook.cli.help import REAL_SERVICE

if TYPE_CHECKING:
    from d360webhook import Channel, Client, URLPolicy

SERVICE = "D360_SERVICE"
_LEVELS = ("error", "warning", "info", "debug")


@dataclass
class Session:
    """One run of the program."""

    service: str | None = None
    api_key_file: str | None = None
    fleet: str | None = None
    account: str | None = None
    secrets: str | None = None
    timeout: float | None = None
    url_policy: "URLPolicy | None" = None
    ca_file: str | None = None
    proxy: str | None = None
    insecure_http: bool = False
    json: bool = False
    verbose: int = 0

    @property
    def url(self) -> str:
        """The URL of the service."""
        return self.service or os.environ.get(SERVICE) or REAL_SERVICE

    @contextmanager
    def client(self) -> Iterator["Client"]:
        """A client of the service."""
        from d360webhook import Client

        limit = None if self.timeout is None else round(self.timeout * 1000)
        with Client(
            self.url,
            timeout_ms=limit,
            url_policy=self.url_policy,
            ca_file=self.ca_file,
            proxy=self.proxy,
            allow_insecure_http=self.insecure_http or None,
        ) as client:
            if self.verbose:
                client.set_log(self.log)
            yield client

    @contextmanager
    def channel(self) -> Iterator["Channel"]:
        """The phone number of the key that was given."""
        key = self.key()
        if key is None:
            raise Failure(messages.no_api_key(secrets.KEY), UNAUTHORIZED)
        with self.client() as client:
            yield client.channel(key)

    def key(self) -> str | None:
        """The API key that the options or the environment give; None if neither does."""
        if self.fleet is not None or self.account is not None:
            if self.fleet is None or self.account is None:
                raise usage(messages.FLEET_NEEDS_ACCOUNT)
            if self.api_key_file is not None:
                raise usage(messages.TWO_API_KEYS)
            from d360webhook.cli.fleet_documents import key_of

            return key_of(self.fleet, self.account, self.secrets)
        if self.api_key_file is not None:
            return files.read_secret(self.api_key_file)
        return secrets.key_of_environment()

    def answered(self, answer: Any, show: Any = None) -> None:
        """Prints an answer of the library: itself with --json, else as `show` lays it out, else its message."""
        if self.json:
            output.document(answer)
        elif show is not None:
            show(answer)
        else:
            output.line(answer.get("message", messages.DONE))

    def arguments(self) -> list[str]:
        """The options that choose the same service again, for commands to paste. They hold no secret."""
        given: list[str] = []
        for option, value in (("--service", self.service), ("--url-policy", self.url_policy), ("--ca-file", self.ca_file)):
            if value is not None:
                given += [option, value]
        if self.proxy is not None and "@" not in self.proxy:
            given += ["--proxy", self.proxy]
        return given + ["--insecure-http"] * self.insecure_http

    def log(self, level: int, message: str) -> None:
        """Prints a line of the library's log, if -v asks for its level."""
        if self.verbose and level <= self.verbose:
            name = _LEVELS[level] if 0 <= level < len(_LEVELS) else str(level)
            output.line(f"{name}: {message}", to_errors=True)


def current() -> Session:
    """The session of the command that runs."""
    return cast(Session, click.get_current_context().find_object(Session))
