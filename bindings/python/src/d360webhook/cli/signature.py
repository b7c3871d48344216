# SPDX-License-Identifier: Apache-2.0
"""signature: HMAC-SHA256 of events' bodies, the header x-360dialog-signature."""

import click

from d360webhook import signature_sign, signature_verify
from d360webhook.cli import files, output
from d360webhook.cli.commands import Group
from d360webhook.cli.session import current

SIGN = "d360-webhook signature sign --secret-file platform.secret < event.json"
VERIFY = (
    "d360-webhook signature verify --secret-file platform.secret \\\n"
    "--signature 6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a < event.json"
)
_secret_option = click.option(
    "--secret-file", metavar="FILE", required=True, help="A file whose only line is the account's platform secret."
)


@click.group(cls=Group, examples=(SIGN,))
def command() -> None:
    """Make and check the signatures of events.

    The service sends them in x-360dialog-signature: HMAC-SHA256 of the body, under the account's platform secret.
    """


@command.command(examples=(SIGN,))
@_secret_option
def sign(secret_file: str) -> None:
    """Print the signature of an event's body.

    The body is read from standard input.
    """
    session = current()
    signature = signature_sign(files.read_secret(secret_file), files.read("-"))
    session.answered({"signature": signature}, lambda answer: output.line(answer["signature"]))


@command.command(examples=(VERIFY,))
@_secret_option
@click.option("--signature", metavar="S", required=True, help="What the header said; sha256= before it is fine.")
def verify(secret_file: str, signature: str) -> None:
    """Check the signature of an event's body.

    The body is read from standard input. The exit status is 1 where the signature does not match.
    """
    session = current()
    signature_verify(files.read_secret(secret_file), files.read("-"), signature)
    session.answered({"valid": True}, lambda answer: output.line("The signature matches."))
