# SPDX-License-Identifier: Apache-2.0
"""serve: runs the daemon."""

import os
import shutil
import signal

import click

from d360webhook.cli.commands import Command
from d360webhook.cli.exit import Failure
from d360webhook.cli.help import about
from d360webhook.cli.secrets import KEY
from d360webhook.cli.session import current

DAEMON = "d360-webhookd"
VARIABLE = "D360_WEBHOOKD"


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
    program = os.environ.get(VARIABLE) or shutil.which(DAEMON)
    if not program:
        raise Failure(f"{DAEMON} is not in PATH; install it, or set {VARIABLE} to its path")
    environment = {name: value for name, value in os.environ.items() if name != KEY}
    # Python ignores SIGPIPE, and the daemon would inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execve(program, [DAEMON, *current().arguments(), *arguments], environment)
    except OSError as failure:
        raise Failure(f"cannot run {program}: {failure.strerror}") from None
