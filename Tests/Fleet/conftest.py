import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .fleet import Fleet

#: The embedded service, a peer in two voices (the daemon's and the vendor's), and the daemon in its three styles.
KINDS = ["memory", "remote", "remote-vendor", "daemon-memory", "daemon-observed", "daemon-not-found"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Fleet]]:
    """`opened(kind, **options)`: a service without channels, and a client of it."""
    fleets: list[Fleet] = []

    def open_fleet(kind: str, **options: Any) -> Fleet:
        fleets.append(Fleet(kind, options, tmp_path))
        return fleets[-1]

    yield open_fleet
    for one in fleets:
        one.close()


@pytest.fixture
def fleets(kind: str, opened: Callable[..., Fleet]) -> Callable[..., Fleet]:
    return functools.partial(opened, kind)


@pytest.fixture
def fleet(fleets: Callable[..., Fleet]) -> Fleet:
    return fleets()
