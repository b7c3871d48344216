#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E402 - the library's place has to be known before it is loaded
"""Measures how time and memory of plan, audit and apply grow, and prints a table; docs/performance.md says what it means.

usage: benchmarks/growth.py [--write FILE] [--most N]

--write FILE    puts the table into FILE as well, in place of the one between its marks
--most N        leaves out sizes above N
D360_STAGE=DIR  measures another build of the library by its build/stage; nothing is built
"""

import argparse
import ctypes
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parent.parent

if "D360WEBHOOK_LIBRARY" not in os.environ:
    if "D360_STAGE" not in os.environ:
        subprocess.run(["make", "--no-print-directory", "stage", "venv"], cwd=TOP, check=True)
    script = '. scripts/environment && cd "$0" && exec python3 "$@"'
    here = os.getcwd()
    os.chdir(TOP)
    os.execvp("sh", ["sh", "-c", script, here, str(Path(__file__).resolve()), *sys.argv[1:]])

from Peers.service import Peer
from support import raw
from table import amount

BEGIN, END = "<!-- the growth begins -->", "<!-- the growth ends -->"
CALLS = ("plan", "audit", "apply")
SIZES = {
    "accounts": (1_000, 5_000, 10_000, 50_000),
    "numbers of one WABA": (10, 100, 1_000, 10_000),
    "destinations": (3, 10, 100, 1_000, 10_000),
}
GOAL = 1.1
#: Accounts of the document where the numbers of their WABA grow: each reading lists all of them.
FEW = 10
#: The least of so many calls counts; of long ones there is one.
ROUNDS, LONG = 3, 10_000
URL = "https://hooks.example.com"
HEADERS = {"Authorization": "Bearer benchmark"}


def account(index: int, version: int, waba: int, destinations: int) -> dict[str, Any]:
    """All that is managed has another URL in another version."""
    given = [{"name": f"d{one}", "url": f"{URL}/d{one}/{version}", "headers": HEADERS} for one in range(destinations)]
    return {
        "name": f"n{index}", "api_key": f"key-{index}", "expect": {"waba_id": waba, "number": f"49{index:09}"},
        "customer_webhook": {"url": f"{URL}/main{version}"}, "waba_webhook": {"url": f"{URL}/waba{version}", "headers": HEADERS},
        "multi_webhook": {"destinations": given},
    }  # fmt: skip


def channel(index: int, waba: int) -> dict[str, Any]:
    return {"phone_number_id": f"1{index}", "phone_number": f"49{index:09}", "waba_id": waba, "api_key": f"key-{index}"}


class Setting:
    """A service, and documents that it is brought to in turns; it is as the first one says."""

    def __init__(self, axis: str, size: int, url: str) -> None:
        _, client, error = raw.open_client(url, None)
        assert client, error
        self.client = client
        if axis == "destinations":
            # A number that has destinations would have each of them updated by itself: the peer would be measured.
            documents = [[account(index, 0, 1, size)] for index in range(ROUNDS + 1)]
        else:
            shared = axis == "numbers of one WABA"
            for index in range(size):
                status, text = raw.call("d360_channel_register", client, channel(index, 1 if shared else index + 1))
                assert status == "D360_OK", text
            count = FEW if shared else size
            documents = [[account(one, version, 1 if shared else one + 1, 3) for one in range(count)] for version in (0, 1)]
        self.documents = [json.dumps({"accounts": accounts}).encode() for accounts in documents]
        self.current = 0
        self.call("apply")

    def turn(self) -> None:
        """Lets the next apply have everything to change."""
        self.current = (self.current + 1) % len(self.documents)

    def call(self, name: str) -> None:
        report = ctypes.c_void_p()
        status = getattr(raw.library, f"d360_fleet_{name}")(
            ctypes.c_void_p(self.client), self.documents[self.current], None, raw.PROGRESS(), None, ctypes.byref(report)
        )
        assert raw.status_name(status) == "D360_OK", ctypes.string_at(report.value or 0)[:1_000]
        raw.library.d360_string_free(report)


def measured(axis: str, name: str, size: int, url: str) -> tuple[float, int]:
    """Seconds of processor time of a call, and bytes by which it raises the process's resident memory at most."""
    setting = Setting(axis, size, url)
    status = Path("/proc/self/status")

    def resident(name: str) -> int:
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith(f"{name}:"))

    seconds, peak = math.inf, 0
    for _ in range(ROUNDS if size <= LONG else 1):
        if name == "apply":
            setting.turn()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from here on
        before, began = resident("VmRSS"), time.process_time()
        setting.call(name)
        seconds = min(seconds, time.process_time() - began)
        peak = max(peak, resident("VmHWM") - before)
    return seconds, peak


def in_its_own_process(axis: str, name: str, size: int) -> tuple[float, int]:
    with ExitStack() as stack:
        url = "sqlite::memory:"
        if axis == "destinations":
            url = stack.enter_context(
                Peer(channels=[channel(index, 1) for index in range(ROUNDS + 1)], max_destinations=size)
            ).url
        command = [sys.executable, __file__, "--one", axis, name, str(size), url]
        seconds, peak = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return seconds, peak


def exponent(sizes: list[int], figures: list[float]) -> float:
    """Of the power that fits best, by least squares on logarithms."""
    if len(sizes) < 2:
        raise SystemExit("--most leaves fewer than two sizes of an axis")
    xs, ys = [math.log(size) for size in sizes], [math.log(max(figure, 1e-9)) for figure in figures]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((one - x) * (other - y) for one, other in zip(xs, ys)) / sum((one - x) ** 2 for one in xs)


def tables(most: int) -> Iterator[str]:
    for axis, all_sizes in SIZES.items():
        sizes = [size for size in all_sizes if size <= most]
        columns: list[tuple[str, list[float], Callable[[float], str]]] = []
        for name in CALLS:
            results = []
            for size in sizes:
                print(f"{name}, {size:,} {axis}", file=sys.stderr, flush=True)
                results.append(in_its_own_process(axis, name, size))
            columns.append((f"{name}: time", [seconds for seconds, _ in results], lambda one: amount(1e9 * one, "ns")))
            columns.append((f"{name}: memory", [float(peak) for _, peak in results], lambda one: amount(one, "B")))
        lines = [[axis, *(title for title, _, _ in columns)]]
        for row, size in enumerate(sizes):
            lines.append([f"{size:,}", *(show(figures[row]) for _, figures, show in columns)])
        fitted = [exponent(sizes, figures) for _, figures, _ in columns]
        lines.append(["exponent", *(f"{one:.2f}" if one <= GOAL else f"**{one:.2f}**" for one in fitted)])
        widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
        text = ["| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
        text.insert(1, "| " + " | ".join("-" * (width - 1) + ":" for width in widths) + " |")
        yield "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--most", type=int, default=50_000)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        axis, name, size, url = arguments.one
        print(json.dumps(measured(axis, name, int(size), url)))
        return
    if arguments.write and not {BEGIN, END} <= set(arguments.write.read_text().splitlines()):
        raise SystemExit(f"{arguments.write} has no lines {BEGIN} and {END}")
    report = "\n\n".join(tables(arguments.most))
    print(report)
    if arguments.write:
        before, _, rest = arguments.write.read_text().partition(BEGIN)
        arguments.write.write_text(f"{before}{BEGIN}\n\n{report}\n\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
