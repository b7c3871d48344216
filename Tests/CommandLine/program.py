"""Runs d360-webhook as a program: in a pipe, or under a terminal of its own."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.reader import COMMAND

SECONDS = 30
KEY = "key-of-berlin"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


@dataclass
class Result:
    """How a run ended."""

    status: int
    output: str
    errors: str = ""

    @property
    def json(self) -> Any:
        """The output, which is JSON."""
        return json.loads(self.output)

    @property
    def error(self) -> dict[str, Any]:
        """The error document on standard error."""
        document: dict[str, Any] = json.loads(self.errors)["error"]
        return document

    @property
    def text(self) -> str:
        """Without a terminal's escape sequences."""
        return ESCAPE.sub("", self.output).replace("\r\n", "\n")


class Program:
    """d360-webhook with a service and a key in its environment."""

    def __init__(self, folder: Path, service: str | None, key: str | None = KEY) -> None:
        self.folder = folder
        mine = ("D360_API_KEY", "D360_SERVICE", "D360_WEBHOOKD", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
        self.environment = {name: value for name, value in os.environ.items() if name not in mine}
        self.environment["TERM"] = "xterm-256color"
        # A pager waits for keys; its own tests set it.
        self.environment["PAGER"] = "cat"
        if service is not None:
            self.environment["D360_SERVICE"] = service
        if key is not None:
            self.environment["D360_API_KEY"] = key

    def file(self, name: str, text: str | bytes) -> str:
        """A file in the test's folder."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Runs on by itself."""
        return subprocess.Popen(
            [*COMMAND, *arguments], cwd=self.folder, env={**self.environment, **environment}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def __call__(self, *arguments: str, input: bytes = b"", **environment: str) -> Result:
        """Runs to its end, in pipes."""
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=self.folder, env={**self.environment, **environment},
            input=input, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def terminal(
        self, *arguments: str, width: int = 80, typed: Sequence[tuple[str, str]] = (), interrupt_at: str | None = None,
        environment: Mapping[str, str] | None = None, command: Sequence[str] = COMMAND,
    ) -> Result:  # fmt: skip
        """Runs to its end under a terminal. `typed`: once the first text shows, the second is typed."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder, env={**self.environment, **(environment or {})},
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=_controlling,
        )  # fmt: skip
        os.close(slave)
        try:
            output = _talk(master, list(typed), interrupt_at)
            return Result(process.wait(SECONDS), output)
        finally:
            os.close(master)
            if process.poll() is None:
                process.kill()
                process.wait()


def _controlling() -> None:
    """The terminal's Ctrl-C reaches the program."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _talk(master: int, typed: list[tuple[str, str]], interrupt_at: str | None) -> str:
    seen = b""
    end = time.monotonic() + SECONDS
    while True:
        assert select.select([master], [], [], max(0.0, end - time.monotonic()))[0], f"still waiting after {seen!r}"
        try:
            data = os.read(master, 65_536)
        except OSError:  # EIO: the program has ended
            break
        if not data:
            break
        seen += data
        if typed and typed[0][0] in seen.decode(errors="replace"):
            os.write(master, typed.pop(0)[1].encode())
        if interrupt_at is not None and interrupt_at in seen.decode(errors="replace"):
            os.write(master, b"\x03")
            interrupt_at = None
    assert not typed and interrupt_at is None, f"never shown: {typed or interrupt_at}; seen: {seen!r}"
    return seen.decode()
