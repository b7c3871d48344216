"""Compilers and the staged installation, for tests that build C programs the way a user does: by pkg-config."""

import os
from pathlib import Path

import pytest

from C.compilers import COMPILERS, PROGRAMS, Compile, flags, run


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
