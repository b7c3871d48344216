# SPDX-License-Identifier: Apache-2.0
"""The environment of every test: that of scripts/environment, and one command that says what is missing of it."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
NEEDED = ("click", "rich", "xdist", "yaml")


def pytest_configure(config: pytest.Config) -> None:
    # make test and scripts/environment have set it up already.
    if "D360WEBHOOK_LIBRARY" in os.environ or hasattr(config, "workerinput"):
        return
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        pytest.exit("Python packages are missing here. Run: make venv, then build/venv/bin/pytest", 4)
    take_over_environment()
    if not Path(os.environ["D360WEBHOOK_LIBRARY"]).exists():
        pytest.exit(f"{os.environ['D360WEBHOOK_LIBRARY']} is missing. Run: make stage", 4)
    for suite in sorted(suites_of(config)):
        checked = subprocess.run(["scripts/setup", "--check", suite], cwd=TOP, capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            pytest.exit(f"{checked.stderr.strip()}\nRun: scripts/setup {suite}", 4)


def take_over_environment() -> None:
    command = ["sh", "-c", ". scripts/environment && env -0"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
    new = dict(one.split("=", 1) for one in done.stdout.split("\0") if "=" in one)
    for name in os.environ.keys() - new.keys():
        del os.environ[name]
    os.environ.update(new)


def suites_of(config: pytest.Config) -> set[str]:
    """The folders of Tests that the command line names; all of them if it names none."""
    given = [(Path(config.invocation_params.dir) / name.partition("::")[0]).resolve() for name in config.args]
    named = {path.relative_to(TOP / "Tests").parts[0] for path in given if (TOP / "Tests") in path.parents}
    return named or {path.parent.name for path in (TOP / "Tests").glob("*/test_*.py")}
