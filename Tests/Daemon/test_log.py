"""Standard error may be a pipe that nobody reads: nothing waits for it."""

import json
import os
import re
import signal
import threading
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


def test_after_a_stall_every_line_is_whole_or_counted_as_dropped() -> None:
    reader, writer = os.pipe()
    text = bytearray()

    def read() -> None:
        while data := os.read(reader, 65_536):
            text.extend(data)

    reading = threading.Thread(target=read)
    with Daemon("sqlite::memory:", ["--access-log", "--log-format=json"], stderr=writer) as daemon:
        os.close(writer)
        with Wire(daemon.port) as wire:
            for number in range(500):
                assert wire.ask("GET", f"/{number}/{'x' * 8_000}").code == 404
            reading.start()
            end = time.monotonic() + 20
            while b'"path":"/last"' not in text:
                assert time.monotonic() < end, "no line comes after the stall"
                assert wire.ask("GET", "/last").code == 404
                time.sleep(0.05)
            wire.ask("GET", "/healthz")
            lost = dropped(wire)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(20) == 0
    reading.join()
    os.close(reader)
    paths = [line["path"] for line in map(json.loads, text.splitlines()) if line["message"] == "request"]
    assert paths[-2:] == ["/healthz", "/metrics"]
    numbered = [int(path.split("/")[1]) for path in paths if path.endswith("x")]
    assert numbered == sorted(set(numbered)) and 0 < lost <= 500
    # Requests for /last may have been dropped as well, while the buffer was full.
    assert 500 - lost <= len(numbered) < 500


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
