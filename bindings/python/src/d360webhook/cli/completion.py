# SPDX-License-Identifier: Apache-2.0
"""completion: scripts that let a shell complete commands and options."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from d360webhook.cli import PROGRAM, messages, output
from d360webhook.cli.commands import Command
from d360webhook.cli.help import about


@click.command(cls=Command, **about("completion"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Prints the script."""
    from d360webhook.cli.main import COMPLETION, cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(messages.no_completion(shell))
    # The base class's method: bash's own starts a bash first, to look at its version.
    output.write(ShellComplete.source(kind(cli, {}, PROGRAM, COMPLETION)) + "\n")
