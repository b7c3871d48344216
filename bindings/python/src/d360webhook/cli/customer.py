# SPDX-License-Identifier: Apache-2.0
"""customer: a phone number's own webhook."""

import click

from d360webhook import CustomerWebhook
from d360webhook.cli import output, secrets
from d360webhook.cli.commands import Group, header_option
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url


@click.group(cls=Group, examples=("d360-webhook customer get",))
def command() -> None:
    """A phone number's own webhook.

    Where there is one, the number's events go there and not to its WABA's.
    """


@command.command(examples=("d360-webhook --api-key-file berlin.key customer get",))
def get() -> None:
    """Show the number's own webhook.

    The service does not tell its headers.
    """
    session = current()
    with session.channel() as channel:
        session.answered(channel.customer_webhook_get(), _show)


@command.command(
    "set", examples=("d360-webhook customer set https://hooks.example.com/main --header Authorization=@token",)
)
@click.argument("url")
@header_option
def set_webhook(url: str, headers: tuple[str, ...]) -> None:
    """Make URL the number's own webhook.

    Without --header it has no headers afterwards.
    """
    session = current()
    given = secrets.headers(headers)
    with session.channel() as channel:
        session.answered(channel.customer_webhook_set(url, given), _show)


def _show(answer: CustomerWebhook) -> None:
    url = answer.get("url")
    output.line(shown_url(url) if url else "The number has no webhook of its own; its events go to its WABA's.")
