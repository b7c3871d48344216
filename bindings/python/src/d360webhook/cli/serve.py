# SPDX-License-Identifier: Apache-2.0
"""serve: runs the daemon."""

import os
import signal

import click

from d360webhook._daemon import NAME, VARIABLE, find
from d360webhook.cli import messages
from d360webhook.cli.commands import Command
from d360webhook.cli.exit import Failure
from d360webhook.cli.help import about
from d360webhook.cli.secrets import KEY
from d360webhook.cli.session import current


class ServeCommand(Command):
    """A command that passes all its arguments to the daemon."""

    takes_common_options = False


@click.command(
    cls=ServeCommand,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    **about("serve"),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Becomes the daemon."""
    program = os.environ.get(VARIABLE) or find()
    if not program:
        raise Failure(messages.daemon_not_found(NAME, VARIABLE))
    environment = {name: value for name, value in os.environ.items() if name != KEY}
    # Python ignores SIGPIPE, and the daemon would inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execve(program, [NAME, *current().arguments(), *arguments], environment)
    except OSError as failure:
        raise Failure(messages.daemon_failed(program, failure.strerror)) from None
