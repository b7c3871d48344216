# SPDX-License-Identifier: Apache-2.0
"""Where callbacks run, and calls that another thread makes for the main thread.

Python runs signal handlers only in the main thread, and only between steps of Python code. A main thread that waits inside C
runs none. So it hands a call over to a thread and waits for it in Python, where handlers run at once; what they raise ends the
call. The call's callbacks are brought back: they run in the main thread, as if it had made the call itself.
"""

import os
import threading
from _thread import start_new_thread
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from d360webhook._errors import rejected
from d360webhook._threads import wait_until_gone


class _Inside(threading.local):
    """The callback that the current thread is inside of."""

    log: object = None
    progress: bool = False
    made_for: "HandedOver | None" = None


inside = _Inside()
_ending: set[int] = set()  # threads that have ended their call; the system may still count them


def reject_in_callback() -> None:
    """Raises inside a callback, where the library may not be called."""
    callback = inside_callback()
    if callback:
        raise rejected(f"inside a {callback} callback only cancel and set_log may be called")


def inside_callback() -> str | None:
    """The kind of callback that this thread is inside of: "log", "progress" or None."""
    if inside.log is not None:
        return "log"
    return "progress" if inside.progress else None


def run_callback(work: Callable[[], object]) -> object:
    """work(), in the thread that asked for the call; None once that thread has given the call up."""
    caller = inside.made_for
    return work() if caller is None else caller.ask(work)


class HandedOver:
    """A call that a new thread makes for the main thread.

    A pool would save little: waking a thread and starting one take the same 40 to 100 µs on a busy machine, and a signal
    handler's exception between two steps of a pool would leave it in disorder. Here each step is one call of a C function.
    """

    def __init__(self, work: Callable[[], object], stop: Callable[[], object]) -> None:
        self._work, self._stop = work, stop
        self._orders: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._end = threading.Lock()
        self._end.acquire()
        self._given_up = self._over = False

    def __call__(self) -> None:
        """Makes the call, runs its callbacks, and lets signal handlers run. Returns or raises once the call is over."""
        started: list[int] = []
        try:
            try:
                started.extend(map(start_new_thread, (self._run,), ((),)))
            except RuntimeError:
                if started:
                    raise
                self._work()  # the system gives no thread
                return
            while (order := self._orders.get()) is not None:
                self._answers.put(_result(order))
        except BaseException:
            self._given_up = True
            self._answers.put(None)
            self._stop()
            while started and not self._over:
                try:
                    self._end.acquire()
                except BaseException:  # a second signal: the call is ending already
                    continue
            raise

    def ask(self, work: Callable[[], object]) -> object:
        """Has the main thread run work, and returns or raises what it gives. Runs in the thread of the call."""
        if self._given_up:
            return None
        self._orders.put(work)
        result = self._answers.get()
        if isinstance(result, _Raised):
            raise result.exception
        return result

    def _run(self) -> None:
        inside.made_for = self
        try:
            self._work()
        finally:
            _ending.add(threading.get_native_id())
            self._over = True
            self._orders.put(None)
            self._end.release()


class _Raised:
    def __init__(self, exception: Exception) -> None:
        self.exception = exception


def _result(work: Callable[[], object]) -> object:
    """An exception is the callback's, and goes where the callback's caller hands it."""
    try:
        return work()
    except Exception as raised:
        return _Raised(raised)


def _before_fork() -> None:
    while _ending:
        wait_until_gone(_ending.pop())


os.register_at_fork(before=_before_fork, after_in_child=_ending.clear)
