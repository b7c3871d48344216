"""A daemon that must not start."""

import os
import subprocess

from support.daemon import PROGRAM

MEMORY = ["--service", "sqlite::memory:"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """For what must not start; the last line of standard error says why."""
    return subprocess.run(
        [PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


def must_not_start(arguments: list[str], *words: str, status: int = 1) -> None:
    done = run("--listen", "127.0.0.1:0", *arguments)
    assert (done.returncode, done.stdout) == (status, ""), done
    line = done.stderr.splitlines()[-1]
    assert line.startswith("d360-webhookd: ")
    for word in words:
        assert word in line
