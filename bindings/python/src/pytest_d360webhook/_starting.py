# SPDX-License-Identifier: Apache-2.0
"""Starts a d360-webhookd that ends with this process."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 20.0  # to begin and to end

# The kernel ends the daemon when the process that started it ends, however that is killed: prctl(PR_SET_PDEATHSIG, SIGTERM). A
# process that ended in between is noticed by its number.
_LEASH = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def start(command: Sequence[str], port_file: Path, log_file: Path, **popen: Any) -> tuple["subprocess.Popen[Any]", int]:
    """A daemon, and its port once it listens; AssertionError says why it does not.

    command   the program and its options, --port-file among them
    log_file  gets its output, unless `popen`, further arguments of Popen, says otherwise
    """
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-ISc", _LEASH, str(os.getpid()), *command],
            **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **popen},
        )
    try:
        deadline = time.monotonic() + SECONDS
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                problem = "does not listen" if process.returncode is None else f"ended with {process.returncode}"
                raise AssertionError(f"the daemon {problem}: {log_file.read_text(errors='replace')}")
            time.sleep(0.005)
        return process, int(port_file.read_text())
    except BaseException:
        end(process)
        raise


def end(process: "subprocess.Popen[Any]") -> None:
    """Ends a daemon at once."""
    if process.poll() is None:
        process.kill()
        process.wait()
