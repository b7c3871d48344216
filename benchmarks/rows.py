# SPDX-License-Identifier: Apache-2.0
"""The rows of the table: what is measured, beside what, and what is wanted."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import requests
from databases import filled
from listeners import free_port, nginx
from Peers.certificates import Authority
from table import Row, amount, compared
from worker import SHARED_CORE, Server, Worker, alternate, alternate_rounds

API_KEY = "benchmark-key-000000000"
DERIVE_OPTIONS = '{"timeout_ms":5000,"connect_timeout_ms":1000,"max_attempts":2}'
THREADS = 16
AWAITS = 1_000
SLOW_MS = 5
IDLE_CLIENTS = 20
PARSING = "libcurl and jansson"
BLIND = "libcurl, which never looks at its answer"
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Setting:
    """How long to measure, and with what."""

    rounds: int
    seconds: float  # of one round
    load_rounds: int  # of a second each, under the load of many connections
    loads: int
    calls: int  # of which the memory is measured
    programs: Path
    folder: Path  # for databases
    base_url: str
    library: str

    def worker(self, name: str, *arguments: str | int | Path) -> Worker:
        return Worker(self.programs / name, *map(str, arguments))

    def client(self, name: str, *arguments: str | int | Path) -> Worker:
        """One that waits for the server."""
        return Worker(*SHARED_CORE, self.programs / name, self.base_url, *map(str, arguments))

    def medians(self, *workers: Worker) -> list[float]:
        """Nanoseconds of one operation of each, taken in turns."""
        with ExitStack() as stack:
            for worker in workers:
                stack.enter_context(worker)
            return alternate_rounds(self.rounds, self.seconds, workers)


@dataclass(frozen=True)
class Result:
    rows: list[Row]
    notes: list[str]


def remote_reading(setting: Setting) -> Result:
    ours, parsing, blind = setting.medians(
        setting.client("remote_d360webhook", API_KEY, 1),
        setting.client("remote_libcurl", API_KEY, 1, "parse"),
        setting.client("remote_libcurl", API_KEY, 1, "ignore"),
    )
    what = "remote GET, one after another"
    return Result([compared(what, PARSING, ours, parsing, 1.05), compared("the same", BLIND, ours, blind, None)], [])


def remote_reading_over_tls(setting: Setting) -> Result:
    with ExitStack() as stack:
        body = requests.get(f"{setting.base_url}/multi_webhook", headers={"D360-API-KEY": API_KEY}).text
        folder = setting.folder / "tls"
        folder.mkdir()
        authority = Authority(folder)
        identity, port = authority.identity(), free_port()
        stack.enter_context(nginx(folder, 1, API_KEY, body, (port, identity.certificate, identity.key), SHARED_CORE))

        def client(name: str, *arguments: str) -> Worker:
            return Worker(*SHARED_CORE, setting.programs / name, f"https://127.0.0.1:{port}", API_KEY, "1", *arguments)

        ours, parsing, blind = setting.medians(
            client("remote_d360webhook", json.dumps({"ca_file": str(authority.bundle)})),
            client("remote_libcurl", "parse", str(authority.bundle)),
            client("remote_libcurl", "ignore", str(authority.bundle)),
        )
    what = "remote GET over TLS, one after another"
    return Result([compared(what, PARSING, ours, parsing, 1.05), compared("the same", BLIND, ours, blind, None)], [])


def remote_reading_in_threads(setting: Setting) -> Result:
    ours, parsing, blind = setting.medians(
        setting.worker("remote_d360webhook", setting.base_url, API_KEY, THREADS),
        setting.worker("remote_libcurl", setting.base_url, API_KEY, THREADS, "parse"),
        setting.worker("remote_libcurl", setting.base_url, API_KEY, THREADS, "ignore"),
    )
    what = f"remote GET, {THREADS} threads on one client"
    rows = [
        compared(what, f"libcurl and jansson, {THREADS} easy handles", ours, parsing, 1.1),
        compared("the same", f"libcurl alone, {THREADS} easy handles", ours, blind, None),
    ]
    return Result(rows, [])


def remote_reading_from_python(setting: Setting) -> Result:
    script = Path(__file__).with_name("remote_python.py")
    names = ("d360webhook", "requests", "httpx")
    workers = [Worker(*SHARED_CORE, sys.executable, script, name, setting.base_url, API_KEY) for name in names]
    ours, by_requests, by_httpx = setting.medians(*workers)
    what = "remote GET from Python"
    rows = [compared(what, "requests.Session", ours, by_requests, 0.25), compared(what, "httpx.Client", ours, by_httpx, 0.25)]
    return Result(rows, [])


def many_awaits(setting: Setting) -> Result:
    script = Path(__file__).with_name("remote_asyncio.py")
    peers = ("httpx.AsyncClient", "aiohttp.ClientSession")
    with ExitStack() as stack:
        server = stack.enter_context(Server(setting.programs / "server", API_KEY, SLOW_MS))
        names = ("d360webhook", "httpx", "aiohttp")
        workers = [stack.enter_context(Worker(sys.executable, script, name, server.base_url, API_KEY)) for name in names]
        ours, *theirs = alternate(
            max(3, setting.rounds // 4), *(lambda worker=worker: worker.run(AWAITS) * AWAITS for worker in workers)
        )
    fastest = min(theirs)
    what = f"AsyncClient, {AWAITS:,} GETs at once, {SLOW_MS} ms service"
    row = compared(what, f"{peers[theirs.index(fastest)]}, the faster", ours, fastest, 0.6)
    figures = " and ".join(f"{name} {amount(figure, 'ns')}" for name, figure in zip(peers, theirs))
    return Result([row], [f"{AWAITS:,} GETs at once: {figures}."])


def embedded_reading(setting: Setting) -> Result:
    return embedded(setting, "get", "embedded GET with 3 destinations", "SQLite in C, statements prepared", 1.1)


def embedded_update(setting: Setting) -> Result:
    return embedded(setting, "update", "embedded durable update", "SQLite in C, WAL and FULL", 1.1)


def embedded(setting: Setting, mode: str, what: str, peer: str, goal: float) -> Result:
    ours, theirs = setting.medians(
        setting.worker("embedded_d360webhook", f"sqlite:{setting.folder}/{mode}-ours.db", mode),
        setting.worker("embedded_sqlite", setting.folder / f"{mode}-theirs.db", mode),
    )
    return Result([compared(what, peer, ours, theirs, goal)], [])


def embedded_reading_of_many(setting: Setting) -> Result:
    many, few = 1_000_000, 1_000
    program = setting.programs / "embedded_d360webhook"
    paths = {channels: filled(setting.folder / f"{channels}.db", channels, program) for channels in (many, few)}
    ours, theirs = setting.medians(*(Worker(program, f"sqlite:{path}", "any", str(count)) for count, path in paths.items()))
    return Result([compared(f"embedded GET with {many:,} channels", f"the same with {few:,}", ours, theirs, 1.4)], [])


def deriving(setting: Setting) -> Result:
    plain, with_options, reading = setting.medians(
        setting.client("derive"),
        setting.client("derive", DERIVE_OPTIONS),
        setting.client("remote_d360webhook", API_KEY, 1),
    )
    peer = "one remote GET of ours"
    rows = [
        compared("d360_derive and close", peer, plain, reading, 0.02),
        compared("the same with three options", peer, with_options, reading, 0.05),
    ]
    return Result(rows, [])


def loading(setting: Setting) -> Result:
    def load(*libraries: str) -> Callable[[], float]:
        command = [str(setting.programs / "load"), *libraries]
        return lambda: float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    others = ("libcurl.so.4", "libjansson.so.4", "libsqlite3.so.0", "libcrypto.so.3")
    ours, theirs = alternate(setting.loads, load(setting.library), load(*others))
    return Result([compared("dlopen", "libcurl, jansson, SQLite and libcrypto alone", ours, theirs, 1.05)], [])


def idle_memory(setting: Setting) -> Result:
    with (
        setting.client("remote_d360webhook", API_KEY, 1) as ours,
        setting.client("remote_libcurl", API_KEY, 1, "parse") as theirs,
    ):
        our_heap, their_heap = alternate(IDLE_CLIENTS, lambda: ours.idle()[0], lambda: theirs.idle()[0])
        resident = alternate(IDLE_CLIENTS, lambda: ours.idle()[1], lambda: theirs.idle()[1])
    row = compared("memory of an idle remote client", "libcurl, one easy handle", our_heap, their_heap, 1.5, unit="B")
    pages = " and ".join(amount(figure, "B") for figure in resident)
    return Result([row], [f"Idle memory is what malloc gave out, after one call; resident, page by page: {pages}."])


def private_memory(setting: Setting) -> Result:
    """Of fresh processes: what is measured is that of one that has just begun."""

    def figures(name: str) -> list[tuple[int, int]]:
        taken = []
        for turn in range(5):
            with setting.client(name, API_KEY, setting.folder / f"{name}-{turn}.db") as worker:
                taken.append(worker.private())
        return taken

    ours, theirs = ([median(column) for column in zip(*figures(name))] for name in ("memory_d360webhook", "memory_by_hand"))
    row = compared(
        "private memory after open and one call", "libcurl, jansson and SQLite doing the same", ours[0], theirs[0], 1.2, unit="B"
    )
    written = " and ".join(amount(figure, "B") for figure in (ours[1], theirs[1]))
    return Result([row], [f"Of that private memory the process has written to {written}."])


def signing(setting: Setting) -> Result:
    ours, theirs = setting.medians(setting.worker("sign_d360webhook"), setting.worker("sign_openssl"))
    return Result([compared("d360_signature_sign, 64 bytes", "OpenSSL's HMAC in C, with hexadecimal", ours, theirs, 1.2)], [])


def memory_of_many_calls(setting: Setting) -> Result:
    first = 1_000
    with setting.worker("embedded_d360webhook", f"sqlite:{setting.folder}/mixed.db", "mixed") as worker:
        worker.run(first)
        before = worker.memory()[1]
        worker.run(setting.calls - first)
        after = worker.memory()[1]
    growth = after - before
    what = f"{setting.calls:,} embedded calls, resident memory"
    row = Row(
        what, f"after the first {first:,}", amount(after, "B"), amount(before, "B"), f"{growth / 1024:+.0f} KiB",
        "≤ 1 MiB more", growth <= MEBIBYTE,
    )  # fmt: skip
    return Result([row], ["Every 100th of those calls is an update."])


MEASURES = (
    remote_reading, remote_reading_over_tls, remote_reading_in_threads, remote_reading_from_python, many_awaits,
    embedded_reading, embedded_update, embedded_reading_of_many, deriving, signing, loading, idle_memory,
    private_memory, memory_of_many_calls,
)  # fmt: skip
