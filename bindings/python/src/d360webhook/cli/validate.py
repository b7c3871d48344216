# SPDX-License-Identifier: Apache-2.0
"""validate: the rules for webhooks, without a service."""

import click

from d360webhook import ValidationReport, webhook_validate
from d360webhook.cli import messages, output, secrets
from d360webhook.cli.commands import Command, header_option
from d360webhook.cli.exit import DONE, FINDINGS
from d360webhook.cli.help import about
from d360webhook.cli.session import current


@click.command(cls=Command, **about("validate"))
@click.argument("url")
@header_option()
def command(url: str, headers: tuple[str, ...]) -> int:
    """d360_webhook_validate."""
    session = current()
    report = webhook_validate(url, secrets.headers(headers), session.url_policy)
    session.answered(report, _show)
    return DONE if report["valid"] else FINDINGS


def _show(report: ValidationReport) -> None:
    if report["valid"]:
        output.line(messages.WEBHOOK_IS_VALID)
        return
    said = {"documented": "the service", "ours": "the embedded service"}
    rows = [(one["path"], one["message"], said.get(one["rule"], one["rule"])) for one in report["problems"]]
    output.table(("Where", "Problem", "Rule of"), rows)
