"""A list of very many channels can be given up."""

import ctypes
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import raw

from .files import opened

MANY = 200_000

INSERT = """
WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < ?)
INSERT INTO channel (phone_number_id, phone_number, waba_id, key_digest)
SELECT 'number-' || n, '+49' || n, n / 10 + 1, randomblob(32) FROM row
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    path: Path = tmp_path_factory.mktemp("many") / "w.db"
    client = opened(path)
    with sqlite3.connect(path) as connection:
        connection.execute(INSERT, (MANY,))
    connection.close()
    yield client
    raw.close(client)


@pytest.mark.parametrize("after", [0.01, 0.05, 0.15, 0.3, 0.5])
def test_a_long_list_of_channels_ends_within_100_milliseconds_of_a_cancel(client: int, after: float) -> None:
    """Whether its rows are being read or its text is being written."""
    _, derived, _ = raw.derive(client)
    cancelled: list[float] = []

    def cancel() -> None:
        cancelled.append(time.monotonic())
        raw.library.d360_cancel(derived)

    later = threading.Timer(after, cancel)
    later.start()
    status = raw.library.d360_channel_list(ctypes.c_void_p(derived), None)
    ended = time.monotonic()
    later.join()
    raw.close(derived)
    # A call that has its result already returns it.
    assert raw.status_name(status) in ("D360_CANCELLED", "D360_OK")
    assert ended - cancelled[0] < 0.1
