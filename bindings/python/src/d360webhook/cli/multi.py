# SPDX-License-Identifier: Apache-2.0
"""multi: the destinations that get a copy."""

import click

from d360webhook import MultiWebhook
from d360webhook.cli import messages, output, secrets
from d360webhook.cli.commands import Group, file_option, header_option, option, together
from d360webhook.cli.destinations import destinations
from d360webhook.cli.exit import usage
from d360webhook.cli.help import about
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url


@click.group(cls=Group, **about("multi"))
def command() -> None:
    """The family."""


_destination_options = together(click.argument("given", metavar="[DEST]...", nargs=-1), file_option("--from", "source"))


@command.command(**about("multi get"))
def get() -> None:
    """Show the destinations, and whether they are on."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_get(), _show)


@command.command(**about("multi enable"))
@_destination_options
def enable(given: tuple[str, ...], source: str | None) -> None:
    """Turn multi-webhook on.

    With destinations, NAME=URL each, or without.
    """
    session = current()
    listed = destinations(given, source)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_set(True, listed or None))


@command.command(**about("multi disable"))
def disable() -> None:
    """Turn multi-webhook off. The destinations are kept, without getting anything."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_set(False))


@command.command(**about("multi append"))
@_destination_options
def append(given: tuple[str, ...], source: str | None) -> None:
    """Append destinations, all of them or none.

    DEST is NAME=URL; --from takes those with headers.
    """
    session = current()
    if not given and source is None:
        raise usage(messages.NO_DESTINATION_GIVEN)
    listed = destinations(given, source)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_append(listed))


@command.command(**about("multi update"))
@click.argument("name")
@option("--url", of="multi update", metavar="URL")
@header_option()
@option("--no-headers", is_flag=True)
def update(name: str, url: str | None, headers: tuple[str, ...], no_headers: bool) -> None:
    """Change a destination's URL or headers.

    Headers that are given replace all that it has.
    """
    session = current()
    if no_headers and headers:
        raise usage(messages.HEADERS_AND_NO_HEADERS)
    if url is None and not headers and not no_headers:
        raise usage(messages.NOTHING_TO_CHANGE)
    given = {} if no_headers else secrets.headers(headers)
    with session.channel() as channel:
        session.answered(channel.multi_webhook_update(name, url, given))


@command.command(**about("multi delete"))
@click.argument("name")
def delete(name: str) -> None:
    """DELETE /multi_webhook/NAME."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.multi_webhook_delete(name))


def _show(answer: MultiWebhook) -> None:
    output.line(messages.MULTI_IS_ON if answer.get("enabled") is True else messages.MULTI_IS_OFF)
    listed = answer.get("destinations") or []
    if listed:
        rows = [(one.get("name", ""), shown_url(one.get("url", "")), ", ".join(one.get("headers") or {})) for one in listed]
        output.table(("Name", "URL", "Headers"), rows)
    else:
        output.line(messages.NO_DESTINATIONS)
