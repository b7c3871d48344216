"""Requests that wait for another writer get an answer within the documented 5 seconds, however many wait."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.daemon import Daemon

from .accounts import Account
from .wire import Answer

#: Seconds: the documented limit, and what a busy machine may add.
LIMIT, SLACK = 5, 1
#: Workers for each of --threads.
WORKERS = 4


def timed(account: Account, number: int) -> tuple[float, Answer]:
    started = time.monotonic()
    answer = account.ask("POST", "/v1/configs/webhook", {"url": f"https://hooks.example.com/{number}"})
    return time.monotonic() - started, answer


@pytest.mark.parametrize("pause", [0, 2.5])
def test_a_second_batch_in_the_queue_waits_no_longer_than_the_first(tmp_path: Path, pause: float) -> None:
    """Another program holds the lock. One batch occupies all workers, a second and a third wait in the queue behind it."""
    with Daemon(f"sqlite:{tmp_path}/w.db", ["--threads=1"]) as daemon:
        account = Account(daemon, 1).register()
        with sqlite3.connect(tmp_path / "w.db", isolation_level=None) as other, ThreadPoolExecutor(3 * WORKERS) as pool:
            other.execute("BEGIN IMMEDIATE")
            batches = []
            for _ in range(3):
                batches += [pool.submit(timed, account, number) for number in range(WORKERS)]
                time.sleep(pause / 2)
            results = [one.result() for one in batches]
            other.execute("ROLLBACK")
        print([round(seconds, 2) for seconds, _ in results])
        for _, answer in results:
            assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
        assert max(seconds for seconds, _ in results) < LIMIT + SLACK
        # Nothing of it was done later, and the daemon goes on.
        account.ask("GET", "/v1/configs/webhook").must_be({})
        assert timed(account, 0)[1].code == 200
