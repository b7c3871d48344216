"""The database file is deleted or replaced under a running daemon: it says so, and acknowledges nothing that would be lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.daemon import Daemon

from .accounts import Account
from .readiness import must_be_unready, must_become_ready
from .wire import Answer, Wire

CLIENTS = 16


def delete(database: Path) -> None:
    database.unlink()


def delete_all(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()


def replace(database: Path) -> None:
    """By another valid database, in which the same channel is registered."""
    other = database.with_name("other.db")
    with Daemon(f"sqlite:{other}") as daemon:
        Account(daemon, 1).register().enable("other")
        assert daemon.stop() == 0
    other.replace(database)


def must_say_so(answer: Answer) -> None:
    answer.must_fail(503, "D360_STORAGE_ERROR")
    assert "the database file was moved or deleted" in answer.json["error"], answer


@pytest.mark.parametrize("remove", [delete, delete_all, replace])
def test_without_its_file_a_daemon_answers_503_and_is_not_ready(tmp_path: Path, remove: Callable[[Path], None]) -> None:
    database = tmp_path / "w.db"
    with Daemon(f"sqlite:{database}") as daemon:
        account = Account(daemon, 1).register().enable("own")
        remove(database)
        before = database.read_bytes() if database.exists() else None
        for _ in range(2):
            # More than there are connections to the file, so that new ones are tried, too.
            with ThreadPoolExecutor(CLIENTS) as pool:
                writes = [pool.submit(account.append, f"new-{number}") for number in range(CLIENTS // 2)]
                reads = [pool.submit(account.ask, "GET", "/multi_webhook") for _ in range(CLIENTS // 2)]
            for write in writes:
                must_say_so(write.result())
            for read in reads:
                if read.result().code != 200:
                    must_say_so(read.result())
                else:
                    assert [one["name"] for one in read.result().json["destinations"]] == ["own"]
            must_be_unready(daemon)
            with Wire(daemon.port) as wire:
                must_say_so(wire.ask("GET", "/readyz"))
        assert (database.read_bytes() if database.exists() else None) == before
        assert daemon.stop() == 0
    with Daemon(f"sqlite:{database}") as daemon:
        if before is None:
            account.at(daemon).ask("GET", "/multi_webhook").must_fail(401, "D360_UNAUTHORIZED")
        else:
            assert account.at(daemon).names() == ["other"]


def test_a_file_that_is_put_back_is_used_again(tmp_path: Path) -> None:
    with Daemon(f"sqlite:{tmp_path}/w.db") as daemon:
        account = Account(daemon, 1).register().enable("a")
        (tmp_path / "w.db").rename(tmp_path / "away.db")
        must_be_unready(daemon)
        must_say_so(account.append("b"))
        (tmp_path / "away.db").rename(tmp_path / "w.db")
        must_become_ready(daemon)
        assert account.append("b").code == 200
        assert account.names() == ["a", "b"]
