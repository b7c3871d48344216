"""Standard error may be a pipe that nobody reads: nothing waits for it."""

import os
import re
import signal
import time

from support.daemon import Daemon

from .wire import Wire


def dropped(wire: Wire) -> int:
    found = re.search(r"^d360_log_lines_dropped_total (\d+)$", wire.ask("GET", "/metrics").body.decode(), re.M)
    assert found
    return int(found[1])


def test_a_stalled_reader_of_the_log_stops_neither_answers_nor_the_end() -> None:
    reader, writer = os.pipe()
    try:
        with Daemon("sqlite::memory:", ["--access-log"], stderr=writer) as daemon:
            target = "/" + "x" * 8_000
            with Wire(daemon.port) as wire:
                for _ in range(500):
                    assert wire.ask("GET", target).code == 404
                assert dropped(wire) > 0
            started = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            assert daemon.process.wait(20) == 0
            assert time.monotonic() - started < 10
    finally:
        os.close(reader)
        os.close(writer)


def test_a_reader_that_goes_away_stops_nothing() -> None:
    reader, writer = os.pipe()
    with Daemon("sqlite::memory:", ["--access-log"], stderr=writer) as daemon:
        os.close(writer)
        os.close(reader)
        with Wire(daemon.port) as wire:
            for _ in range(10):
                assert wire.ask("GET", "/healthz").code == 200
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(20) == 0
