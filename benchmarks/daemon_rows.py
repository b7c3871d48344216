# SPDX-License-Identifier: Apache-2.0
"""The daemon's rows of the table. Its rounds are seconds under load; the program that counts answers checks them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests
from databases import filled, key_digest
from listeners import bare_microhttpd, fastapi, nginx, rate, requests_a_second, wrk
from rows import API_KEY, MEBIBYTE, Result, Setting
from support.daemon import Daemon
from support.postgres import Cluster, binaries
from table import Row, amount, outdone
from worker import alternate, resident_bytes, timed

CHANNEL = {"phone_number_id": "100000000000000", "waba_id": 123065260884961, "api_key": API_KEY}
# Those of channels.h.
DESTINATIONS: list[dict[str, Any]] = [
    {"name": "crm", "url": "https://crm.example.com/hooks/whatsapp", "headers": {"X-Source": "whatsapp"}},
    {"name": "archive", "url": "https://archive.example.com/events", "headers": {}},
    {"name": "analytics", "url": "https://analytics.example.com/in", "headers": {"X-Team": "data"}},
]
CONNECTIONS = 64
WRITING_CONNECTIONS = 16
THREADS = os.cpu_count() or 1


class Measured:
    """A daemon with one channel that has three destinations."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.url = f"{daemon.url}/multi_webhook"
        daemon.register(CHANNEL)
        headers = {"D360-API-KEY": API_KEY}
        requests.post(self.url, json={"enabled": True, "destinations": DESTINATIONS}, headers=headers).raise_for_status()
        self.body = self.read()

    def read(self) -> str:
        answer = requests.get(self.url, headers={"D360-API-KEY": API_KEY})
        answer.raise_for_status()
        return answer.text

    def requests_a_second(self) -> float:
        return requests_a_second(self.url, API_KEY, self.body)


@contextmanager
def serving(service: str) -> Iterator[Measured]:
    with Daemon(service, ["--threads", str(THREADS)]) as daemon:
        yield Measured(daemon)
        if daemon.stop() != 0:
            raise SystemExit(f"the daemon failed: {daemon.log}")


def serving_readings(setting: Setting) -> Result:
    """Its rate beside others', and then how long a reading takes at half of that rate."""
    with ExitStack() as stack:
        ours = stack.enter_context(serving(f"sqlite:{setting.folder}/served.db"))
        body = ours.body
        bare = stack.enter_context(bare_microhttpd(setting.programs / "constant_microhttpd", THREADS, API_KEY, body))
        python = stack.enter_context(fastapi(setting.folder, THREADS, API_KEY, key_digest(0), body))
        top, most, pythons = alternate(
            setting.load_rounds, ours.requests_a_second, lambda: requests_a_second(bare.url, API_KEY, body),
            lambda: requests_a_second(python.url, API_KEY, body),
        )  # fmt: skip
        web_server = stack.enter_context(nginx(setting.folder, THREADS, API_KEY, body))
        half = int(top / 2)
        ports = (ours.daemon.port, web_server.port)
        clients = [stack.enter_context(setting.worker("steady", port, 1, CONNECTIONS, body)) for port in ports]
        our_time, their_time = alternate(setting.load_rounds, *(partial(client.at_rate, half, half) for client in clients))
    what = f"daemon: GET, {CONNECTIONS} connections, a second"
    goal = 2_000_000
    rows = [
        outdone(what, "libmicrohttpd, constant answer", top, most, 0.65),
        outdone("the same", "FastAPI, uvicorn and SQLite", top, pythons, 10),
        Row(
            "daemon: GET at half of that, 99th percentile", "nginx, constant answer", amount(our_time, "ns"),
            amount(their_time, "ns"), f"{our_time / their_time:.2f}", f"≤ {amount(goal, 'ns')}", our_time <= goal,
        ),
    ]  # fmt: skip
    return Result(rows, [f"Half of the rate: {half:,} requests a second, sent at even distances; nginx gets as many."])


def serving_readings_from_postgresql(setting: Setting) -> Result:
    with Cluster() as cluster:
        url = cluster.make_database("bench")
        with serving(url) as ours:
            script = statement_of(cluster, setting.folder / "reading.pgbench")
            command = [
                str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=2",
                "--time=1", f"--file={script}", f"--define=p1=\\x{key_digest(0).hex()}", url,
            ]  # fmt: skip
            top, theirs = alternate(setting.load_rounds, ours.requests_a_second, lambda: transactions_a_second(command))
    what = f"daemon on PostgreSQL: GET, {CONNECTIONS} connections"
    return Result([outdone(what, "pgbench, the same statement prepared", top, theirs, 0.36)], [])


def statement_of(cluster: Cluster, path: Path) -> Path:
    """What the daemon's connections asked for last, for pgbench: `$1` is its variable p1."""
    own = "datname = 'bench' AND query LIKE '%$1%'"
    asked = cluster.execute(f"SELECT DISTINCT translate(query, E'\\n', ' ') FROM pg_stat_activity WHERE {own}")
    if len(asked) != 1:
        raise SystemExit(f"the daemon did not ask for one thing alone: {asked}")
    path.write_text(asked[0].replace("$1", ":p1") + "\n")
    return path


def transactions_a_second(command: list[str]) -> float:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    said = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    if "number of failed transactions: 0 " not in done.stdout:
        raise SystemExit(done.stdout)
    return float(said["tps"].split()[0])


def serving_updates(setting: Setting) -> Result:
    with (
        serving(f"sqlite:{setting.folder}/updated.db") as ours,
        setting.worker("embedded_sqlite", setting.folder / "updated-theirs.db", "update") as theirs,
    ):

        def updates_a_second() -> float:
            before = ours.read()
            figure = rate(wrk(ours.url, WRITING_CONNECTIONS, API_KEY, "update"))
            if ours.read() == before:
                raise SystemExit("no update is there")
            return figure

        run = timed(theirs, 1)
        top, one = alternate(setting.load_rounds, updates_a_second, lambda: 1e9 / run())
    what = f"daemon: durable PATCH, {WRITING_CONNECTIONS} connections"
    return Result([outdone(what, "SQLite in C, WAL and FULL, one writer", top, one, 0.73)], [])


def memory_of_many_requests(setting: Setting) -> Result:
    channels, first, all_requests = 1_000_000, 1_000, 1_000_000
    path = filled(setting.folder / f"{channels}.db", channels, setting.programs / "embedded_d360webhook")
    with Daemon(f"sqlite:{path}", ["--threads", str(THREADS)]) as daemon:
        url = f"{daemon.url}/multi_webhook"
        answer = requests.get(url, headers={"D360-API-KEY": API_KEY})
        with setting.worker("steady", daemon.port, channels, CONNECTIONS, answer.text) as worker:
            worker.run(first)
            before = resident_bytes(daemon.process.pid)
            worker.run(all_requests - first)
            after = resident_bytes(daemon.process.pid)
    growth = after - before
    row = Row(
        f"daemon: {all_requests:,} GETs of {channels:,} channels, resident", f"after the first {first:,}", amount(after, "B"),
        amount(before, "B"), f"{growth / MEBIBYTE:+.1f} MiB", "≤ 8 MiB more", growth <= 8 * MEBIBYTE,
    )  # fmt: skip
    return Result([row], [])


MEASURES = (serving_readings, serving_readings_from_postgresql, serving_updates, memory_of_many_requests)
