# SPDX-License-Identifier: Apache-2.0
"""waba: the webhook of a WhatsApp Business Account."""

import click

from d360webhook import Channel, WABAWebhook
from d360webhook.cli import output, secrets
from d360webhook.cli.asking import may_go_on
from d360webhook.cli.commands import Command, Group, header_option
from d360webhook.cli.exit import FAILED
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url

WAIT_SECONDS = 30


class SetCommand(Command):
    """--wait may stand alone: what follows is its number only if it is one."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """With the number filled in where --wait has none."""
        for place, argument in enumerate(arguments):
            if argument == "--":
                break
            if argument == "--wait" and not _is_number(arguments[place + 1 : place + 2]):
                arguments[place] = f"--wait={WAIT_SECONDS}"
        return super().parse_args(context, arguments)


def _is_number(words: list[str]) -> bool:
    return bool(words) and words[0].replace(".", "", 1).isdecimal()


@click.group(cls=Group, examples=("d360-webhook waba get",))
def command() -> None:
    """The webhook of a WhatsApp Business Account.

    All numbers of the account (WABA) that have no webhook of their own follow it.
    """


@command.command(examples=("d360-webhook waba get",))
def get() -> None:
    """Show the WABA's webhook and the numbers that are on it."""
    session = current()
    with session.channel() as channel:
        session.answered(channel.waba_webhook_get(), _show)


@command.command(
    "set",
    cls=SetCommand,
    examples=(
        "d360-webhook waba set https://hooks.example.com/waba --wait",
        "d360-webhook waba set https://hooks.example.com/waba --override-all --yes",
    ),
)
@click.argument("url")
@header_option
@click.option("--override-all", is_flag=True, help="Take their own webhook from all numbers of the WABA, too. Asks before.")
@click.option("--yes", is_flag=True, help="Do not ask. Needed with --override-all where there is no terminal.")
@click.option(
    "--wait", metavar="[SECONDS]", type=click.FloatRange(min=0, max=1_000_000),
    help=f"Wait until it is applied, {WAIT_SECONDS} seconds at most or as many as given; the service takes 15 to 20.",
)  # fmt: skip
def set_webhook(url: str, headers: tuple[str, ...], override_all: bool, yes: bool, wait: float | None) -> int | None:
    """Make URL the WABA's webhook.

    Without --header it has no headers afterwards.
    """
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
    output.line(f"Every number of WABA {answer.get('waba_id', '(unknown)')} loses its own webhook:", to_errors=True)
    for number in numbers:
        output.line(f"  {number}", to_errors=True)
    output.line(f"All their events go to {shown_url(url)} from then on.", to_errors=True)


def _show(answer: WABAWebhook) -> None:
    url = answer.get("url")
    rows = [
        ("WABA", str(answer.get("waba_id", ""))),
        ("URL", shown_url(url) if url else "none: events of numbers without their own webhook are lost"),
        ("Headers", ", ".join(answer.get("headers") or {})),
        ("Numbers", ", ".join(answer.get("numbers_on_this_waba") or [])),
    ]
    output.table(("", ""), rows, has_header=False)
