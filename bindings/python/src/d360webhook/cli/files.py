# SPDX-License-Identifier: Apache-2.0
"""Files that the command line reads and writes."""

import codecs
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from d360webhook.cli import messages
from d360webhook.cli.exit import FAILED, UNREADABLE, Failure, usage, wrong_file

# The library's limit for fleet documents.
LARGEST = 64 * 1024 * 1024


@contextmanager
def _failing(message: Callable[[str, object], str], path: str, status: int) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise Failure(message(name_of(path), failure.strerror or failure), status) from None


def name_of(path: str) -> str:
    """The name of a file in messages."""
    return messages.STANDARD_INPUT if path == "-" else path


def read(path: str, limit: int = LARGEST) -> bytes:
    """The whole file; "-" is standard input."""
    with _failing(messages.cannot_read, path, UNREADABLE):
        if path == "-":
            data = sys.stdin.buffer.read(limit + 1) if sys.stdin is not None else b""
        else:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
    if len(data) > limit:
        raise wrong_file(messages.too_large(name_of(path), limit))
    return data


def read_text(path: str) -> str:
    """The text of a file: UTF-8, or UTF-16 as spreadsheets write it, without its byte order mark."""
    data = read(path)
    encoding = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        raise wrong_file(f"{name_of(path)}:{line}: {messages.not_utf8(failure.start)}") from None


def read_secret(path: str) -> str:
    """The only line of a file, without its line end."""
    name = name_of(path)
    try:
        text = without_line_end(read(path, 1024 * 1024).decode())
    except UnicodeDecodeError:
        raise wrong_file(messages.secret_not_utf8(name)) from None
    if not text:
        raise wrong_file(messages.secret_empty(name))
    if "\n" in text or "\0" in text:
        raise wrong_file(messages.secret_of_several_lines(name))
    return text


def without_line_end(text: str) -> str:
    """The text without the line end that editors, secret managers and `echo` put after it."""
    return text.removesuffix("\n").removesuffix("\r")


def check_output(option: str, path: str, used: Iterable[str], may_replace: Callable[[str], bool], advice: str) -> None:
    """Rejects an output file that is one of the `used` files, or that exists and may not be replaced.

    It is called before the network is used. A pipe or a terminal is not a file that can be lost.
    """
    for other in used:
        if _is_same(path, other):
            raise usage(messages.output_is_used(option, path, name_of(other)))
    if os.path.isfile(path) and not may_replace(path):
        raise usage(messages.output_exists(option, path, advice))


def begins_with(*starts: str) -> Callable[[str], bool]:
    """True if a file's text begins with one of these, or is empty."""

    def check(path: str) -> bool:
        with _failing(messages.cannot_read, path, UNREADABLE), open(path, "rb") as file:
            start = file.read(max(map(len, starts)))
        return not start or start.startswith(tuple(one.encode() for one in starts))

    return check


def _is_same(path: str, other: str) -> bool:
    if other == "-" or (os.path.exists(path) and not os.path.isfile(path)):
        return False
    try:
        return os.path.samefile(path, other)
    except OSError:
        return os.path.realpath(path) == os.path.realpath(other)


def write(path: str, text: str, *, is_secret: bool = False) -> None:
    """Replaces the file as a whole, so that nobody reads half of it.

    A secret file gets mode 0600. Another one keeps its mode and owner if it exists, else the umask decides.
    """
    target = Path(path)
    with _failing(messages.cannot_write, path, FAILED):
        if target.exists() and not target.is_file():  # /dev/stdout, a named pipe
            target.write_text(text, encoding="utf-8")
            return
        target = target.resolve()
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with _created(temporary, 0o600 if is_secret else 0o666) as file:
                if target.exists() and not is_secret:
                    _take_over(target, file)
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _take_over(target: Path, file: BinaryIO) -> None:
    known = target.stat()
    with suppress(OSError):  # only root may give a file to another user
        os.fchown(file.fileno(), known.st_uid, known.st_gid)
    os.fchmod(file.fileno(), known.st_mode & 0o777)


def _created(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb")
