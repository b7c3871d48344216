"""A standby takes the primary's place while two daemons write: nothing acknowledged is lost, and they heal by themselves."""

import functools
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.daemon import Daemon
from support.postgres import Cluster

from .conftest import SOAK
from .walkthrough import free_port
from .wire import Wire
from .writers import OPTIONS, Writers

#: Seconds from the promotion until writes are answered again.
HEALED = 5
#: At each of the two daemons: clients, and writes a second.
WRITERS, RATE = 4, 200


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


class Probe(threading.Thread):
    """Asks /readyz again and again; `answers` are when each was asked, when it was answered, and the code."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__()
        self.daemon = daemon
        self.answers: list[tuple[float, float, int]] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(0.05):
            asked = time.monotonic()
            with Wire(self.daemon.port) as wire:
                code = wire.ask("GET", "/readyz").code
            self.answers.append((asked, time.monotonic(), code))

    def wait_for_answer(self, after: float) -> None:
        """To a question that was asked after that moment."""
        while not any(asked > after for asked, _, _ in self.answers):
            assert time.monotonic() < after + 10, "/readyz is not answered"
            time.sleep(0.01)

    def check(self, killing: float, killed: float, promoting: float, promoted: float) -> None:
        assert {code for _, answered, code in self.answers if answered < killing} == {200}
        assert {code for asked, answered, code in self.answers if asked > killed and answered < promoting} == {503}
        after = [code for asked, _, code in self.answers if asked > promoted]
        assert 200 in after and 503 not in after[after.index(200) :], after


@pytest.mark.parametrize("round_", range(20 if SOAK else 2))
def test_a_promoted_standby_takes_over(pair: tuple[Cluster, Standby], round_: int) -> None:
    primary, standby = pair
    attributes = "&target_session_attrs=read-write" if round_ % 2 else ""
    url = f"postgresql://d360@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres?connect_timeout=2{attributes}"
    with ExitStack() as stack:
        daemons = [stack.enter_context(Daemon(url, OPTIONS)) for _ in range(2)]
        probes = [Probe(daemon) for daemon in daemons]
        groups = [
            Writers(WRITERS, functools.partial(daemons.__getitem__, index), first=1 + index * WRITERS, per_second=RATE)
            for index in range(2)
        ]
        for probe in probes:
            probe.start()
        try:
            with groups[0], groups[1]:
                began = time.monotonic()
                time.sleep(2)
                killing = time.monotonic()
                primary.kill()
                killed = time.monotonic()
                for probe in probes:
                    probe.wait_for_answer(killed)
                promoting, promoted = time.monotonic(), standby.promote()
                time.sleep(HEALED + 1)
        finally:
            for probe in probes:
                probe.is_over.set()
            for probe in probes:
                probe.join()
        writers = [writer for group in groups for writer in group.all]
        healed = [min((at for at in writer.acknowledged_at if at > promoted), default=float("inf")) for writer in writers]
        before = sum(at < killing for writer in writers for at in writer.acknowledged_at) / (killing - began)
        total = sum(writer.acknowledged for writer in writers)
        print(f"round {round_}: {before:.0f} writes/s, {total} in all, back after {max(healed) - promoted:.2f} s")
        assert max(healed) - promoted <= HEALED
        for probe in probes:
            probe.check(killing, killed, promoting, promoted)
        for group in groups:
            # Each daemon shows what the other one wrote.
            group.check(daemons[0] if group is groups[1] else daemons[1])
