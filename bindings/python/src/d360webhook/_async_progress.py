# SPDX-License-Identifier: Apache-2.0
"""The progress callback of an awaited fleet call."""

import json
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from typing import Any

from d360webhook._library import ProgressFunction
from d360webhook._progress import ProgressCallback

_MANY = 64  # events in one turn of the loop, which has others to serve


class AsyncProgress:
    """Calls one Python callable for each event of one call, in the loop that awaits the call.

    The library tells a thread; that one only hands the event over, so the callable may do what any code of the loop may.
    """

    def __init__(self, target: ProgressCallback | None, loop: AbstractEventLoop) -> None:
        if target is not None and not callable(target):
            raise TypeError(f"progress must be callable, not {type(target).__name__}")
        self._target = target
        self._loop = loop
        self._events: deque[bytes] = deque()
        self._woken = False
        self.cancel: Callable[[], object] | None = None  # ends the call
        self.raised: Exception | None = None
        self.function: Any = ProgressFunction() if target is None else ProgressFunction(self._hand_over)

    def deliver_rest(self) -> None:
        """Once the call is over: what the loop did not come to yet."""
        while self._events:
            self._deliver_next()

    def _hand_over(self, event: bytes, context: object) -> int:
        self._events.append(event)
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop is closed: nobody awaits the call
                return 1
        return 0

    def _deliver(self) -> None:
        self._woken = False  # first: what comes from now on wakes the loop again
        for _ in range(min(_MANY, len(self._events))):
            self._deliver_next()
        if self._events and not self._woken:
            self._woken = True
            self._loop.call_soon(self._deliver)

    def _deliver_next(self) -> None:
        """The callable ends the call by a true value, or by what it raises; later events are dropped."""
        event = self._events.popleft()
        if self._target is None:
            return
        try:
            stop = bool(self._target(json.loads(event)))
        except Exception as failure:
            stop, self.raised = True, failure
        if stop:
            self._target = None
            if self.cancel is not None:
                self.cancel()
