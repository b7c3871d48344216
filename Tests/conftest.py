# SPDX-License-Identifier: Apache-2.0
"""The environment of every test: that of scripts/environment, and one command that says what is missing of it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
NEEDED = ("click", "rich", "xdist", "yaml")
#: make test and scripts/environment have set it up already; so has the process that started this one.
IS_SET_UP = "D360WEBHOOK_LIBRARY" in os.environ


def missing(what: str, command: str) -> None:
    print(f"{what}\nRun: {command}", file=sys.stderr)
    sys.exit(4)


def take_over_environment() -> None:
    command = ["sh", "-c", ". scripts/environment && env -0"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
    new = dict(one.split("=", 1) for one in done.stdout.split("\0") if "=" in one)
    for name in os.environ.keys() - new.keys():
        del os.environ[name]
    os.environ.update(new)


# Before the suites' own conftest.py are imported, which need all of it.
if not IS_SET_UP:
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        missing("Python packages are missing here.", "make venv, then build/venv/bin/pytest")
    take_over_environment()
    if not Path(os.environ["D360WEBHOOK_LIBRARY"]).exists():
        missing(f"{os.environ['D360WEBHOOK_LIBRARY']} is missing.", "make stage")


def pytest_configure(config: pytest.Config) -> None:
    for suite in () if IS_SET_UP else sorted(suites_of(config)):
        checked = subprocess.run(["scripts/setup", "--check", suite], cwd=TOP, capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            pytest.exit(f"{checked.stderr.strip()}\nRun: scripts/setup {suite}", 4)


def suites_of(config: pytest.Config) -> set[str]:
    """The folders of Tests that the command line names; all of them if it names none."""
    given = [(Path(config.invocation_params.dir) / name.partition("::")[0]).resolve() for name in config.args]
    named = {path.relative_to(TOP / "Tests").parts[0] for path in given if (TOP / "Tests") in path.parents}
    return named or {path.parent.name for path in (TOP / "Tests").glob("*/test_*.py")}
