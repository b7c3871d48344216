import json
from collections.abc import Callable
from pathlib import Path

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.service import Peer

from .building import Program
from .databases import check_integrity, hold_write_lock, register
from .services import channels

Programs = Callable[[str], Program]
Size = Callable[[int], int]


@pytest.mark.parametrize("function", ["get", "set"])
def test_close_cancels_calls_that_wait_for_a_remote_service(program: Programs, function: str, authority: Authority) -> None:
    with Peer(tls=authority.identity().context(), channels=channels(17)) as peer:
        peer.script.every_reading(faults.silent()).every_write(faults.silent())
        program("closing").run("waiting", peer.url, json.dumps({"ca_file": str(authority.bundle)}), function, seconds=60)
        assert len(peer.record) == 16


def test_close_cancels_calls_that_wait_for_a_locked_database(program: Programs, database: Path) -> None:
    register(database, 17)
    with hold_write_lock(database):
        program("closing").run("waiting", f"sqlite:{database}", "{}", "set", seconds=60)
    check_integrity(database)


def test_close_waits_for_calls_that_are_just_being_answered(program: Programs, size: Size) -> None:
    with Peer(channels=channels(17)) as peer:
        program("closing").run("answering", peer.url, "{}", size(5_000))


def test_close_beside_calls_races_with_nothing(sanitized: Programs, size: Size) -> None:
    with Peer(channels=channels(17)) as peer:
        sanitized("closing").run("answering", peer.url, "{}", size(1_000))


def test_close_beside_calls_frees_nothing_in_use(program: Programs, memcheck: list[str]) -> None:
    with Peer(channels=channels(17)) as peer:
        program("closing").run("answering", peer.url, "{}", 40, before=memcheck)
