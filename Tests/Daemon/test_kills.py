"""Daemons and database servers that are killed under writes lose nothing that was acknowledged, and do nothing twice."""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator

import pytest
from support.chance import chance
from support.daemon import Daemon
from support.postgres import Cluster

from .writers import OPTIONS, Writers

Size = Callable[[int], int]


def test_a_daemon_killed_under_writes_loses_nothing_that_was_acknowledged(storage: str, size: Size) -> None:
    """The next one starts at once, while the clients go on."""
    pause = chance()
    daemons = [Daemon(storage, OPTIONS)]
    try:
        with Writers(4, lambda: daemons[-1]) as writers:
            for _ in range(size(100)):
                time.sleep(pause.uniform(0, 0.2))
                daemons[-1].kill()
                daemons.append(Daemon(storage, OPTIONS))
            writers.wait_for_all()
        writers.check(daemons[-1])
        assert daemons[-1].stop() == 0
    finally:
        for daemon in daemons:
            daemon.close()
    if storage.startswith("sqlite:"):
        with sqlite3.connect(storage.removeprefix("sqlite:")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Of these tests alone: they stop it."""
    with Cluster() as cluster:
        yield cluster


#: How the server ends: sessions are ended; as in a crash; every process is gone at once.
ENDS: dict[str, Callable[[Cluster], None]] = {
    "fast": lambda cluster: cluster.stop(signal.SIGINT),
    "immediate": lambda cluster: cluster.stop(signal.SIGQUIT),
    "killed": Cluster.kill,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_database_server_restarted_under_writes_is_found_again(cluster: Cluster, size: Size, end: str) -> None:
    pause = chance()
    with Daemon(cluster.make_database(f"restart-{end}"), OPTIONS) as daemon:
        with Writers(4, lambda: daemon) as writers:
            writers.wait_for_all()
            for _ in range(size(20)):
                time.sleep(pause.uniform(0, 0.5))
                ENDS[end](cluster)
                time.sleep(pause.uniform(0, 0.5))
                cluster.start()
                writers.wait_for_all()
        writers.check(daemon)
        assert daemon.stop() == 0


def test_a_server_that_ends_every_session_now_and_then_loses_nothing(cluster: Cluster, size: Size) -> None:
    with Daemon(cluster.make_database("sessions"), OPTIONS) as daemon:
        with Writers(4, lambda: daemon) as writers:
            for _ in range(size(200)):
                cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'sessions'")
                writers.wait_for_all()
        writers.check(daemon)
        assert daemon.stop() == 0
