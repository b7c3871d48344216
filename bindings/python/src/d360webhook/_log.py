# SPDX-License-Identifier: Apache-2.0
"""The log of a client: a callback, and the logger "d360webhook"."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from d360webhook._callbacks import inside, run_callback
from d360webhook._library import LogFunction, library

LogCallback = Callable[[int, str], object]

_logger = logging.getLogger("d360webhook")
_LEVELS = (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)


class Log:
    """Calls one Python callable for the lines of all calls of a client, one line at a time, and passes lines to the logger.

    Each call has a C client of its own, which gets one C function for its whole life, so that the callable may change at any
    time and may replace itself. The program has configured the logger if that, or one above it, has a handler.
    """

    def __init__(self) -> None:
        self._target: LogCallback | None = None
        self._running = threading.RLock()  # held while the callable runs
        self._function: Any = None

    @property
    def is_wanted(self) -> bool:
        """True if anybody listens."""
        return self._target is not None or _logger.hasHandlers()

    def attach(self, client: int) -> None:
        """Has a new C client log here, if anybody listens."""
        if self.is_wanted:
            if self._function is None:
                self._function = LogFunction(self._run)
            library.d360_set_log(client, self._function, None)

    def set(self, target: LogCallback | None) -> None:
        """Replaces the callable. Afterwards the one before is not running and will not run."""
        _check(target)
        if inside.log is self:
            self._target = target
            return
        with self._running:
            self._target = target

    def try_to_set(self, target: LogCallback | None) -> bool:
        """Like set, or returns False while the callable is running in another thread."""
        _check(target)
        if not self._running.acquire(blocking=False):
            return False
        try:
            self._target = target
        finally:
            self._running.release()
        return True

    def after_fork(self) -> None:
        """Locks that another thread of the parent held would stay locked in the child."""
        self._running = threading.RLock()

    def _run(self, level: int, message: bytes, context: object) -> None:
        # An exception leaves through ctypes, which hands it to sys.unraisablehook.
        if self._target is not None or _logger.isEnabledFor(_LEVELS[level]):
            run_callback(partial(self._tell, level, message.decode("utf-8", "replace")))

    def _tell(self, level: int, line: str) -> None:
        with self._running:
            inside.log = self
            try:
                if _logger.isEnabledFor(_LEVELS[level]) and _logger.hasHandlers():
                    _logger.log(_LEVELS[level], "%s", line)
                if self._target is not None:
                    self._target(level, line)
            finally:
                inside.log = None


def _check(target: object) -> None:
    if target is not None and not callable(target):
        raise TypeError(f"a log callback must be callable, not {type(target).__name__}")
