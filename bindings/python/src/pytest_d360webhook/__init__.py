# SPDX-License-Identifier: Apache-2.0
"""A plugin for pytest: the service that a test needs, with two channels.

d360_service            an embedded service in a database file of the test's own; `url` opens it in other clients too
d360_daemon             a running d360-webhookd: D360_WEBHOOKD, that of d360webhook[daemon] or on PATH; it ends with the test
d360_service_session    the same for the whole session; a test that uses it finds the two channels without configuration
d360_daemon_session

`@pytest.mark.d360(apply_delay_ms=500)` passes options to the first two: those of Client, or the daemon's with underscores.

Importing this loads neither the library nor anything else: that is for the tests that ask for a fixture.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_d360webhook._daemon import D360Daemon
    from pytest_d360webhook._service import D360Service

__all__ = ["D360Daemon", "D360Service"]

_SESSION = ("d360_service_session", "d360_daemon_session")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker."""
    config.addinivalue_line("markers", "d360(**options): options of the test's d360_service or d360_daemon")


def __getattr__(name: str) -> object:
    """The fixtures' classes, for annotations; imported when they are asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pytest_d360webhook import _daemon

    return getattr(_daemon, name)


@pytest.fixture
def d360_service(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[D360Service]":
    """An embedded service with two channels and the URL policy "local"."""
    from pytest_d360webhook._service import embedded

    with embedded(tmp_path, _options(request)) as service:
        yield service


@pytest.fixture
def d360_daemon(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[D360Daemon]":
    """A running d360-webhookd with two channels, the URL policy "local" and an admin token."""
    from pytest_d360webhook._daemon import running

    with running(tmp_path, _options(request)) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def d360_service_session(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[D360Service]":
    """One d360_service for the session; it is reset before each test that uses it."""
    from pytest_d360webhook._service import embedded

    with embedded(tmp_path_factory.mktemp("d360-service"), {}) as service:
        yield service


@pytest.fixture(scope="session")
def d360_daemon_session(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[D360Daemon]":
    """One d360_daemon for the session; it is reset before each test that uses it."""
    from pytest_d360webhook._daemon import running

    with running(tmp_path_factory.mktemp("d360-daemon"), {}) as daemon:
        yield daemon


@pytest.fixture(autouse=True)
def _d360_reset(request: pytest.FixtureRequest) -> None:
    for name in _SESSION:
        if name in request.fixturenames:
            request.getfixturevalue(name).reset()


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("d360")
    return dict(marker.kwargs) if marker else {}
