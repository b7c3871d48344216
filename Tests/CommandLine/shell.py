"""Lines as they are pasted into a shell, with d360-webhook on its PATH."""

from collections.abc import Sequence

from support.reader import path_with_program

from .program import Program, Result

#: What a question of the command line is answered with.
YES = [("[y/N]", "y\n")]


def paste(program: Program, line: str, typed: Sequence[tuple[str, str]] = ()) -> Result:
    """Runs the line in a bash at a terminal that is wide enough for any table."""
    environment = {"PATH": path_with_program(program.folder)}
    return program.terminal(line, width=400, typed=typed, environment=environment, command=("bash", "--norc", "-c"))
