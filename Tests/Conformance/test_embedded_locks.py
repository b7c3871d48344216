"""A database file that another program has locked."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import raw

from . import child
from .answers import check_document
from .channel import OTHER_URL, URL

#: Takes the write lock, says so, and gives it back after so many seconds, or when its input ends.
HOLDER = """
import select, sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
select.select([sys.stdin], [], [], float(sys.argv[2]))
connection.execute("COMMIT")
connection.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.db"


@pytest.fixture
def client(path: Path) -> Iterator[int]:
    client = raw.open_client(f"sqlite:{path}")[1] or 0
    raw.call("d360_channel_register", client, {"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
    raw.call("d360_customer_webhook_set", client, "key", {"url": URL})
    yield client
    raw.close(client)


def hold(path: Path, seconds: float):  # type: ignore[no-untyped-def]
    holder = child.start(HOLDER, path, seconds)
    assert holder.stdout and holder.stdout.readline() == "locked\n"
    return holder


def test_a_write_waits_for_the_lock(path: Path, client: int) -> None:
    holder = hold(path, 2)
    begun = time.monotonic()
    status, text = raw.call("d360_customer_webhook_set", client, "key", {"url": OTHER_URL})
    waited = time.monotonic() - begun
    child.finish(holder)
    assert status == "D360_OK", text
    assert waited >= 1.5
    assert json.loads(raw.call("d360_customer_webhook_get", client, "key")[1] or "") == {"url": OTHER_URL}


def test_opening_waits_for_the_lock_of_one_who_creates_it(path: Path) -> None:
    path.touch()
    holder = hold(path, 1)
    status, client, error = raw.open_client(f"sqlite:{path}")
    child.finish(holder)
    assert status == "D360_OK", error
    raw.close(client)


def test_readings_do_not_wait(path: Path, client: int) -> None:
    holder = hold(path, 60)
    for operation in ("multi_webhook_get", "customer_webhook_get", "waba_webhook_get"):
        assert raw.call(f"d360_{operation}", client, "key")[0] == "D360_OK"
    assert holder.poll() is None, "the lock was held all the time"
    child.finish(holder)


def test_cancel_ends_a_write_that_waits_within_100_milliseconds(path: Path, client: int) -> None:
    holder = hold(path, 60)
    cancelled: list[float] = []

    def cancel() -> None:
        cancelled.append(time.monotonic())
        raw.library.d360_cancel(client)

    later = threading.Timer(0.5, cancel)
    later.start()
    status, text = raw.call("d360_customer_webhook_set", client, "key", {"url": OTHER_URL})
    took = time.monotonic() - cancelled[0]
    later.join()
    child.finish(holder)
    assert status == "D360_CANCELLED"
    document = json.loads(text or "")
    check_document(status, document)
    assert document["error"]["outcome"] == "not_applied"
    assert took <= 0.1
    assert json.loads(raw.call("d360_customer_webhook_get", client, "key")[1] or "") == {"url": URL}


def test_cancel_ends_those_who_wait_behind_another_of_the_same_process(path: Path, client: int) -> None:
    holder = hold(path, 60)
    statuses: list[str] = []
    ended: list[float] = []

    def write(index: int) -> None:
        statuses.append(raw.call("d360_customer_webhook_set", client, "key", {"url": f"{OTHER_URL}/{index}"})[0])
        ended.append(time.monotonic())

    writers = [threading.Thread(target=write, args=(index,)) for index in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(0.5)
    begun = time.monotonic()
    raw.library.d360_cancel(client)
    for writer in writers:
        writer.join()
    child.finish(holder)
    assert statuses == ["D360_CANCELLED"] * 4
    assert max(ended) - begun <= 0.1


def test_closing_ends_a_write_that_waits(path: Path, client: int) -> None:
    holder = hold(path, 60)
    derived = raw.derive(client)[1]
    statuses: list[str] = []
    writer = threading.Thread(
        target=lambda: statuses.append(raw.call("d360_customer_webhook_set", derived, "key", {"url": OTHER_URL})[0])
    )
    writer.start()
    time.sleep(0.3)
    raw.close(derived)
    writer.join()
    child.finish(holder)
    assert statuses == ["D360_CANCELLED"]


if os.environ.get("D360_SOAK") == "1":

    def test_a_lock_is_waited_for_10_seconds_at_most(path: Path, client: int) -> None:
        holder = hold(path, 60)
        begun = time.monotonic()
        status, text = raw.call("d360_customer_webhook_set", client, "key", {"url": OTHER_URL})
        waited = time.monotonic() - begun
        child.finish(holder)
        assert status == "D360_STORAGE_ERROR"
        error = json.loads(text or "")["error"]
        assert (error["retryable"], error["outcome"], error["attempts"]) == (True, "not_applied", 1)
        assert 9.5 <= waited <= 11
