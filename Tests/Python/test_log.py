# SPDX-License-Identifier: Apache-2.0
"""The log callback: kept alive, called on the thread of the call, replaced and removed at once."""

import gc
import logging
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from d360webhook import Client, InvalidArgument
from Python.loopback import Answer, Peer
from Python.source import Run

FAILS_ONCE = [Answer(503, {"error": "busy"}), Answer(200, {"enabled": True})]


@pytest.fixture
def logging_client(peer: Peer) -> Iterator[Client]:
    """Its call is retried once, so that there is something to log."""
    peer.answers = list(FAILS_ONCE)
    with Client(peer.url, timeout_ms=10_000) as client:
        yield client


def call_again(peer: Peer, client: Client) -> None:
    peer.answers = list(FAILS_ONCE)
    client.multi_webhook_get("key")


def test_lines_arrive_with_their_level_on_the_thread_of_the_call(logging_client: Client) -> None:
    lines: list[tuple[int, str, int]] = []
    logging_client.set_log(lambda level, message: lines.append((level, message, threading.get_ident())))
    logging_client.multi_webhook_get("key")
    assert lines
    for level, message, thread in lines:
        assert level in range(4)
        assert message and "\n" not in message
        assert thread == threading.get_ident()


def test_the_callback_serves_calls_of_every_thread(peer: Peer, logging_client: Client) -> None:
    threads: set[int] = set()
    logging_client.set_log(lambda level, message: threads.add(threading.get_ident()))
    logging_client.multi_webhook_get("key")
    helper = threading.Thread(target=call_again, args=[peer, logging_client])
    helper.start()
    helper.join()
    assert len(threads) == 2


def test_the_callback_is_kept_alive_and_released_when_it_is_removed(logging_client: Client) -> None:
    class Callback:
        lines = 0

        def __call__(self, level: int, message: str) -> None:
            Callback.lines += 1

    callback = Callback()
    watched = weakref.ref(callback)
    logging_client.set_log(callback)
    del callback
    gc.collect()
    logging_client.multi_webhook_get("key")
    assert Callback.lines > 0
    logging_client.set_log(None)
    gc.collect()
    assert watched() is None


def test_a_removed_callback_is_not_called_any_more(peer: Peer, logging_client: Client) -> None:
    lines: list[str] = []
    logging_client.set_log(lambda level, message: lines.append(message))
    logging_client.multi_webhook_get("key")
    logging_client.set_log(None)
    count = len(lines)
    call_again(peer, logging_client)
    assert count and len(lines) == count


def test_a_callback_may_replace_itself(peer: Peer, logging_client: Client) -> None:
    first: list[str] = []
    second: list[str] = []

    def once(level: int, message: str) -> None:
        first.append(message)
        logging_client.set_log(lambda level, message: second.append(message))

    logging_client.set_log(once)
    logging_client.multi_webhook_get("key")
    call_again(peer, logging_client)
    assert len(first) == 1
    assert second


def test_an_exception_in_the_callback_goes_to_the_unraisable_hook(
    logging_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda event: unraisable.append(event.exc_value))

    def fail(level: int, message: str) -> None:
        raise ValueError(message)

    logging_client.set_log(fail)
    assert logging_client.multi_webhook_get("key") == {"enabled": True}
    assert unraisable
    assert {type(exception) for exception in unraisable} == {ValueError}


def test_a_call_inside_the_callback_is_refused_and_cannot_deadlock(logging_client: Client) -> None:
    refusals: list[InvalidArgument] = []

    def call(level: int, message: str) -> None:
        for forbidden in (lambda: logging_client.multi_webhook_get("key"), logging_client.derive, logging_client.close):
            try:
                forbidden()
            except InvalidArgument as refusal:
                refusals.append(refusal)

    logging_client.set_log(call)
    logging_client.multi_webhook_get("key")
    assert len(refusals) >= 3
    assert {str(refusal) for refusal in refusals} == {"inside a log callback only cancel and set_log may be called"}


def test_a_client_that_is_collected_inside_a_callback_is_closed_all_the_same(logging_client: Client) -> None:
    forgotten = [Client("sqlite::memory:")]
    handle = forgotten[0]._handle

    def forget(level: int, message: str) -> None:
        forgotten.clear()

    logging_client.set_log(forget)
    with pytest.warns(ResourceWarning):
        logging_client.multi_webhook_get("key")
    for thread in threading.enumerate():
        if thread.name == "d360webhook-close":
            thread.join()
    assert handle is not None and handle.closed


def test_lines_go_to_the_logger_with_their_level_and_to_the_callback_as_well(
    logging_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[str] = []
    logging_client.set_log(lambda level, message: lines.append(message))
    with caplog.at_level(logging.INFO, logger="d360webhook"):
        logging_client.multi_webhook_get("key-of-berlin")
    records = [record for record in caplog.records if record.name == "d360webhook"]
    assert [record.getMessage() for record in records] == [line for line in lines if line in caplog.text]
    assert {record.levelno for record in records} == {logging.WARNING, logging.INFO}
    assert "key-of-berlin" not in caplog.text
    caplog.clear()
    with caplog.at_level(logging.ERROR, logger="d360webhook"):
        logging_client.multi_webhook_get("key-of-berlin")
    assert not caplog.records


def test_a_logger_without_a_handler_prints_nothing(run: Run, peer: Peer) -> None:
    peer.answers = list(FAILS_ONCE)
    program = "import sys; from d360webhook import Client; Client(sys.argv[1]).multi_webhook_get('key')"
    out, errors = run(program, peer.url).communicate(timeout=60)
    assert (out, errors) == ("", "")
