"""Looks at database files from other processes: SQLite's locks belong to a process, and this one has the library's copy open."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from support import raw

from .services import channels

_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""

_CHECK = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchall())
"""


def check_integrity(database: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _CHECK, str(database)], capture_output=True, text=True, check=False)
    assert done.stdout == "[('ok',)]\n", done.stdout + done.stderr


@contextlib.contextmanager
def hold_write_lock(database: Path) -> Iterator[None]:
    """Another process has the write lock meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "locked\n"
        yield
    finally:
        process.communicate(timeout=30)


@contextlib.contextmanager
def opened(database: Path, options: dict[str, object] | None = None) -> Iterator[int]:
    _, client, error = raw.open_client(f"sqlite:{database}", options)
    assert client, error
    try:
        yield client
    finally:
        raw.close(client)


def webhooks(database: Path, keys: Iterable[str]) -> dict[str, str | None]:
    """The customer webhook's URL by key, as a client of its own reads it."""
    found = {}
    with opened(database) as client:
        for key in keys:
            status, text = raw.call("d360_customer_webhook_get", client, key)
            assert status == "D360_OK", text
            found[key] = json.loads(text or "null").get("url")
    return found


def register(database: Path, count: int) -> None:
    """Makes the file, with channels 0 to `count` - 1."""
    with opened(database) as client:
        for channel in channels(count):
            status, text = raw.call("d360_channel_register", client, channel)
            assert status == "D360_OK", text
