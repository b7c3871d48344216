"""What binutils says of a program or a library."""

import subprocess
from pathlib import Path

#: glibc's own.
SYSTEM = {"libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"}
NEWEST_GLIBC = (2, 28)


def output(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
