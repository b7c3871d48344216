# SPDX-License-Identifier: Apache-2.0
"""The progress callback of one fleet call."""

import json
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from d360webhook._callbacks import inside, run_callback
from d360webhook._library import ProgressFunction
from d360webhook._operations import ProgressCallback

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_MANY = 64  # events in one turn of the loop, which has others to serve


class Progress:
    """Calls one Python callable for each event, on the thread that made the call."""

    def __init__(self, target: ProgressCallback) -> None:
        self._target = target
        self.raised: BaseException | None = None
        self.function: Any = ProgressFunction(self._run)

    def _run(self, event: bytes, context: object) -> int:
        return int(run_callback(partial(self._tell, event)) is not False)

    def _tell(self, event: bytes) -> bool:
        """True cancels the call."""
        inside.progress = True
        try:
            return bool(self._target(json.loads(event)))
        except BaseException as failure:
            self.raised = failure
            return True
        finally:
            inside.progress = False


class AsyncProgress:
    """Calls one Python callable for each event, in the loop that awaits the call.

    The thread of the call only hands the event over, so the callable may do all that code of the loop may.
    """

    def __init__(self, target: ProgressCallback, loop: "AbstractEventLoop") -> None:
        self._target: ProgressCallback | None = target
        self._loop = loop
        self._events: deque[bytes] = deque()
        self._woken = False
        self.stop: Callable[[], object] | None = None  # ends the call
        self.raised: Exception | None = None
        self.function: Any = ProgressFunction(self._hand_over)

    def deliver_rest(self) -> None:
        """Delivers the events that are left once the call is over."""
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
        self._woken = False  # first: events that come from now on wake the loop again
        for _ in range(min(_MANY, len(self._events))):
            self._deliver_next()
        if self._events and not self._woken:
            self._woken = True
            self._loop.call_soon(self._deliver)

    def _deliver_next(self) -> None:
        """The callable ends the call by a true value or by an exception; later events are dropped."""
        event = self._events.popleft()
        if self._target is None:
            return
        try:
            stop = bool(self._target(json.loads(event)))
        except Exception as failure:
            stop, self.raised = True, failure
        if stop:
            self._target = None
            if self.stop is not None:
                self.stop()
