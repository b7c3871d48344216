# SPDX-License-Identifier: Apache-2.0
"""channel: the phone numbers of an embedded service."""

import click

from d360webhook import Channels
from d360webhook.cli import messages, output
from d360webhook.cli.commands import Group, option
from d360webhook.cli.help import about
from d360webhook.cli.session import current


@click.group(cls=Group, **about("channel"))
def command() -> None:
    """The family."""


@command.command(**about("channel add"))
@option("--phone-number-id", metavar="ID", required=True)
@option("--waba-id", metavar="N", type=int, required=True)
@option("--phone-number", metavar="N")
def add(phone_number_id: str, waba_id: int, phone_number: str | None) -> None:
    """d360_channel_register."""
    session = current()
    key = session.key()
    with session.client() as client:
        session.answered(client.channel_register(phone_number_id, waba_id, key, phone_number))


@command.command("list", **about("channel list"))
def list_channels() -> None:
    """d360_channel_list."""
    session = current()
    with session.client() as client:
        session.answered(client.channel_list(), _show)


@command.command(**about("channel remove"))
@click.argument("phone_number_id", metavar="ID")
def remove(phone_number_id: str) -> None:
    """d360_channel_remove."""
    session = current()
    with session.client() as client:
        session.answered(client.channel_remove(phone_number_id))


def _show(answer: Channels) -> None:
    rows = [(one["phone_number_id"], one.get("phone_number", ""), str(one["waba_id"])) for one in answer["channels"]]
    if rows:
        output.table(("Identifier", "Number", "WABA"), rows)
    else:
        output.line(messages.NO_CHANNELS)
