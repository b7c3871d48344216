# SPDX-License-Identifier: Apache-2.0
"""Python's signal handlers run amid a call of the main thread, and what they raise ends it."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from d360webhook import Cancelled, Client, Timeout
from Python.loopback import SilentPeer
from Python.source import Run


class Late(Exception):
    """What a handler raises."""


@pytest.fixture(autouse=True)
def handlers_are_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("writes", "outcome"), [(False, "not_applied"), (True, "unknown")])
def test_an_alarm_is_a_time_limit_and_its_cause_tells_the_outcome(silent: SilentPeer, writes: bool, outcome: str) -> None:
    def handler(number: int, frame: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, handler)
    with Client(silent.url, timeout_ms=60_000) as client:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        begun = time.monotonic()
        with pytest.raises(Late) as late:
            if writes:
                client.customer_webhook_set("key", "https://hooks.example.com")
            else:
                client.multi_webhook_get("key")
        assert time.monotonic() - begun < 1.3
        assert isinstance(late.value.__cause__, Cancelled) and late.value.__cause__.outcome == outcome


def test_a_handler_that_raises_nothing_runs_within_a_second_and_the_call_goes_on(silent: SilentPeer) -> None:
    ran: list[float] = []
    signal.signal(signal.SIGTERM, lambda number, frame: ran.append(time.monotonic()))
    with Client(silent.url, timeout_ms=2_500, max_attempts=1) as client:
        sent = time.monotonic() + 0.3
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with pytest.raises(Timeout) as caught:
            client.multi_webhook_get("key")
        assert isinstance(caught.value, TimeoutError)
        assert ran and ran[0] - sent < 1 and time.monotonic() - sent > 1.5


def test_a_handler_may_call_the_same_client(client: Client, silent: SilentPeer) -> None:
    seen: list[object] = []

    def handler(number: int, frame: object) -> None:
        seen.append(client.multi_webhook_get("key-of-berlin")["enabled"])
        waiting.cancel()

    signal.signal(signal.SIGTERM, handler)
    with Client(silent.url, timeout_ms=60_000) as waiting:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with pytest.raises(Cancelled):
            waiting.multi_webhook_get("key")
    assert seen == [False]


def test_sigterm_ends_a_worker_that_exits_in_its_handler(run: Run, silent: SilentPeer) -> None:
    program = """
import signal, sys
from d360webhook import Client
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(3))
Client(sys.argv[1], timeout_ms=60_000).multi_webhook_get("key")
"""
    process = run(program, silent.url)
    silent.wait_for_request()
    begun = time.monotonic()
    process.terminate()
    assert process.wait(10) == 3 and time.monotonic() - begun < 2


def test_a_wakeup_descriptor_is_put_back_quietly(run: Run) -> None:
    program = """
import os, signal, socket
from d360webhook import Client
reader, writer = socket.socketpair()
writer.setblocking(False)
signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
with Client("sqlite::memory:") as client:
    client.channel_list()
signal.signal(signal.SIGUSR1, lambda number, frame: None)
try:
    while True:
        writer.send(b"x" * 4096)
except BlockingIOError:
    os.kill(os.getpid(), signal.SIGUSR1)
"""
    assert run(program).communicate(timeout=60) == ("", "")


def test_a_program_whose_thread_locals_end_before_its_clients_ends_quietly(run: Run) -> None:
    """As gevent's do."""
    program = """
import sys, threading
class Local:
    def __getattribute__(self, name):
        if sys.is_finalizing():
            raise RuntimeError("greenlet is being finalized")
        return object.__getattribute__(self, name)
threading.local = Local
from d360webhook import Client
client = Client("sqlite::memory:")
client.channel_list()
"""
    assert run(program).communicate(timeout=60) == ("", "")
