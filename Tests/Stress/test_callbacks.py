from collections.abc import Callable

from Peers import faults
from Peers.service import Peer

from .building import Program
from .services import channels

Programs = Callable[[str], Program]
Size = Callable[[int], int]


def test_a_log_callback_never_runs_once_another_is_set(program: Programs, size: Size) -> None:
    with Peer(channels=channels(1)) as peer:
        printed = program("callbacks").run("exchange", peer.url, size(20_000))
    assert int(printed.split()[0]) >= size(20_000)


def test_log_callbacks_are_exchanged_without_a_race(sanitized: Programs, size: Size) -> None:
    with Peer(channels=channels(1)) as peer:
        printed = sanitized("callbacks").run("exchange", peer.url, size(2_000))
    assert int(printed.split()[0]) >= size(2_000)


def test_a_log_callback_may_cancel_its_own_call(program: Programs) -> None:
    with Peer(channels=channels(1)) as peer:
        peer.script.every_reading(faults.error(500))
        program("callbacks").run("cancel", peer.url, seconds=60)
        assert len(peer.record) == 1 + 3


def test_a_log_callback_that_was_taken_away_may_be_freed(program: Programs, memcheck: list[str]) -> None:
    with Peer(channels=channels(1)) as peer:
        program("callbacks").run("exchange", peer.url, 200, before=memcheck)
