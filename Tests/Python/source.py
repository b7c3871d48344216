# SPDX-License-Identifier: Apache-2.0
"""Where the package is, and what starts a Python program with it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from support.documents import blocks

SOURCE = Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"

Run = Callable[..., "subprocess.Popen[str]"]


def example_of_the_readme(holding: str) -> str:
    """The program of the package's README that holds this text."""
    programs = [block.text for block in blocks((SOURCE.parent / "README.md").read_text()) if block.language == "python"]
    (program,) = [program for program in programs if holding in program]
    return program
