# SPDX-License-Identifier: Apache-2.0
"""customer: a phone number's own webhook."""

import click

from d360webhook import CustomerWebhook
from d360webhook.cli import messages, output, secrets
from d360webhook.cli.commands import Group, header_option
from d360webhook.cli.help import about
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url


@click.group(cls=Group, **about("customer"))
def command() -> None:
    """The family."""


@command.command(**about("customer get"))
def get() -> None:
    """GET /v1/configs/webhook."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.customer_webhook_get(), _show)


@command.command("set", **about("customer set"))
@click.argument("url")
@header_option()
def set_webhook(url: str, headers: tuple[str, ...]) -> None:
    """POST /v1/configs/webhook."""
    session = current()
    given = secrets.headers(headers)
    with session.channel() as channel:
        session.answered(channel.customer_webhook_set(url, given), _show)


def _show(answer: CustomerWebhook) -> None:
    url = answer.get("url")
    if url:
        output.line(shown_url(url))
    else:
        # Scripts take standard output for the URL.
        output.line(messages.NO_OWN_WEBHOOK, to_errors=True)
