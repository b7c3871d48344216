"""Lines as they are pasted into a shell, with d360-webhook on its PATH."""

import os
from collections.abc import Sequence
from pathlib import Path

from d360webhook.cli import PROGRAM

from .program import COMMAND, Program, Result


def path_with_program(folder: Path) -> str:
    """A PATH on which d360-webhook is."""
    script = folder / "bin" / PROGRAM
    if not script.exists():
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
        script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def paste(program: Program, line: str, typed: Sequence[tuple[str, str]] = ()) -> Result:
    """Runs the line in a bash at a terminal that is wide enough for any table."""
    environment = {"PATH": path_with_program(program.folder)}
    return program.terminal(line, width=400, typed=typed, environment=environment, command=("bash", "--norc", "-c"))
