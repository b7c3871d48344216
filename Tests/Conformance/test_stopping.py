"""d360_cancel, d360_stop and d360_close at many moments of each call that may take a while, from its entry on."""

import ctypes
import json
import re
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from Peers import faults
from Peers.service import Peer
from support import raw

from .channel import URL

KEY = "key-berlin"
WEBHOOK = {"url": URL, "headers": {"Authorization": "Bearer s3cret"}}
DESTINATION = {"name": "crm", **WEBHOOK}
LIMIT = 0.1
ROUNDS = 3
CALLS: dict[str, list[Any]] = {
    "multi_webhook_get": [],
    "multi_webhook_set": [{"enabled": True, "destinations": [DESTINATION]}],
    "multi_webhook_append": [{"destinations": [DESTINATION]}],
    "multi_webhook_update": [DESTINATION],
    "multi_webhook_delete": [b"crm"],
    "customer_webhook_get": [],
    "customer_webhook_set": [WEBHOOK],
    "waba_webhook_get": [],
    "waba_webhook_set": [WEBHOOK],
    "waba_webhook_wait": [WEBHOOK, 60_000],
}
CHANNELS: dict[str, list[Any]] = {
    "channel_register": [{"phone_number_id": "1", "waba_id": 1, "api_key": KEY}],
    "channel_remove": [b"1"],
}
FLEETS = ["plan", "apply", "audit", "export"]
WAYS = {
    "cancel": lambda client: raw.library.d360_cancel(client),
    "stop": lambda client: raw.library.d360_stop(client),
    "close": lambda client: raw.close(client),
}
Call = Callable[[int, ctypes.c_void_p], int]
"""Calls the library alone: its status, with the text in the second argument."""
each_way = pytest.mark.parametrize("way", WAYS)


def opened(url: str) -> int:
    status, client, error = raw.open_client(url, {"timeout_ms": 60_000})
    assert status == "D360_OK" and client, error
    return client


def operation(function: str, *arguments: Any) -> Call:
    texts = [json.dumps(one).encode() if isinstance(one, dict) else one for one in arguments]
    given = [ctypes.c_int64(one) if isinstance(one, int) else ctypes.c_char_p(one) for one in texts]
    return lambda client, text: getattr(raw.library, f"d360_{function}")(ctypes.c_void_p(client), *given, ctypes.byref(text))


def fleet(function: str, document: bytes) -> Call:
    call = getattr(raw.library, f"d360_fleet_{function}")
    return lambda client, text: call(ctypes.c_void_p(client), document, None, None, None, ctypes.byref(text))


class Worker(threading.Thread):
    """Makes a call, and knows when it ended, without the time in which the machine did not let it run."""

    def __init__(self, client: int, call: Call) -> None:
        super().__init__()
        self._client, self._call = client, call
        self.entered = threading.Event()
        self.status, self.ended = "", 0.0

    def run(self) -> None:
        text = ctypes.c_void_p()
        self.entered.set()  # The interpreter goes on elsewhere once the library is entered: see `patient`.
        status = self._call(self._client, text)
        self.ended = self.now()
        self.status = raw.status_name(status)
        raw.library.d360_string_free(text)

    def now(self) -> float:
        """proc(5): the second number of schedstat is how long the thread waited for a processor."""
        waited = int(Path(f"/proc/self/task/{self.native_id}/schedstat").read_text().split()[1])
        return time.monotonic() - waited / 1e9


def seconds_to_end(url: str, way: str, call: Call, moment: float) -> tuple[str, float]:
    """Its status, and how long the call went on once it was ended at this moment after it was entered."""
    client = opened(url)
    worker = Worker(client, call)
    worker.start()
    worker.entered.wait()
    time.sleep(moment)
    begun = worker.now() if worker.is_alive() else 0.0
    WAYS[way](client)
    worker.join(5)
    raw.library.d360_stop(client) if way == "cancel" else None  # in case that the cancel was lost
    worker.join()
    raw.close(client) if way != "close" else None
    return worker.status, worker.ended - begun


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1)
    yield
    sys.setswitchinterval(before)


