# SPDX-License-Identifier: Apache-2.0
"""signature: the HMAC-SHA256 of events, the header x-360dialog-signature."""

import click

from d360webhook import signature_sign, signature_verify
from d360webhook.cli import files, messages, output
from d360webhook.cli.commands import Group, file_option, option
from d360webhook.cli.help import about
from d360webhook.cli.session import current

_secret_option = file_option("--secret-file", required=True)


@click.group(cls=Group, **about("signature"))
def command() -> None:
    """The family."""


@command.command(**about("signature sign"))
@_secret_option
def sign(secret_file: str) -> None:
    """d360_signature_sign."""
    session = current()
    signature = signature_sign(files.read_secret(secret_file), files.read("-"))
    session.answered({"signature": signature}, lambda answer: output.line(answer["signature"]))


@command.command(**about("signature verify"))
@_secret_option
@option("--signature", metavar="S", required=True)
def verify(secret_file: str, signature: str) -> None:
    """d360_signature_verify."""
    session = current()
    signature_verify(files.read_secret(secret_file), files.read("-"), signature)
    session.answered({"valid": True}, lambda answer: output.line(messages.SIGNATURE_MATCHES))
