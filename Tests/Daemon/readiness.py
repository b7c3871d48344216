"""What a daemon says of itself at /healthz and /readyz."""

import time

from support.daemon import Daemon

from .wire import Answer, Wire

READY = {"status": "ready"}
HEALTHY = {"status": "ok"}


def ask(daemon: Daemon, path: str) -> Answer:
    with Wire(daemon.port) as wire:
        return wire.ask("GET", path)


def must_be_unready(daemon: Daemon) -> None:
    answer = ask(daemon, "/readyz")
    assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
    ask(daemon, "/healthz").must_be(HEALTHY)


def must_become_ready(daemon: Daemon) -> None:
    end = time.monotonic() + 20
    while ask(daemon, "/readyz").code != 200:
        assert time.monotonic() < end, daemon.log
        time.sleep(0.05)
    ask(daemon, "/readyz").must_be(READY)
