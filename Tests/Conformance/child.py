"""Python programs that tests run beside themselves, in processes of their own."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]


def start(program: str, *arguments: Any) -> subprocess.Popen[str]:
    """Runs `program` with `raw` imported; its standard input and output are the test's."""
    text = "import json, os, sys, time\nfrom support import raw\n" + textwrap.dedent(program)
    command = [sys.executable, "-c", text, *map(str, arguments)]
    return subprocess.Popen(command, cwd=TESTS, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> list[str]:
    """Its lines, once it has ended well."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, (process.returncode, output, errors)
    return output.splitlines()


def run(program: str, *arguments: Any) -> list[str]:
    return finish(start(program, *arguments))
