"""d360_set_log: who hears of what, and until when."""

import functools
import gc
import threading
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from Peers import faults
from support import raw

from .channel import URL, Channel
from .services import Remote, RemoteVendor


class Listener:
    """Collects what a client logs; keeps the callback alive as C needs it."""

    def __init__(self, client: int, and_then: Callable[[], None] = lambda: None) -> None:
        self.lines: list[tuple[int, str]] = []
        self._and_then = and_then
        self._callback = raw.LOG(self._hear)
        raw.library.d360_set_log(client, self._callback, None)

    def _hear(self, level: int, message: bytes, context: Any) -> None:
        self.lines.append((level, message.decode()))
        self._and_then()


@pytest.fixture(params=[Remote, RemoteVendor])
def remote(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    service = request.param({}, tmp_path)
    service.register({"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
    yield service
    service.close()


def read(client: int | None) -> str:
    return raw.call("d360_customer_webhook_get", client, "key")[0]


def test_lines_are_one_line_of_a_known_level(remote: Remote) -> None:
    listener = Listener(remote.client)
    remote.peer.script.readings(faults.error(503, "no\nroom\r\nleft"), faults.status(503, b"no\nroom"), None)
    assert read(remote.client) == "D360_OK"
    assert listener.lines
    for level, line in listener.lines:
        assert level in (0, 1, 2, 3) and line and "\n" not in line


@pytest.mark.parametrize("code", [400, 409, 503])
@pytest.mark.parametrize("said", ["no\nroom\r\nleft", "a\x1b[2Jb\x00\x07\tc\x7f", "\x85next\x9b2J"], ids=ascii)
def test_no_line_holds_a_control_character(remote: Remote, code: int, said: str) -> None:
    listener = Listener(remote.client)
    for fault in [faults.error(code, said), faults.ours(code, "D360_STORAGE_ERROR", said), faults.status(code, said.encode())]:
        remote.peer.script.readings(fault)
        read(remote.client)
        remote.peer.script.writes(fault)
        raw.call("d360_customer_webhook_set", remote.client, "key", {"url": URL})
    raw.call("d360_multi_webhook_delete", remote.client, "key", said.replace("\0", ""))
    assert listener.lines
    assert [line for _, line in listener.lines if any(unicodedata.category(one) == "Cc" for one in line)] == []


def test_a_removed_callback_hears_nothing_more(remote: Remote) -> None:
    listener = Listener(remote.client)
    read(remote.client)
    heard = len(listener.lines)
    raw.library.d360_set_log(remote.client, None, None)
    read(remote.client)
    assert heard and len(listener.lines) == heard


def test_a_callback_takes_the_place_of_the_one_before(remote: Remote) -> None:
    first = Listener(remote.client)
    second = Listener(remote.client)
    read(remote.client)
    assert second.lines and not first.lines


def test_a_callback_may_remove_itself(remote: Remote) -> None:
    listener = Listener(remote.client, lambda: raw.library.d360_set_log(remote.client, None, None))
    read(remote.client)
    read(remote.client)
    assert len(listener.lines) == 1


def test_a_callback_may_cancel_its_call(remote: Remote) -> None:
    listener = Listener(remote.client, lambda: raw.library.d360_cancel(remote.client))
    remote.peer.script.every_reading(faults.error(503))
    assert read(remote.client) == "D360_CANCELLED"
    assert listener.lines


class Circle:
    """Clients whose callbacks all run at once, and then each change the callback of the next client."""

    def __init__(self, clients: list[int]) -> None:
        self.heard: list[int] = []
        self._clients, self._all_run = clients, threading.Barrier(len(clients))
        self._callbacks = [raw.LOG(functools.partial(self._hear, index)) for index in range(len(clients))]
        for client, callback in zip(clients, self._callbacks):
            raw.library.d360_set_log(client, callback, None)

    def _hear(self, index: int, level: int, message: bytes, context: Any) -> None:
        if index not in self.heard:
            self.heard.append(index)
            self._all_run.wait(10)
            raw.library.d360_set_log(self._clients[(index + 1) % len(self._clients)], self._callbacks[index], None)


@pytest.mark.parametrize("count", [2, 3, 8])
def test_callbacks_may_each_change_that_of_the_next_client_at_once(remote: Remote, count: int) -> None:
    """If a lock were held while calling out, all would wait for ever."""
    clients = [raw.derive(remote.client)[1] or 0 for _ in range(count)]
    for _ in range(5):
        circle = Circle(clients)
        threads = [threading.Thread(target=read, args=[client], daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert sorted(circle.heard) == list(range(count))
    for client in clients:
        raw.library.d360_set_log(client, None, None)
        raw.close(client)


def test_a_derived_client_starts_without_one_and_has_its_own(remote: Remote) -> None:
    parents = Listener(remote.client)
    _, derived, _ = raw.derive(remote.client)
    read(derived)
    assert not parents.lines
    own = Listener(derived or 0)
    read(derived)
    assert own.lines and not parents.lines
    read(remote.client)
    assert parents.lines
    raw.close(derived)


def test_no_callback_runs_after_close(remote: Remote) -> None:
    _, derived, _ = raw.derive(remote.client)
    listener = Listener(derived or 0)
    read(derived)
    raw.close(derived)
    heard = len(listener.lines)
    gc.collect()
    read(remote.client)
    assert len(listener.lines) == heard


def test_a_callback_changes_no_answer(channel: Channel) -> None:
    _, derived, _ = raw.derive(channel.service.client)
    listener = Listener(derived or 0)
    assert raw.call("d360_customer_webhook_set", derived, channel.key, {"url": URL})[0] == "D360_OK"
    raw.close(derived)
    channel("customer_webhook_get").must_be({"url": URL})
    assert all(level in (0, 1, 2, 3) for level, _ in listener.lines)
