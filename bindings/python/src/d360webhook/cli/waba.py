# SPDX-License-Identifier: Apache-2.0
"""waba: the webhook of a WhatsApp Business Account."""

import click

from d360webhook import Channel, WABAWebhook
from d360webhook.cli import messages, output, secrets
from d360webhook.cli.asking import may_go_on
from d360webhook.cli.commands import Group, OptionalSeconds, header_option, option, wait_option, yes_option
from d360webhook.cli.exit import FAILED
from d360webhook.cli.help import about
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url


@click.group(cls=Group, **about("waba"))
def command() -> None:
    """The family."""


@command.command(**about("waba get"))
def get() -> None:
    """GET /waba_webhook."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.waba_webhook_get(), _show)


@command.command("set", cls=OptionalSeconds, **about("waba set"))
@click.argument("url")
@header_option()
@option("--override-all", is_flag=True)
@yes_option()
@wait_option("waba set")
def set_webhook(url: str, headers: tuple[str, ...], override_all: bool, yes: bool, wait: float | None) -> int | None:
    """POST /waba_webhook."""
    session = current()
    given = secrets.headers(headers)
    with session.channel() as channel:
        if override_all and not may_go_on(yes, "--override-all", lambda: _announce(channel, url)):
            return FAILED
        answer = channel.waba_webhook_set(url, given, override_all)
        if wait is None:
            session.answered(answer)
        else:
            session.answered(channel.waba_webhook_wait(url, given, round(wait * 1000)), _show)
    return None


def _announce(channel: Channel, url: str) -> None:
    answer = channel.waba_webhook_get()
    numbers = answer.get("numbers_on_this_waba") or []
    output.line(messages.webhooks_removed(answer.get("waba_id", "(unknown)")), to_errors=True)
    for number in numbers:
        output.line(f"  {number}", to_errors=True)
    output.line(messages.events_will_go_to(shown_url(url)), to_errors=True)


def _show(answer: WABAWebhook) -> None:
    url = answer.get("url")
    rows = [
        ("WABA", str(answer.get("waba_id", ""))),
        ("URL", shown_url(url) if url else messages.NO_WABA_WEBHOOK),
        ("Headers", ", ".join(answer.get("headers") or {})),
        ("Numbers", ", ".join(answer.get("numbers_on_this_waba") or [])),
    ]
    output.table(("", ""), rows, has_header=False)
