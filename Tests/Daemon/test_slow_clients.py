"""Clients that are slow, silent or many keep nobody else waiting."""

import resource
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from support.daemon import Daemon

from .accounts import STARTED, Account
from .conftest import SOAK
from .wire import Wire, request

#: Seconds within which a new client is answered, with any number of others connected.
SOON = 1.0
#: Seconds after which a connection that brings no whole request is closed.
PATIENCE = 60


@contextmanager
def descriptors(count: int) -> Iterator[int]:
    """Raises this process's own limit as far as it may; says how many connections there can be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield count if hard == resource.RLIM_INFINITY or hard >= count + 500 else 4_000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def must_serve(account: Account, times: int = 20) -> None:
    """New clients, one after another, are answered soon: readings and writes."""
    for _ in range(times):
        started = time.monotonic()
        account.ask("POST", "/multi_webhook", {"enabled": True}).must_be(STARTED)
        assert time.monotonic() - started < SOON
        started = time.monotonic()
        assert account.ask("GET", "/multi_webhook").code == 200
        assert time.monotonic() - started < SOON


def connections(daemon: Daemon) -> int:
    with Wire(daemon.port) as wire:
        text = wire.ask("GET", "/metrics").body.decode()
    return int(next(line for line in text.splitlines() if line.startswith("d360_connections ")).split()[1])


@pytest.fixture
def alone() -> Iterator[Account]:
    """Of a daemon that no other test uses."""
    with Daemon("sqlite::memory:") as daemon:
        yield Account(daemon, 1).register()
        assert daemon.process.poll() is None, daemon.log


HEAD = request("POST", "/multi_webhook", [("X-Filler", "x" * 100), ("Content-Length", "100")])


@pytest.mark.parametrize(
    "whole", [b"", HEAD[:20], HEAD[:-2], HEAD, HEAD + b"{", b"\r\n"], ids=["nothing", "line", "head", "no body", "body", "blank"]
)
def test_100_clients_that_stop_anywhere_keep_nobody_waiting(alone: Account, whole: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(Wire(alone.daemon.port)).send(whole)
        must_serve(alone)
        assert connections(alone.daemon) >= 100


def test_clients_that_send_a_byte_at_a_time_keep_nobody_waiting(alone: Account) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(Wire(alone.daemon.port)) for _ in range(50)]
        for byte in HEAD[:60]:
            for wire in slow:
                wire.send(bytes([byte]))
            must_serve(alone, times=1)


def test_a_client_that_never_reads_its_answers_keeps_nobody_waiting(alone: Account) -> None:
    with ExitStack() as stack:
        for _ in range(8):
            wire = stack.enter_context(Wire(alone.daemon.port, seconds=0.5))
            with pytest.raises(TimeoutError):
                while True:
                    wire.send(request("GET", "/openapi.json") * 100)
        must_serve(alone)


def test_clients_that_leave_in_the_middle_leave_nothing_behind(alone: Account) -> None:
    for _ in range(200):
        for data in (b"", HEAD[:20], HEAD, HEAD + b"{", request("GET", "/openapi.json")):
            with Wire(alone.daemon.port) as wire:
                wire.send(data)
    must_serve(alone)
    end = time.monotonic() + 10
    while connections(alone.daemon) > 1:
        assert time.monotonic() < end, "connections stay open"
        time.sleep(0.05)


def test_5_000_idle_connections_do_not_keep_a_new_client_out(alone: Account) -> None:
    with ExitStack() as stack, descriptors(5_000) as count:
        for _ in range(count):
            stack.enter_context(Wire(alone.daemon.port))
        must_serve(alone)
        kept = stack.enter_context(Wire(alone.daemon.port))
        for _ in range(20):
            assert alone.ask("GET", "/multi_webhook", wire=kept).code == 200


def few_files() -> None:
    """Sets a small limit of open files in the daemon's process."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


def test_where_no_more_connections_can_be_the_ones_that_waited_longest_make_room() -> None:
    with ExitStack() as stack, Daemon("sqlite::memory:", ["--threads=1"], preexec_fn=few_files) as daemon:
        account = Account(daemon, 1).register()
        idle = [stack.enter_context(Wire(daemon.port)) for _ in range(300)]
        kept = stack.enter_context(Wire(daemon.port))
        for _ in range(10):
            account.ask("POST", "/multi_webhook", {"enabled": True}, wire=kept).must_be(STARTED)
            time.sleep(0.2)
        must_serve(account, times=5)
        for wire in idle[:100]:
            wire.must_be_closed()
        assert daemon.process.poll() is None
        assert daemon.stop() == 0


def test_a_daemon_without_room_for_connections_says_so() -> None:
    def none() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with pytest.raises(AssertionError, match="ended with 1: d360-webhookd: the limit of open files"):
        Daemon("sqlite::memory:", ["--threads=8"], preexec_fn=none)


def seconds_until_closed(port: int, first: bytes, drips: Iterable[bytes]) -> float:
    """Of a connection that sends `first` and then a byte a second for as long as there are any."""
    with Wire(port, seconds=1) as wire:
        wire.send(first)
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < 2 * PATIENCE:
            try:
                wire.send(next(iter(drips), b""))
                if not wire.socket.recv(65_536):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        return elapsed


def bytewise(data: bytes) -> Iterator[bytes]:
    return (bytes([byte]) for byte in data)


if SOAK:

    def test_a_connection_that_brings_no_whole_request_in_a_minute_is_closed(alone: Account) -> None:
        silent = [b"", HEAD[:20], HEAD, HEAD + b"{", request("GET", "/healthz")]
        dripping = [HEAD, HEAD[:-2] + b"X: y\r\n" * 100, HEAD + b" " * 90, b"\r\n" * 200]
        with ThreadPoolExecutor(16) as pool:
            ends = [pool.submit(seconds_until_closed, alone.daemon.port, first, iter(())) for first in silent]
            ends += [pool.submit(seconds_until_closed, alone.daemon.port, b"", bytewise(data)) for data in dripping]
            while not all(end.done() for end in ends):
                must_serve(alone, times=1)
                time.sleep(0.5)
        for end in ends:
            assert PATIENCE - 1 < end.result() < PATIENCE + 5

    def test_a_connection_in_use_stays_for_longer(alone: Account) -> None:
        with Wire(alone.daemon.port) as wire:
            for _ in range(PATIENCE // 20 + 2):
                assert alone.ask("GET", "/multi_webhook", wire=wire).code == 200
                time.sleep(20)

    def test_a_client_that_never_reads_is_dropped_after_a_minute(alone: Account) -> None:
        with Wire(alone.daemon.port, seconds=PATIENCE + 20) as wire, pytest.raises(ConnectionError):
            while True:
                wire.send(request("GET", "/openapi.json") * 100)
