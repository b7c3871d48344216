"""Compilers, and what runs the programs that they build."""

import subprocess
from collections.abc import Callable
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-g"]
C99 = {name: [name, "-std=c99", *WARNINGS] for name in ("gcc", "clang")}
CXX17 = {name: [name, "-std=c++17", *WARNINGS, "-x", "c++"] for name in ("g++", "clang++")}
COMPILERS = C99 | CXX17
MEMCHECK = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            "--error-exitcode=99"]  # fmt: skip

Compile = Callable[..., Path]


def flags() -> list[str]:
    """What pkg-config says of the installation that the environment names."""
    return run(["pkg-config", "--cflags", "--libs", "d360webhook"]).stdout.split()


def run(command: list[object], **options: object) -> subprocess.CompletedProcess[str]:
    """Runs to success; a failure shows what the program said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done
