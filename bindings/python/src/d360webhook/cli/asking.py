# SPDX-License-Identifier: Apache-2.0
"""Questions before what cannot be taken back."""

from collections.abc import Callable

import click

from d360webhook.cli import output
from d360webhook.cli.exit import usage


def may_go_on(yes: bool, what: str, announce: Callable[[], object]) -> bool:
    """True with --yes. At a terminal it shows what will happen and asks; elsewhere --yes is missing."""
    if yes:
        return True
    if not output.can_ask():
        raise usage(f"{what} asks before it changes anything, and there is no terminal to ask at; add --yes")
    announce()
    try:
        answered = click.confirm("Go on?", err=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise
        answered = False  # the end of input is no yes
        output.write("\n", to_errors=True)
    if not answered:
        output.line("Nothing was changed.", to_errors=True)
    return answered
