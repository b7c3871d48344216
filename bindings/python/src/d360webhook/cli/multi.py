# SPDX-License-Identifier: Apache-2.0
"""multi: the destinations that get a copy."""

from typing import Any

import click

from d360webhook import MultiWebhook
from d360webhook.cli import output, secrets
from d360webhook.cli.commands import Group, header_option
from d360webhook.cli.destinations import destinations
from d360webhook.cli.exit import usage
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url

EXAMPLE = "d360-webhook multi append crm=https://hooks.example.com/crm audit=https://audit.example.com/"


@click.group(cls=Group, examples=(EXAMPLE,))
def command() -> None:
    """The destinations that get a copy of a number's events.

    They get it once the number's main webhook took the event.
    """


def _destination_options(function: Any) -> Any:
    said = 'Destinations with headers, as JSON or YAML: [{"name", "url", "headers"}]; - is standard input.'
    file = click.option("--from", "file", metavar="FILE", help=said)
    return click.argument("given", metavar="[DEST]...", nargs=-1)(file(function))


@command.command(examples=("d360-webhook --json multi get",))
def get() -> None:
    """Show the destinations, and whether they are on."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_get(), _show)


@command.command(examples=("d360-webhook multi enable crm=https://hooks.example.com/crm",))
@_destination_options
def enable(given: tuple[str, ...], file: str | None) -> None:
    """Turn multi-webhook on.

    With destinations, NAME=URL each, or without.
    """
    session = current()
    listed = destinations(given, file)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_set(True, listed or None))


@command.command(examples=("d360-webhook multi disable",))
def disable() -> None:
    """Turn multi-webhook off. The destinations are kept, without getting anything."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_set(False))


@command.command(examples=(EXAMPLE, "d360-webhook multi append --from destinations.yaml"))
@_destination_options
def append(given: tuple[str, ...], file: str | None) -> None:
    """Append destinations, all of them or none.

    DEST is NAME=URL; --from takes those with headers.
    """
    session = current()
    if not given and file is None:
        raise usage("name a destination as NAME=URL, or a file of them with --from")
    listed = destinations(given, file)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_append(listed))


@command.command(examples=("d360-webhook multi update crm --url https://new.example.com/crm",))
@click.argument("name")
@click.option("--url", metavar="URL", help="Its new URL.")
@header_option
@click.option("--no-headers", is_flag=True, help="Take its headers away.")
def update(name: str, url: str | None, headers: tuple[str, ...], no_headers: bool) -> None:
    """Change a destination's URL or headers.

    Headers that are given replace all that it has.
    """
    session = current()
    if no_headers and headers:
        raise usage("--header and --no-headers exclude each other")
    if url is None and not headers and not no_headers:
        raise usage("say what to change: --url, --header or --no-headers")
    given = {} if no_headers else secrets.headers(headers)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_update(name, url, given))


@command.command(examples=("d360-webhook multi delete crm",))
@click.argument("name")
def delete(name: str) -> None:
    """Delete a destination."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_delete(name))


def _show(answer: MultiWebhook) -> None:
    state = {True: "Multi-webhook is on.", False: "Multi-webhook is off."}
    output.line(state.get(answer.get("enabled", False), "Multi-webhook is off."))
    listed = answer.get("destinations") or []
    if listed:
        rows = [(one.get("name", ""), shown_url(one.get("url", "")), ", ".join(one.get("headers") or {})) for one in listed]
        output.table(("Name", "URL", "Headers"), rows)
    else:
        output.line("There is no destination.")
