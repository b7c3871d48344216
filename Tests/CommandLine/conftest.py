"""What every test of the command line needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Peers.service import Peer

from d360webhook import Client

from .fleet import Fleet
from .program import KEY, Program

CHANNELS: list[dict[str, Any]] = [
    {"phone_number_id": "106540352242922", "phone_number": "+4930123456", "waba_id": 123065260884961, "api_key": KEY},
    {"phone_number_id": "106540352242923", "phone_number": "+4989123456", "waba_id": 123065260884961, "api_key": "key-of-munich"},
]


@pytest.fixture
def service(tmp_path: Path) -> str:
    """An embedded service with two numbers of one WABA."""
    url = f"sqlite:{tmp_path / 'webhooks.db'}"
    with Client(url) as client:
        for channel in CHANNELS:
            client.channel_register(**channel)
    return url


@pytest.fixture
def run(tmp_path: Path, service: str) -> Program:
    """d360-webhook on the embedded service, with the key of its first number."""
    return Program(tmp_path, service)


@pytest.fixture
def client(service: str) -> Iterator[Client]:
    """The same service, by the binding."""
    with Client(service) as client:
        yield client


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A service on loopback with the same numbers."""
    with Peer(channels=CHANNELS) as peer:
        yield peer


@pytest.fixture
def remote(tmp_path: Path, peer: Peer) -> Program:
    """d360-webhook on the peer."""
    return Program(tmp_path, peer.url)


@pytest.fixture
def fleet(tmp_path: Path, service: str) -> Iterator[Fleet]:
    """Three numbers with one fault each."""
    made = Fleet(tmp_path, service)
    with made.client:
        yield made
