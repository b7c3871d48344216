# SPDX-License-Identifier: Apache-2.0
"""completion: scripts that let a shell complete commands and options."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from d360webhook.cli import PROGRAM, output
from d360webhook.cli.commands import Command


@click.command(
    cls=Command,
    examples=(
        "d360-webhook completion bash > ~/.local/share/bash-completion/completions/d360-webhook",
        "d360-webhook completion zsh > ~/.zfunc/_d360-webhook",
        "d360-webhook completion fish > ~/.config/fish/completions/d360-webhook.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell."""
    from d360webhook.cli.main import COMPLETION, cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    # The base class's: bash's own runs a bash first, to look at its version.
    output.write(ShellComplete.source(kind(cli, {}, PROGRAM, COMPLETION)) + "\n")
