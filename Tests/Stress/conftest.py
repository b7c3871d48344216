import functools
import os
import pathlib
from collections.abc import Callable

import pytest
from Peers.certificates import Authority

from .building import Program, build, build_sanitized, build_sanitized_library

SOAK = bool(os.environ.get("D360_SOAK"))


@pytest.fixture(scope="session")
def soak() -> bool:
    return SOAK


@pytest.fixture(scope="session")
def size() -> Callable[[int], int]:
    """The full size in a soak, a tenth of it otherwise."""
    return lambda full: full if SOAK else full // 10


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Program]:
    """A C program of this folder, compiled once."""
    folder = tmp_path_factory.mktemp("programs")
    return functools.cache(lambda name: build(name, folder))


@pytest.fixture(scope="session")
def sanitized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Program]:
    """The same for ThreadSanitizer, the library too: what it reports ends up in the test's failure."""
    folder = tmp_path_factory.mktemp("sanitized")
    library = build_sanitized_library()
    return functools.cache(lambda name: build_sanitized(name, folder, library))


@pytest.fixture(scope="session")
def memcheck() -> list[str]:
    """Runs a program under valgrind: memory used after it was freed, or before it was written, fails it."""
    return ["valgrind", "--quiet", "--error-exitcode=99"]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(pathlib.Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture
def database(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "webhooks.db"
