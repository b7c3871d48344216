# SPDX-License-Identifier: Apache-2.0
"""rounds.h for programs in Python: the command `run N` alone."""

import sys
import time
from collections.abc import Callable


def serve_rounds(run: Callable[[int], None]) -> None:
    """Answers commands until standard input ends. Whatever `run` raises ends the program."""
    print("ready", flush=True)
    for line in sys.stdin:
        command, count = line.split()
        if command != "run":
            raise SystemExit(f"unknown command: {command}")
        started = time.perf_counter_ns()
        run(int(count))
        print(time.perf_counter_ns() - started, flush=True)
