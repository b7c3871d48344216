# SPDX-License-Identifier: Apache-2.0
"""A plugin for pytest: the service that a test needs, with two channels.

d360_service    an embedded service in a database file of the test's own; `url` opens it in other clients too
d360_daemon     a running d360-webhookd, found by D360_WEBHOOKD, else on PATH; it ends with the test

Importing this loads neither the library nor anything else: that is for the tests that ask for a fixture.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_d360webhook._daemon import D360Daemon
    from pytest_d360webhook._service import D360Service


@pytest.fixture
def d360_service(tmp_path: Path) -> "Iterator[D360Service]":
    """An embedded service with two channels and the URL policy "local"."""
    from pytest_d360webhook._service import embedded

    with embedded(tmp_path) as service:
        yield service


@pytest.fixture
def d360_daemon(tmp_path: Path) -> "Iterator[D360Daemon]":
    """A running d360-webhookd with two channels, the URL policy "local" and an admin token."""
    from pytest_d360webhook._daemon import running

    with running(tmp_path) as daemon:
        yield daemon
