# SPDX-License-Identifier: Apache-2.0
"""channel: the phone numbers of an embedded service."""

import click

from d360webhook import Channels
from d360webhook.cli import output, secrets
from d360webhook.cli.commands import Group
from d360webhook.cli.session import current


@click.group(cls=Group, examples=("d360-webhook --service sqlite:webhooks.db channel list",))
def command() -> None:
    """The phone numbers of an embedded service.

    Only sqlite:PATH takes them; the real service has its own.
    """


@command.command(
    examples=(
        "d360-webhook --service sqlite:webhooks.db --api-key-file berlin.key channel add \\\n"
        "--phone-number-id 106540352242922 --waba-id 123065260884961 --phone-number +4930123456",
    )
)
@click.option("--phone-number-id", metavar="ID", required=True, help="The number's identifier.")
@click.option("--waba-id", metavar="N", type=int, required=True, help="The WhatsApp Business Account that it is on.")
@click.option("--phone-number", metavar="N", help="The number itself, as people write it.")
def add(phone_number_id: str, waba_id: int, phone_number: str | None) -> None:
    """Add a number, or replace what is given of it.

    The API key, from --api-key-file or D360_API_KEY, belongs to it from then on.
    """
    session = current()
    key = secrets.optional_api_key(session.api_key_file)
    with session.client() as client:
        session.answered(client.channel_register(phone_number_id, waba_id, key, phone_number))


@command.command("list", examples=("d360-webhook --service sqlite:webhooks.db channel list",))
def list_channels() -> None:
    """List the numbers, never with their keys."""
    session = current()
    with session.client() as client:
        session.answered(client.channel_list(), _show)


@command.command(examples=("d360-webhook --service sqlite:webhooks.db channel remove 106540352242922",))
@click.argument("phone_number_id", metavar="ID")
def remove(phone_number_id: str) -> None:
    """Remove a number and its configuration."""
    session = current()
    with session.client() as client:
        session.answered(client.channel_remove(phone_number_id))


def _show(answer: Channels) -> None:
    rows = [(one["phone_number_id"], one.get("phone_number", ""), str(one["waba_id"])) for one in answer["channels"]]
    if rows:
        output.table(("Identifier", "Number", "WABA"), rows)
    else:
        output.line("There is no number.")
