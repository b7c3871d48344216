# SPDX-License-Identifier: Apache-2.0
"""The log callback of a client."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from d360webhook._interrupts import interrupts
from d360webhook._library import LogFunction, library

LogCallback = Callable[[int, str], object]

_NONE = LogFunction()  # a NULL function


class _Inside(threading.local):
    log: "Log | None" = None
    progress: bool = False


inside = _Inside()


def inside_callback() -> str | None:
    """Which callback this thread is inside of, where the library may not be called: "log", "progress", or none."""
    if inside.log is not None:
        return "log"
    return "progress" if inside.progress else None


class Log:
    """Calls one Python callable for several C clients, one message at a time.

    The C function stays the same while the callable changes, so that a callback may replace itself; it is kept alive here
    until its clients are closed.
    """

    def __init__(self) -> None:
        self._target: LogCallback | None = None
        self._running = threading.RLock()  # held while the callable runs
        self._setting = threading.RLock()
        self._function: Any = None

    def set(self, target: LogCallback | None, clients: Iterable[int]) -> None:
        """From the return on, the callable before this one is not running and will not run."""
        _check(target)
        if inside.log is self:
            self._target = target
            return
        with self._setting:
            with self._running:
                self._replace(target)
            if self._function is not None:
                for client in clients:
                    library.d360_set_log(client, _NONE if target is None else self._function, None)

    def try_to_set(self, target: LogCallback | None) -> bool:
        """Like set, for clients that are attached later; False while the callable before is running."""
        _check(target)
        if not self._running.acquire(blocking=False):
            return False
        try:
            self._replace(target)
        finally:
            self._running.release()
        return True

    def attach(self, client: int) -> None:
        """Has a new client log here, if anybody listens."""
        if self._target is not None:
            library.d360_set_log(client, self._function, None)

    def _replace(self, target: LogCallback | None) -> None:
        if target is not None and self._function is None:
            self._function = LogFunction(self._run)
        self._target = target

    def after_fork(self) -> None:
        """Locks that another thread of the parent held would stay locked in the child."""
        self._running, self._setting = threading.RLock(), threading.RLock()

    def _run(self, level: int, message: bytes, context: object) -> None:
        # An Exception leaves through ctypes, which hands it to sys.unraisablehook.
        try:
            with self._running:
                if self._target is not None:
                    inside.log = self
                    try:
                        self._target(level, message.decode("utf-8", "replace"))
                    finally:
                        inside.log = None
        except Exception:
            raise
        except BaseException as stop:  # Ctrl-C: its handler runs in whatever Python code the main thread is in
            if not interrupts.raised_in_callback(stop):
                raise


def _check(target: object) -> None:
    if target is not None and not callable(target):
        raise TypeError(f"a log callback must be callable, not {type(target).__name__}")
