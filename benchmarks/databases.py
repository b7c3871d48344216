# SPDX-License-Identifier: Apache-2.0
"""Databases of the embedded service with as many channels as are asked for."""

import contextlib
import os
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Any

from worker import Worker

from d360webhook import Client


def filled(path: Path, channels: int, program: Path) -> Path:
    """A database that the library makes, with one channel, and that is filled with copies of it: a million calls would take
    minutes. The keys are those of channels.h. One that is there already is used again."""
    if path.exists():
        return path
    with Worker(program, f"sqlite:{path}", "get"):
        pass  # it has made channel 0
    database = sqlite3.connect(path, isolation_level=None)
    try:
        # Nothing is lost with this file: neither a journal nor a sync is needed until it is whole.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            database.execute(f"PRAGMA {pragma}")
        first, waba_id = database.execute("SELECT id, waba_id FROM channel").fetchone()
        known = database.execute("SELECT document, shows_at FROM multi_webhook").fetchone()
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO channel (id, phone_number_id, waba_id, key_digest) VALUES (?, ?, ?, ?)",
            ((first + n, str(10**14 + n), waba_id + n, key_digest(n)) for n in range(1, channels)),
        )
        # In the order of registration, as the library would: rows are not as close as they would be in the order of keys.
        database.executemany(
            "INSERT INTO multi_webhook (key_prefix, key_digest, document, shows_at) VALUES (?, ?, ?, ?)",
            ((key_prefix(digest), digest, *known) for digest in map(key_digest, range(1, channels))),
        )
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = WAL")
    finally:
        database.close()
    write_out(path)
    return path


def filled_fleet(path: Path, channels: int, program: Path, webhook: dict[str, Any]) -> Path:
    """The same, where each channel's WABA has this webhook."""
    filled(path, channels, program)
    with Client(f"sqlite:{path}") as client:
        client.waba_webhook_set(key(0), **webhook)
    database = sqlite3.connect(path)
    with contextlib.closing(database), database:
        database.execute(
            "INSERT OR IGNORE INTO waba_webhook (waba_id, document)"
            " SELECT channel.waba_id, known.document FROM channel, (SELECT document FROM waba_webhook) AS known"
        )
    write_out(path)
    return path


def key(channel: int) -> str:
    return f"benchmark-key-{channel:09}"


def key_digest(channel: int) -> bytes:
    return sha256(key(channel).encode()).digest()


def key_prefix(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big", signed=True)


def write_out(path: Path) -> None:
    """So that the system does not do it while something is measured."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
