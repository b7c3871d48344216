"""A standby takes the primary's place while two daemons write: nothing acknowledged is lost, and they heal by themselves."""

import itertools
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.daemon import Daemon
from support.postgres import Cluster

from .accounts import STARTED, Account
from .conftest import SOAK
from .walkthrough import free_port
from .wire import Wire

#: Seconds from the promotion until writes are answered again.
HEALED = 5


class Standby(Cluster):
    """Follows `primary`, which waits for it at each commit, so that a promotion loses nothing."""

    def __init__(self, primary: Cluster, port: int) -> None:
        self.primary = primary
        super().__init__({"listen_addresses": "127.0.0.1", "port": port})

    def _make(self, settings: object) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        url = self.primary.url.replace("/postgres?", "/?")
        self._run("pg_basebackup", "-D", str(self.data), "-d", url, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\nunix_socket_directories = '{self.folder}'\nsynchronous_standby_names = ''\n")

    def promote(self) -> float:
        self.execute("SELECT pg_promote()")
        return time.monotonic()


@pytest.fixture
def pair() -> Iterator[tuple[Cluster, Standby]]:
    first = free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": first, "wal_level": "replica", "max_wal_senders": 4}
    with Cluster(settings) as primary:
        with (primary.data / "pg_hba.conf").open("a") as rules:
            rules.write("local replication all trust\n")
        primary.execute("SELECT pg_reload_conf()")
        with Standby(primary, free_port()) as standby:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.execute("SELECT pg_reload_conf()")
            end = time.monotonic() + 20
            while primary.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != ["1"]:
                assert time.monotonic() < end, standby.log()
                time.sleep(0.05)
            yield primary, standby


class Writer(threading.Thread):
    """Replaces the header of its destination, again and again; `acknowledged` is the last number that was answered 200."""

    def __init__(self, account: Account, name: str) -> None:
        super().__init__()
        self.account, self.name_of_destination = account, name
        self.acknowledged = -1
        self.sent = -1
        self.healed_at = 0.0
        self.is_over = threading.Event()

    def run(self) -> None:
        for number in itertools.count():
            if self.is_over.is_set():
                return
            self.sent = number
            change = {"name": self.name_of_destination, "headers": {"X-Number": str(number)}}
            try:
                with Wire(self.account.daemon.port) as wire:
                    answer = self.account.ask("PATCH", "/multi_webhook", change, wire=wire)
            except OSError:
                continue
            if answer.code == 200:
                self.acknowledged = number
                self.healed_at = time.monotonic()
            else:
                assert answer.code == 503, answer
            time.sleep(0.01)


def ready(daemon: Daemon) -> int:
    with Wire(daemon.port) as wire:
        return wire.ask("GET", "/readyz").code


@pytest.mark.parametrize("round_", range(20 if SOAK else 1))
@pytest.mark.parametrize("attributes", ["", "&target_session_attrs=read-write"])
def test_a_promoted_standby_takes_over(pair: tuple[Cluster, Standby], round_: int, attributes: str) -> None:
    primary, standby = pair
    url = f"postgresql://d360@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres?connect_timeout=2{attributes}"
    with ExitStack() as stack:
        daemons = [stack.enter_context(Daemon(url)) for _ in range(2)]
        account = Account(daemons[0], 1).register()
        account.ask("POST", "/multi_webhook", {"enabled": True}).must_be(STARTED)
        account.append("one", "two").must_be(STARTED)
        writers = [Writer(account.at(daemon), name) for daemon, name in zip(daemons, ("one", "two"), strict=True)]
        for writer in writers:
            writer.start()
        try:
            time.sleep(1)
            primary.kill()
            assert [ready(daemon) for daemon in daemons] == [503, 503]
            promoted = standby.promote()
            time.sleep(HEALED)
        finally:
            for writer in writers:
                writer.is_over.set()
            for writer in writers:
                writer.join()
        assert all(promoted < writer.healed_at for writer in writers)
        assert [ready(daemon) for daemon in daemons] == [200, 200]
        shown = account.at(daemons[1]).ask("GET", "/multi_webhook").json["destinations"]
        for writer, destination in zip(writers, shown, strict=True):
            assert writer.acknowledged <= int(destination["headers"]["X-Number"]) <= writer.sent
