# SPDX-License-Identifier: Apache-2.0
"""Files that the command line reads and writes."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from d360webhook.cli.exit import Failure

# As the library's limit for fleet documents.
LARGEST = 64 * 1024 * 1024


@contextmanager
def _said(doing: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise Failure(f"cannot {doing} {path}: {failure.strerror or failure}") from None


def read(path: str, limit: int = LARGEST) -> bytes:
    """The whole file; "-" is standard input."""
    with _said("read", path):
        if path == "-":
            data = sys.stdin.buffer.read(limit + 1) if sys.stdin is not None else b""
        else:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
    if len(data) > limit:
        raise Failure(f"{path} is over {limit // (1024 * 1024)} MiB")
    return data


def read_secret(path: str) -> str:
    """A file's only line, without its line end."""
    try:
        text = read(path, 1024 * 1024).decode()
    except UnicodeDecodeError:
        raise Failure(f"{path} is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise Failure(f"{path} is empty")
    if "\n" in text or "\0" in text:
        raise Failure(f"{path} holds more than one line of text")
    return text


def write(path: str, text: str, *, is_secret: bool = False) -> None:
    """Replaces the file as a whole, so nobody reads half of it; mode 0600 for secrets, else as the umask says."""
    target = Path(path)
    with _said("write", path):
        if target.exists() and not target.is_file():  # /dev/stdout, a named pipe
            target.write_text(text, encoding="utf-8")
            return
        target = target.resolve()
        beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with _created(beside, 0o600 if is_secret else 0o666) as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise


def _created(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb")
