# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C ends the main thread's call within a second, and nothing else."""

import os
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from d360webhook import Cancelled, Client
from Python.interrupting import interrupt_at_random
from Python.loopback import Answer, Peer, SilentPeer
from Python.source import Run

INTERRUPTED = """
import sys
from d360webhook import Client
client = Client(sys.argv[1], timeout_ms=60_000)
{before}
print("calling", flush=True)
try:
    {call}
except KeyboardInterrupt as interrupt:
    cause = interrupt.__cause__
    print("interrupted", type(cause).__name__, getattr(cause, "outcome", None), flush=True)
"""


def interrupt(process: "subprocess.Popen[str]") -> tuple[str, float]:
    """Sends SIGINT; the next line that the process prints, and the seconds until then."""
    assert process.stdout is not None
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    return process.stdout.readline().strip(), time.monotonic() - begun


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None and process.stderr is not None
    return process.stdout.readline().strip() or process.stderr.read()


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ('client.multi_webhook_get("key")', "not_applied"),
        ('client.customer_webhook_set("key", "https://hooks.example.com")', "unknown"),
        ('client.waba_webhook_wait("key", "https://hooks.example.com", timeout_ms=60_000)', "not_applied"),
    ],
)
def test_ctrl_c_ends_a_call_within_a_second_and_tells_its_outcome(run: Run, silent: SilentPeer, call: str, outcome: str) -> None:
    process = run(INTERRUPTED.format(before="", call=call), silent.url)
    assert line(process) == "calling"
    silent.wait_for_request()
    said, seconds = interrupt(process)
    assert said == f"interrupted Cancelled {outcome}"
    assert seconds < 1


def test_ctrl_c_during_a_log_callback_is_not_lost(run: Run, peer: Peer) -> None:
    peer.answers = [Answer(503, {"error": "busy"})]  # tried again, and that is logged
    before = """
import time
def log(level, message):
    print("logging", flush=True)
    time.sleep(30)
client.set_log(log)"""
    process = run(INTERRUPTED.format(before=before, call='client.multi_webhook_get("key")'), peer.url)
    assert line(process) == "calling"
    assert line(process) == "logging"
    said, seconds = interrupt(process)
    while said == "logging":  # a line about the end of the call
        said, seconds = interrupt(process)
    assert said.startswith("interrupted")
    assert seconds < 1


def test_ctrl_c_ends_a_write_to_a_locked_database_within_a_second(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "webhooks.db"
    call = 'client.channel_register("1", waba_id=1, api_key="key")'
    with Client(f"sqlite:{path}"):
        pass
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        process = run(INTERRUPTED.format(before="", call=call), f"sqlite:{path}")
        assert line(process) == "calling"
        time.sleep(0.3)
        said, seconds = interrupt(process)
    assert said == "interrupted Cancelled not_applied"
    assert seconds < 1


def test_ctrl_c_ends_the_opening_of_a_locked_database_within_a_second(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "webhooks.db"
    program = """
import sys
from d360webhook import Client
print("calling", flush=True)
try:
    Client(sys.argv[1])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        process = run(program, f"sqlite:{path}")
        assert line(process) == "calling"
        time.sleep(0.3)
        said, seconds = interrupt(process)
    assert said == "interrupted"
    assert seconds < 1


def test_ctrl_c_leaves_the_calls_of_other_threads_alone(run: Run, silent: SilentPeer) -> None:
    program = """
import sys, threading
from d360webhook import Client, D360Error
client = Client(sys.argv[1], timeout_ms=60_000)
def other():
    try:
        client.multi_webhook_get("other")
    except D360Error as failure:
        print("other ended:", type(failure).__name__, flush=True)
thread = threading.Thread(target=other)
thread.start()
try:
    client.multi_webhook_get("main")
except KeyboardInterrupt:
    thread.join(0.5)
    print("interrupted", thread.is_alive(), flush=True)
client.cancel()
thread.join()
"""
    process = run(program, silent.url)
    silent.wait_for_request()
    silent.wait_for_request()
    assert interrupt(process)[0] == "interrupted True"
    assert line(process) == "other ended: Cancelled"


def test_a_handler_of_the_program_that_raises_nothing_makes_it_a_cancelled_call(run: Run, silent: SilentPeer) -> None:
    program = """
import signal, sys
from d360webhook import Client, D360Error
signal.signal(signal.SIGINT, lambda number, frame: print("handled", flush=True))
client = Client(sys.argv[1], timeout_ms=60_000)
try:
    client.multi_webhook_get("key")
except D360Error as failure:
    print(type(failure).__name__, flush=True)
"""
    process = run(program, silent.url)
    silent.wait_for_request()
    assert interrupt(process)[0] == "handled"
    assert line(process) == "Cancelled"


def test_other_signals_do_not_end_a_call(silent: SilentPeer) -> None:
    handled: list[int] = []
    ended = threading.Event()
    ended_by_the_signal: list[bool] = []
    previous = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    try:
        with Client(silent.url, timeout_ms=60_000) as client:

            def signal_then_cancel() -> None:
                silent.wait_for_request()
                os.kill(os.getpid(), signal.SIGUSR1)
                ended_by_the_signal.append(ended.wait(0.3))
                client.cancel()

            helper = threading.Thread(target=signal_then_cancel)
            helper.start()
            with pytest.raises(Cancelled):
                client.multi_webhook_get("key")
            ended.set()
            helper.join()
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert handled == [signal.SIGUSR1]
    assert ended_by_the_signal == [False]


def test_a_wakeup_descriptor_that_was_there_stays_and_gets_its_signals(silent: SilentPeer) -> None:
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    before = signal.set_wakeup_fd(writer)
    try:
        with Client(silent.url, timeout_ms=60_000) as client:

            def send() -> None:
                silent.wait_for_request()
                os.kill(os.getpid(), signal.SIGINT)

            helper = threading.Thread(target=send)
            helper.start()
            with pytest.raises(KeyboardInterrupt):
                client.multi_webhook_get("key")
            helper.join()
        assert os.read(reader, 16) == bytes([signal.SIGINT])
        assert signal.set_wakeup_fd(writer) == writer
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)


def test_no_wakeup_descriptor_is_left_between_calls(client: Client) -> None:
    client.multi_webhook_get("key-of-berlin")
    assert signal.set_wakeup_fd(-1) == -1


def test_calls_go_on_after_many_interrupts_at_any_moment(client: Client) -> None:
    """Signals arrive between any two steps of a call; none is lost, none hits a later call, nothing is left behind."""
    sent, caught = interrupt_at_random(lambda: client.multi_webhook_get("key-of-berlin"), 1 / 500)
    assert caught == sent
    assert sent > 20
    for _ in range(100):
        client.multi_webhook_get("key-of-berlin")
    assert signal.set_wakeup_fd(-1) == -1
