# SPDX-License-Identifier: Apache-2.0
"""What every test of the binding needs. The library's path is in the environment: D360WEBHOOK_LIBRARY."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from Python.source import SOURCE, Run

if importlib.util.find_spec("d360webhook") is None:
    sys.path.insert(0, str(SOURCE))

from d360webhook import Channel, Client
from Python.loopback import Peer, SilentPeer

KEY = "key-of-berlin"


@pytest.fixture
def client() -> Iterator[Client]:
    """An embedded service with one channel."""
    with Client("sqlite::memory:") as client:
        client.channel_register("106540352242922", waba_id=123065260884961, api_key=KEY, phone_number="+4930901820")
        yield client


@pytest.fixture
def berlin(client: Client) -> Channel:
    return client.channel(KEY)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def silent() -> Iterator[SilentPeer]:
    with SilentPeer() as silent:
        yield silent


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts a Python program with the package on its path; what is still running at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        search = os.pathsep.join(p for p in sys.path if p)
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                env={**os.environ, "PYTHONPATH": search, **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