def must_end(url: str, way: str, call: Call, moments: list[float]) -> None:
    for moment in moments:
        rounds = [seconds_to_end(url, way, call, moment) for _ in range(ROUNDS)]
        assert statistics.median(seconds for _, seconds in rounds) < LIMIT, (moment, rounds)
        assert {status for status, _ in rounds} == {"D360_CANCELLED"}, (moment, rounds)


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """A service that reads and says nothing."""
    with Peer() as peer:
        peer.script.always(faults.silent())
        yield peer.url


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[str]:
    """A database that another writer has locked."""
    url = f"sqlite:{tmp_path}/w.db"
    client = opened(url)
    assert raw.call("d360_channel_register", client, *CHANNELS["channel_register"])[0] == "D360_OK"
    assert raw.call("d360_multi_webhook_set", client, KEY, *CALLS["multi_webhook_set"])[0] == "D360_OK"
    raw.close(client)
    with closing(sqlite3.connect(tmp_path / "w.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield url
        other.execute("ROLLBACK")


@each_way
@pytest.mark.parametrize("function", CALLS)
def test_a_call_of_a_remote_service_ends_at_once(silent: str, function: str, way: str) -> None:
    must_end(silent, way, operation(function, KEY.encode(), *CALLS[function]), [0.003, 0.02, 0.1])


@each_way
@pytest.mark.parametrize("function", [*(name for name in CALLS if not name.endswith("get")), *CHANNELS])
def test_a_call_that_waits_for_a_locked_database_ends_at_once(locked: str, function: str, way: str) -> None:
    given = CHANNELS[function] if function in CHANNELS else [KEY.encode(), *CALLS[function]]
    must_end(locked, way, operation(function, *given), [0.003, 0.1])


@each_way
@pytest.mark.parametrize("function", FLEETS)
def test_a_fleet_call_ends_at_once(silent: str, function: str, way: str) -> None:
    accounts = [{"name": f"n{n}", "api_key": f"key-{n}"} for n in range(300)]
    must_end(silent, way, fleet(function, json.dumps({"accounts": accounts}).encode()), [0.003, 0.02, 0.1])


@pytest.fixture(scope="module")
def large() -> dict[str, bytes]:
    """Documents of 55 MiB, for a fleet's call and for an export: copied, parsed, and planned for seconds."""
    sections = {"customer_webhook": WEBHOOK, "multi_webhook": {"destinations": [DESTINATION]}}
    return {"document": _repeated(sections), "keys": _repeated({})}


def _repeated(sections: dict[str, Any]) -> bytes:
    one = json.dumps({"name": "n00000000", "api_key": "key-00000000", **sections})
    count = 55 * 1_048_576 // (len(one) + 2)
    return f'{{"accounts": [{", ".join(one.replace("00000000", f"{n:08}") for n in range(count))}]}}'.encode()


@each_way
@pytest.mark.parametrize("function", FLEETS)
def test_a_fleet_call_with_a_document_of_55_mebibytes_ends_at_once(large: dict[str, bytes], function: str, way: str) -> None:
    text = large["keys" if function == "export" else "document"]
    must_end("sqlite::memory:", way, fleet(function, text), [0.005, 0.1, 0.4] if way == "cancel" else [0.005, 0.2])


@each_way
@pytest.mark.parametrize("function", [name for name in CALLS if name.endswith(("set", "append", "update", "wait"))])
def test_a_call_with_a_request_of_1_mebibyte_ends_at_once(silent: str, function: str, way: str) -> None:
    request, *rest = CALLS[function]
    text = json.dumps(request).encode().ljust(1_048_576)
    must_end(silent, way, operation(function, KEY.encode(), text, *rest), [0.003, 0.02])


def _filled(count: int) -> bytes:
    destinations = [{"name": f"n{n}", "url": f"{URL}/{n}", "headers": {"A": "1"}} for n in range(count)]
    return json.dumps({"enabled": True, "destinations": destinations}).encode()


@each_way
@pytest.mark.parametrize("function", ["multi_webhook_set", "multi_webhook_append"])
def test_a_call_with_ten_thousand_destinations_ends_at_once(silent: str, function: str, way: str) -> None:
    text = _filled(10_000) if function.endswith("set") else _filled(10_000).replace(b'"enabled": true, ', b"")
    assert len(text) < 1_048_576
    must_end(silent, way, operation(function, KEY.encode(), text), [0.003, 0.02, 0.1])


#: A plan of 55 MiB, and the names of half a million accounts.
LARGE_OPTIONS: dict[str, Callable[[], bytes]] = {
    "plan": lambda: _many('{"plan": {"summary": {}, "accounts": [', '{"name": "n00000000", "digest": null}', "]}}", 55),
    "only": lambda: _many('{"only": [', '"n00000000"', "]}", 6),
}


def _many(begin: str, one: str, end: str, mebibytes: int) -> bytes:
    count = mebibytes * 1_048_576 // (len(one) + 2)
    return (begin + ", ".join(one.replace("00000000", f"{n:08}") for n in range(count)) + end).encode()


@pytest.mark.parametrize("option", LARGE_OPTIONS)
def test_a_fleet_call_with_long_options_ends_at_once(option: str) -> None:
    document, options = (
        _many('{"accounts": [', '{"name": "n00000000", "api_key": "key-00000000"}', "]}", 55),
        LARGE_OPTIONS[option](),
    )
    library = raw.library.d360_fleet_apply

    def call(client: int, text: ctypes.c_void_p) -> int:
        return int(library(ctypes.c_void_p(client), document, options, None, None, ctypes.byref(text)))

    must_end("sqlite::memory:", "cancel", call, [0.3, 0.6, 0.9])


def test_a_client_is_not_derived_from_one_that_was_stopped() -> None:
    client = opened("sqlite::memory:")
    raw.library.d360_stop(client)
    status, derived, document = raw.derive(client)
    assert (status, derived) == ("D360_CANCELLED", None)
    assert json.loads(document or "")["error"]["outcome"] == "not_applied"
    raw.close(client)


def test_every_function_that_takes_a_client_is_here_or_has_nothing_to_end() -> None:
    header = (Path(__file__).parents[2] / "include" / "d360webhook.h").read_text()
    declared = set(re.findall(r"\bd360_(\w+)\s*\(\s*d360_client \*client\b", header))
    ended = {*CALLS, *CHANNELS, *(f"fleet_{name}" for name in FLEETS), "channel_list", "derive"}
    assert declared - ended == {"close", "cancel", "stop", "set_log"}
