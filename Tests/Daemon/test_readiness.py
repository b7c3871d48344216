"""/readyz asks the storage, /healthz never does."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.postgres import Cluster

from .accounts import Account
from .files import spoil
from .readiness import HEALTHY, READY, ask, must_be_unready, must_become_ready


def test_it_is_ready_with_an_empty_storage(storage: str) -> None:
    with Daemon(storage) as daemon:
        ask(daemon, "/readyz").must_be(READY)
        ask(daemon, "/healthz").must_be(HEALTHY)


def test_it_is_not_ready_while_its_file_is_broken(tmp_path: Path) -> None:
    with Daemon(f"sqlite:{tmp_path}/w.db") as daemon:
        Account(daemon, 1).register().enable("a")
        spoil(tmp_path / "w.db")
        must_be_unready(daemon)
        assert daemon.process.poll() is None


def test_a_lock_of_another_program_does_not_make_it_unready(tmp_path: Path) -> None:
    """Readings go on; only writes wait."""
    with Daemon(f"sqlite:{tmp_path}/w.db") as daemon:
        account = Account(daemon, 1).register()
        with sqlite3.connect(tmp_path / "w.db", isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            ask(daemon, "/readyz").must_be(READY)
            account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})
            answer = account.ask("POST", "/multi_webhook", {"enabled": True})
            assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
            other.execute("ROLLBACK")
        account.enable("a")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Of these tests alone: they stop it."""
    with Cluster() as cluster:
        yield cluster


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_it_is_not_ready_while_the_database_server_is_away(cluster: Cluster, how: signal.Signals) -> None:
    with Daemon(cluster.make_database(f"away-{how}")) as daemon:
        account = Account(daemon, 1).register().enable("a")
        ask(daemon, "/readyz").must_be(READY)
        cluster.stop(how)
        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(must_be_unready, daemon) for _ in range(2)]
            answers = [
                pool.submit(account.ask, "GET", "/multi_webhook"),
                pool.submit(account.ask, "POST", "/multi_webhook", {"enabled": True}),
            ]
        for one in asking:
            one.result()
        for answer in (one.result() for one in answers):
            assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
        cluster.start()
        must_become_ready(daemon)
        assert account.names() == ["a"]


def test_a_database_server_that_hangs_keeps_nobody_from_learning_that_the_daemon_lives(cluster: Cluster) -> None:
    """The server's processes are stopped: connections stay, and nothing is answered."""
    with Daemon(cluster.make_database("hangs"), ["--threads=1"]) as daemon:
        account = Account(daemon, 1).register()
        sessions = cluster.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'hangs'")
        assert sessions and cluster.process
        stopped = [cluster.process.pid, *map(int, sessions)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(20) as pool:
                asking = [pool.submit(account.ask, "GET", path) for path in ["/readyz", "/multi_webhook"] * 10]
                for _ in range(20):
                    started = time.monotonic()
                    ask(daemon, "/healthz").must_be(HEALTHY)
                    assert time.monotonic() - started < 1
                    time.sleep(0.05)
                for one in asking:
                    one.result().must_fail(503, "D360_STORAGE_ERROR")
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        must_become_ready(daemon)
        account.enable("a")


def test_a_daemon_that_cannot_reach_its_database_does_not_start(cluster: Cluster) -> None:
    for url in (cluster.url_of("missing"), "postgresql://nobody@127.0.0.1:1/none", "postgresql://h/%zz"):
        with pytest.raises(AssertionError, match="ended with 1: d360-webhookd: "):
            Daemon(url)
