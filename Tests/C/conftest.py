"""Compilers and the staged installation, for tests that build C programs the way a user does: by pkg-config."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "programs"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-g"]
C99 = {name: [name, "-std=c99", *WARNINGS] for name in ("gcc", "clang")}
CXX17 = {name: [name, "-std=c++17", *WARNINGS, "-x", "c++"] for name in ("g++", "clang++")}
COMPILERS = C99 | CXX17

Compile = Callable[..., Path]


def flags() -> list[str]:
    """What pkg-config says of the installation that the environment names."""
    return run(["pkg-config", "--cflags", "--libs", "d360webhook"]).stdout.split()


def run(command: list[object], **options: object) -> subprocess.CompletedProcess[str]:
    """Runs to success; a failure shows what the program said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture
def library() -> Path:
    return Path(os.environ["D360WEBHOOK_LIBRARY"])


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """compiled("every_function", "gcc") is the program, linked against the installed library."""
    folder = tmp_path_factory.mktemp("programs")
    done: dict[tuple[str, str], Path] = {}

    def compile_program(name: str, compiler: str = "gcc") -> Path:
        key = (name, compiler)
        if key not in done:
            program = folder / f"{name}-{compiler}"
            run([*COMPILERS[compiler], PROGRAMS / f"{name}.c", *flags(), "-pthread", "-ldl", "-o", program])
            done[key] = program
        return done[key]

    return compile_program
