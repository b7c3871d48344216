"""SIGTERM: what was begun is answered, then the daemon ends with 0, within 10 seconds."""

import json
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.daemon import Daemon

from .accounts import STARTED, Account, destination
from .wire import Answer, Wire, request, wires

#: Seconds: the contract's.
LIMIT = 10

Size = Callable[[int], int]


def signalled(daemon: Daemon, number: signal.Signals = signal.SIGTERM) -> float:
    daemon.process.send_signal(number)
    return time.monotonic()


def must_end(daemon: Daemon, started: float, seconds: float = LIMIT) -> None:
    assert daemon.process.wait(LIMIT + 10) == 0, daemon.log
    assert time.monotonic() - started < seconds
    assert daemon.log.splitlines()[-1].endswith(" info stopped")


class Client:
    """Asks without a pause, on a connection that it keeps, until nobody listens any more."""

    def __init__(self, account: Account, number: int) -> None:
        self.account, self.number = account, number
        self.answers = 0
        self.last_update = -1
        self.unanswered: list[str] = []

    def run(self) -> None:
        for wire in wires(self.account.daemon.port):
            while self.ask(wire):
                pass

    def ask(self, wire: Wire) -> bool:
        """Returns True if the connection stays open; notes a request that is not answered."""
        update = self.answers % 4 == 0
        document = {**destination(f"client-{self.number}"), "headers": {"X-Number": str(self.answers)}}
        body = json.dumps(document).encode() if update else None
        data = request("PATCH" if update else "GET", "/multi_webhook", self.account.json_headers, body)
        try:
            wire.send(data)
            answer = wire.answer()
        except OSError as error:
            self.unanswered.append(repr(error))
            return False
        assert answer.code == 200, answer
        if update:
            self.last_update = self.answers
        self.answers += 1
        return not answer.ends_connection


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_under_load_every_request_is_answered_and_every_answer_holds(storage: str, size: Size, number: signal.Signals) -> None:
    for _ in range(size(30)):
        with Daemon(storage, ["--max-destinations=16"]) as daemon:
            account = Account(daemon, 1).register()
            account.ask("POST", "/multi_webhook", {"enabled": True}).must_be(STARTED)
            names = [f"client-{index}" for index in range(16)]
            if not account.names():
                account.append(*names).must_be(STARTED)
            clients = [Client(account, index) for index in range(16)]
            with ThreadPoolExecutor(16) as pool:
                running = [pool.submit(client.run) for client in clients]
                while any(client.answers < 5 for client in clients):
                    assert not any(one.done() for one in running)
                    time.sleep(0.01)
                started = signalled(daemon, number)
                must_end(daemon, started)
            for one in running:
                one.result()
        assert [client.unanswered for client in clients] == [[]] * 16
        with Daemon(storage, ["--max-destinations=16"]) as daemon:
            shown = account.at(daemon).ask("GET", "/multi_webhook").json["destinations"]
        assert [int(one["headers"]["X-Number"]) for one in shown] == [client.last_update for client in clients]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that a test may end."""
    with Daemon(f"sqlite:{tmp_path}/w.db") as daemon:
        yield daemon


@pytest.fixture
def account(daemon: Daemon) -> Account:
    return Account(daemon, 1).register()


def test_clients_that_wait_to_be_accepted_are_served(daemon: Daemon, account: Account) -> None:
    daemon.process.send_signal(signal.SIGSTOP)
    with ExitStack() as stack:
        waiting = [stack.enter_context(Wire(daemon.port)) for _ in range(200)]
        for wire in waiting:
            wire.send(request("GET", "/multi_webhook", account.headers))
        started = signalled(daemon)
        daemon.process.send_signal(signal.SIGCONT)
        for wire in waiting:
            wire.answer().must_be({"enabled": False, "destinations": []})
        must_end(daemon, started)


def test_idle_connections_are_closed_and_do_not_delay_the_end(daemon: Daemon, account: Account) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(Wire(daemon.port)) for _ in range(100)]
        for wire in idle[:50]:
            assert account.ask("GET", "/multi_webhook", wire=wire).code == 200
        started = signalled(daemon)
        for wire in idle:
            wire.must_be_closed()
        must_end(daemon, started, 3)


def test_a_kept_connection_learns_of_the_end_by_its_next_answer(daemon: Daemon, account: Account) -> None:
    with Wire(daemon.port) as wire, Wire(daemon.port) as other:
        assert not account.ask("GET", "/multi_webhook", wire=wire).ends_connection
        assert account.ask("GET", "/readyz", wire=other).code == 200
        started = signalled(daemon)
        time.sleep(0.3)
        assert account.ask("POST", "/multi_webhook", {"enabled": True}, wire=wire).must_be(STARTED).ends_connection
        unready = account.ask("GET", "/readyz", wire=other)
        assert unready.code == 503 and unready.ends_connection
        with pytest.raises(ConnectionRefusedError):
            Wire(daemon.port)
        wire.must_be_closed()
        must_end(daemon, started)


def test_a_request_that_was_begun_may_take_its_time(daemon: Daemon, account: Account) -> None:
    data = request("POST", "/multi_webhook", account.json_headers, b'{"enabled":true}')
    with Wire(daemon.port) as wire:
        wire.send(data[:-5])
        time.sleep(0.2)
        started = signalled(daemon)
        time.sleep(3)
        wire.send(data[-5:])
        assert wire.answer().must_be(STARTED).ends_connection
        must_end(daemon, started)


def test_clients_that_never_end_do_not_keep_it(daemon: Daemon, account: Account) -> None:
    data = request("POST", "/multi_webhook", account.json_headers, b'{"enabled":true}')
    with ExitStack() as stack:
        for part in (data[:-5], data[:20]):
            stack.enter_context(Wire(daemon.port)).send(part)
        deaf = stack.enter_context(Wire(daemon.port, seconds=0.5))
        with pytest.raises(TimeoutError):
            while True:
                deaf.send(request("GET", "/openapi.json") * 100)
        started = signalled(daemon)
        must_end(daemon, started)


def test_a_second_signal_changes_nothing(daemon: Daemon, account: Account) -> None:
    data = request("POST", "/multi_webhook", account.json_headers, b'{"enabled":true}')
    with Wire(daemon.port) as wire:
        wire.send(data[:-5])
        time.sleep(0.2)
        started = signalled(daemon)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            time.sleep(0.2)
            daemon.process.send_signal(number)
        wire.send(data[-5:])
        wire.answer().must_be(STARTED)
        must_end(daemon, started)


@pytest.mark.parametrize("held", [2.0, 30.0])
def test_writes_that_wait_for_the_storage_are_answered(daemon: Daemon, account: Account, held: float) -> None:
    """Done, if what they wait for comes in time; else 503, and not done."""
    answers: list[Answer] = []
    path = daemon.service.removeprefix("sqlite:")
    with sqlite3.connect(path, isolation_level=None, check_same_thread=False) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(held, lambda: other.execute("ROLLBACK"))
        release.start()
        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(account.ask, "POST", "/multi_webhook", {"enabled": True}) for _ in range(8)]
            time.sleep(0.3)
            started = signalled(daemon)
            answers = [one.result() for one in asking]
        must_end(daemon, started)
        release.cancel()
        release.join()
    for answer in answers:
        if held < LIMIT:
            answer.must_be(STARTED)
        else:
            assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
    with Daemon(daemon.service) as next_one:
        account.at(next_one).ask("GET", "/multi_webhook").must_be({"enabled": held < LIMIT, "destinations": []})


@pytest.mark.parametrize("is_abstract", [False, True])
def test_systemd_is_told_when_it_is_ready_and_when_it_stops(tmp_path: Path, is_abstract: bool) -> None:
    name = f"\0d360-{os.getpid()}-{tmp_path.name}" if is_abstract else f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(name)
        notify.settimeout(LIMIT)
        environment = {**os.environ, "NOTIFY_SOCKET": name.replace("\0", "@")}
        with Daemon("sqlite::memory:", env=environment) as daemon:
            assert notify.recv(1_000) == b"READY=1"
            with Wire(daemon.port) as wire:
                wire.ask("GET", "/healthz").must_be({"status": "ok"})
            daemon.process.send_signal(signal.SIGTERM)
            assert notify.recv(1_000) == b"STOPPING=1"
            assert daemon.stop() == 0
            notify.setblocking(False)
            with pytest.raises(BlockingIOError):
                notify.recv(1_000)


def test_a_notify_socket_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    for name in ("", "@", f"{tmp_path}/missing", "x" * 200):
        with Daemon("sqlite::memory:", env={**os.environ, "NOTIFY_SOCKET": name}) as daemon:
            assert daemon.stop() == 0
