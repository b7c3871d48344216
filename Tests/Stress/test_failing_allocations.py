from collections.abc import Callable
from pathlib import Path

import pytest
from Peers.service import Peer

from .building import Program
from .databases import check_integrity
from .services import channels

Programs = Callable[[str], Program]


def test_any_allocation_of_sqlite_jansson_and_libcrypto_may_fail(program: Programs, database: Path, soak: bool) -> None:
    stride = 1 if soak else 7
    libraries = ["libsqlite3", "libjansson", "libcrypto"]
    printed = program("allocations").run(f"sqlite:{database}", "{}", stride, *libraries, seconds=1200)
    assert int(printed.split()[0]) > 100
    check_integrity(database)


def test_any_allocation_of_libcurl_jansson_and_libcrypto_may_fail(program: Programs, soak: bool) -> None:
    stride = 1 if soak else 7
    with Peer(channels=channels(2)) as peer:
        printed = program("allocations").run(peer.url, "{}", stride, "libcurl", "libjansson", "libcrypto", seconds=1200)
    assert int(printed.split()[0]) > 100


def test_a_configuration_is_never_stored_damaged_for_want_of_memory(program: Programs, database: Path) -> None:
    printed = program("allocations").run(f"sqlite:{database}", "{}", "growth", seconds=600)
    assert int(printed.split()[0]) > 10
    check_integrity(database)


@pytest.mark.parametrize("kind", ["embedded", "remote"])
def test_the_returned_text_may_find_no_memory(program: Programs, kind: str) -> None:
    with Peer(channels=channels(2)) as peer:
        program("allocations").run(peer.url if kind == "remote" else "sqlite::memory:", "{}", "text", seconds=60)
