# SPDX-License-Identifier: Apache-2.0
"""The rows of fleets and of the command line."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter_ns

from databases import filled_fleet
from rows import SLOW_MS, Result, Setting
from table import Row, amount, compared
from worker import Server, Worker, alternate

AUDITED, AT_ONCE = 10_000, 64
PLANNED, CONCURRENCY = 50_000, 16  # the default of concurrency
KEYS = "benchmark-key-"  # what all of them begin with
TIMES = 5


def auditing(setting: Setting) -> Result:
    with ExitStack() as stack:
        server = stack.enter_context(Server(setting.programs / "server", KEYS, SLOW_MS))
        ours = stack.enter_context(setting.worker("fleet_d360webhook", server.base_url, "audit", AUDITED, AT_ONCE))
        theirs = stack.enter_context(setting.worker("fleet_libcurl", server.base_url, AUDITED, AT_ONCE))
        took = alternate(3, *(whole(worker) for worker in (ours, theirs)))
    what = f"audit of {AUDITED:,} accounts, {AT_ONCE} at once, {SLOW_MS} ms service"
    least = amount(AUDITED * 3 / AT_ONCE * SLOW_MS * 1e6, "ns")
    note = f"An audit of {AUDITED:,} accounts is {3 * AUDITED:,} GETs: {least} where the service were all that takes time."
    return Result([compared(what, "curl_multi in C, the same GETs", *took, 1.15)], [note])


def planning(setting: Setting) -> Result:
    path = filled_fleet(setting.folder / "fleet.db", PLANNED, setting.programs / "embedded_d360webhook", webhook())
    with (
        setting.worker("fleet_d360webhook", f"sqlite:{path}", "plan", PLANNED, CONCURRENCY) as ours,
        setting.worker("fleet_sqlite", setting.folder / "fleet-theirs.db", PLANNED) as theirs,
    ):
        took = alternate(3, *(whole(worker) for worker in (ours, theirs)))
        resident, texts = ours.peak()
    what = f"plan of {PLANNED:,} accounts in agreement, embedded"
    ratio = resident / texts
    memory = Row(
        "most resident memory of that plan", "its document and report", amount(resident, "B"), amount(texts, "B"),
        f"{ratio:.2f}", f"≤ {TIMES}", ratio <= TIMES,
    )  # fmt: skip
    return Result([compared(what, "the same readings in C on SQLite", *took, 2.5), memory], [])


def starting(setting: Setting) -> Result:
    took = alternate(
        setting.loads // 4,
        started([sys.executable, "-m", "d360webhook.cli", "--version"]),
        started([sys.executable, "-c", "import click"]),
    )
    return Result([compared("d360-webhook --version", "python3 -c 'import click'", *took, 2)], [])


def webhook() -> dict[str, object]:
    """The WABA webhook that fleets.h gives every account."""
    text = Path(__file__).with_name("fleets.h").read_text()
    url, headers = (json.loads(found) for found in re.findall(r'^#define WABA_\w+ (".*")$', text, re.M))
    return {"url": url, "headers": json.loads(headers)}


def whole(worker: Worker) -> Callable[[], float]:
    return lambda: worker.run(1)


def started(command: list[str]) -> Callable[[], float]:
    """Nanoseconds from its start to its end."""

    def run() -> float:
        begun = perf_counter_ns()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return perf_counter_ns() - begun

    return run


MEASURES = (auditing, planning, starting)
