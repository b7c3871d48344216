"""A reader of a page, who writes its files and types its commands."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from support.daemon import PROGRAM as DAEMON
from support.documents import Block, agrees

from d360webhook.cli import PROGRAM

SECONDS = 30
COMMAND = [sys.executable, "-m", "d360webhook.cli"]


def path_with_program(folder: Path) -> str:
    """A PATH that has d360-webhook."""
    script = folder / "bin" / PROGRAM
    if not script.exists():
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
        script.chmod(0o755)
    return f"{script.parent}:{DAEMON.parent}:{os.environ['PATH']}"


class Reader:
    """Types each command into a bash of its own. Exported variables stay; what goes on in the background ends with the reader.

    `replacements` are for texts that are the machine's, such as ports; they hold for commands, files and outputs.
    """

    def __init__(self, folder: Path, replacements: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.replacements = dict(replacements or {})
        kept = {name: value for name, value in os.environ.items() if not name.startswith("D360_")}
        self.environment = {**kept, "PATH": path_with_program(folder), "LC_ALL": "C.UTF-8"}
        self._groups: list[int] = []

    def read(self, page: Iterable[Block]) -> int:
        """Writes the files, types the commands; the count of commands. Each prints what is below it."""
        count = 0
        for block in page:
            if block.file and not block.file.startswith("/"):
                (self.folder / block.file).write_text(self._here(block.text))
            for command, output in block.commands if block.language == "console" else ():
                printed = self.type(command)
                assert agrees(self._here(output), printed), f"{command}\n--- shown\n{output}\n--- printed\n{printed}"
                count += 1
        return count

    def type(self, command: str) -> str:
        """All that it prints; it must not fail."""
        text = f"set -o pipefail; {self._here(command)}\nstatus=$?; env -0 > exported; exit $status"
        process = subprocess.Popen(
            ["bash", "--norc", "-c", text], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self._groups.append(process.pid)
        printed, _ = process.communicate(timeout=SECONDS)
        exported = (self.folder / "exported").read_text()
        self.environment = dict(one.split("=", 1) for one in exported.split("\0") if "=" in one)
        # head ends before what it reads from does.
        assert process.returncode in (0, 2 if "|" in command else 0), f"{command}: {process.returncode}\n{printed}"
        return printed

    def _here(self, text: str) -> str:
        for shown, ours in self.replacements.items():
            text = text.replace(shown, ours)
        return text

    def close(self) -> None:
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._groups.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
