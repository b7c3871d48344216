# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured, and how they take turns."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Self

# A client that waits for its server, and the server, take turns: on one core. On two, what is measured is how long a sleeping
# core takes to wake up; on virtual machines that is more than a call takes, and depends on how long it slept.
SHARED_CORE = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]


class Worker:
    """One program of rounds.h or rounds.py, waiting for commands."""

    def __init__(self, *command: str | Path) -> None:
        self._name = " ".join(str(word) for word in command)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._answer() != "ready":
            raise SystemExit(f"{self._name} is not ready")

    def run(self, count: int) -> float:
        """Runs so many operations; the nanoseconds that each took."""
        return int(self._ask(f"run {count}")) / count

    def at_rate(self, rate: int, count: int) -> float:
        """Of steady.c: so many requests, so many a second; the 99th percentile of the nanoseconds that each took."""
        return float(self._ask(f"rate {rate} {count}").split()[1])

    def idle(self) -> tuple[int, int]:
        """Bytes that one more client holds: heap, resident."""
        return self._two("idle")

    def memory(self) -> tuple[int, int]:
        """Bytes that the process holds: heap, resident."""
        return self._two("memory")

    def private(self) -> tuple[int, int]:
        """Resident bytes that the process shares with no other: all, and those it wrote to."""
        return self._two("private")

    def peak(self) -> tuple[int, int]:
        """Of one operation: the most bytes that were resident meanwhile, and those of its texts."""
        return self._two("peak")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._process.communicate()
        if kind is None and self._process.returncode != 0:
            raise SystemExit(f"{self._name} ended with status {self._process.returncode}")

    def _two(self, command: str) -> tuple[int, int]:
        heap, resident = self._ask(command).split()
        return int(heap), int(resident)

    def _ask(self, command: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise SystemExit(f"{self._name} failed with status {self._process.wait()}")
        return line


def resident_bytes(process: int) -> int:
    """Counted page by page by the kernel."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) * 1024


class Server:
    """server.c, on a free port of loopback and on the shared core; it answers so many milliseconds after a request."""

    def __init__(self, program: Path, api_key: str, milliseconds: int = 0) -> None:
        command = [*SHARED_CORE, program, api_key, str(milliseconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.base_url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate()


def alternate(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure, taken in turns: A B A B … The first turn warms up and is not counted."""
    taken: list[list[float]] = [[] for _ in measures]
    for turn in range(rounds + 1):
        for measure, figures in zip(measures, taken):
            figure = measure()
            if turn > 0:
                figures.append(figure)
    return [median(figures) for figures in taken]


def alternate_rounds(rounds: int, seconds: float, workers: Sequence[Worker]) -> list[float]:
    """The median nanoseconds of one operation of each worker, in rounds that take each about so many seconds."""
    return alternate(rounds, *(timed(worker, seconds) for worker in workers))


def timed(worker: Worker, seconds: float) -> Callable[[], float]:
    """A measure that takes about so many seconds; whole hundreds of operations, as `mixed` counts in them."""
    count = max(1, int(seconds * 1e9 / worker.run(100)) // 100) * 100
    return lambda: worker.run(count)
