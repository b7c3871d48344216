"""Clients that go on writing while daemons and servers end, and know what was acknowledged."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from support.daemon import Daemon

from .accounts import Account
from .wire import Answer, Wire

#: Appends of two to one account; the daemon must allow 1,000 destinations.
APPENDS = 100
OPTIONS = ["--max-destinations=1000"]
HOOK = "https://hooks.example.com/"


@dataclass
class Record:
    """The requests for one account. An uncertain one was sent and not answered with 200."""

    account: Account
    is_enabled: bool = False
    appended: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)

    def check(self, daemon: Daemon) -> None:
        """All that was acknowledged is there, in order; beyond it only what was asked; nothing half, nothing twice."""
        account = self.account.at(daemon)
        pairs = [name.rpartition("-") for name in account.names()]
        names = [pair[0] for pair in pairs[::2]]
        assert [pair[0] for pair in pairs[1::2]] == names, "an append was done by half"
        assert [pair[2] for pair in pairs] == ["a", "b"] * len(names)
        assert len(set(names)) == len(names)
        assert [name for name in names if name not in self.uncertain] == self.appended
        # One of those that were asked after the last that was acknowledged.
        assert account.ask("GET", "/v1/configs/webhook").json.get("url", "") in (self.webhooks or [""])


class Writer:
    """One client with a connection of its own, on accounts that nobody else writes to. Its requests begin `interval` s apart."""

    def __init__(self, number: int, daemon: Callable[[], Daemon], interval: float = 0) -> None:
        self.number, self.daemon, self.interval = number, daemon, interval
        self.next_start = time.monotonic()
        self.records: list[Record] = []
        #: When each answer 200 came.
        self.acknowledged_at: list[float] = []
        self.unexpected: list[Answer] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    @property
    def acknowledged(self) -> int:
        return len(self.acknowledged_at)

    def _run(self) -> None:
        wire: Wire | None = None
        while not self.stopping.is_set():
            try:
                daemon = self.daemon()
                wire = wire or Wire(daemon.port)
                self._write(wire, daemon)
            except OSError:
                if wire:
                    wire.close()
                wire = None
                time.sleep(0.005)
        if wire:
            wire.close()

    def _write(self, wire: Wire, daemon: Daemon) -> None:
        if not self.records or len(self.records[-1].appended) + len(self.records[-1].uncertain) >= APPENDS:
            account = Account(daemon, self.number * 10_000 + len(self.records))
            if not self._is_done(account.ask_as_admin("POST", "/admin/channels", account.registration, wire=wire)):
                return
            self.records.append(Record(account))
        record = self.records[-1]
        if not record.is_enabled:
            record.is_enabled = self._is_done(record.account.ask("POST", "/multi_webhook", {"enabled": True}, wire=wire))
            return
        self._append(record, wire)
        self._set_webhook(record, wire)

    def _append(self, record: Record, wire: Wire) -> None:
        name = str(len(record.appended) + len(record.uncertain))
        record.uncertain.append(name)
        if self._is_done(record.account.append(f"{name}-a", f"{name}-b", wire=wire)):
            record.uncertain.remove(name)
            record.appended.append(name)

    def _set_webhook(self, record: Record, wire: Wire) -> None:
        url = f"{HOOK}{self.number}/{len(record.appended)}/{time.monotonic_ns()}"
        record.webhooks.append(url)
        if self._is_done(record.account.ask("POST", "/v1/configs/webhook", {"url": url}, wire=wire)):
            record.webhooks = [url]

    def _is_done(self, answer: Answer) -> bool:
        """A failure of the storage is no answer that counts: whether it was done is not known."""
        if answer.code == 200:
            self.acknowledged_at.append(time.monotonic())
            # A client that is late does not catch up.
            now = time.monotonic()
            self.next_start = max(self.next_start + self.interval, now)
            time.sleep(self.next_start - now)
            return True
        if answer.code != 503 or json.loads(answer.body)["status"] != "D360_STORAGE_ERROR":
            self.unexpected.append(answer)
        time.sleep(0.005)
        return False


class Writers:
    """Several at once, until the end of `with`; together at most `per_second`. Their accounts are numbered from `first` on."""

    def __init__(self, count: int, daemon: Callable[[], Daemon], *, first: int = 1, per_second: float = float("inf")) -> None:
        self.all = [Writer(number, daemon, count / per_second) for number in range(first, first + count)]

    def wait_for_all(self, count: int = 1, seconds: float = 30) -> None:
        """Until each has got so many more acknowledged."""
        goals = [(writer, writer.acknowledged + count) for writer in self.all]
        end = time.monotonic() + seconds
        while any(writer.acknowledged < goal for writer, goal in goals):
            assert time.monotonic() < end, f"writes do not go on: {[writer.unexpected for writer in self.all]}"
            time.sleep(0.002)

    def check(self, daemon: Daemon) -> None:
        assert not [answer for writer in self.all for answer in writer.unexpected]
        for writer in self.all:
            assert writer.records
            for record in writer.records:
                record.check(daemon)

    def __enter__(self) -> Self:
        for writer in self.all:
            writer.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for writer in self.all:
            writer.stopping.set()
        for writer in self.all:
            writer.thread.join()
