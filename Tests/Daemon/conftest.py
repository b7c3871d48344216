import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("D360WEBHOOK_LIBRARY", str(Path(__file__).parents[2] / "build/stage/usr/local/lib/libd360webhook.so.0"))

from Peers.certificates import Authority
from support import postgres
from support.daemon import Daemon

from .accounts import Account
from .wire import Wire

SOAK = bool(os.environ.get("D360_SOAK"))
STORAGES = ["sqlite", "postgresql"]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def size() -> Callable[[int], int]:
    """The full size in a soak, a tenth of it otherwise."""
    return lambda full: full if SOAK else full // 10


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    """For tests that leave it as it was, but for accounts of their own."""
    with Daemon("sqlite::memory:") as daemon:
        yield daemon
        assert daemon.stop() == 0, daemon.log


@pytest.fixture
def account(daemon: Daemon) -> Account:
    return Account(daemon, next(_numbers)).register()


@pytest.fixture
def wire(daemon: Daemon) -> Iterator[Wire]:
    with Wire(daemon.port) as wire:
        yield wire


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A URL for --service with nothing in it: a file, or a database."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/webhooks.db"
    return postgres.fresh_database(f"d360-{os.getpid()}-{next(_numbers)}")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(Path(tmp_path_factory.mktemp("certificates")))
