# SPDX-License-Identifier: Apache-2.0
"""Signals end the main thread's call.

While the main thread is inside C, no Python signal handler can run: the interpreter's C handler only notes the signal and
writes its number to the wakeup file descriptor, if there is one. So for the length of each call of the main thread the wakeup
descriptor is a pipe of ours; a daemon thread sleeps on its other end and stops the call when SIGINT arrives. The call returns,
and the interpreter runs SIGINT's handler, which raises KeyboardInterrupt by default.

The price, measured: about 5 µs per call (four system calls among them) and 3 µs to look for handlers. A program that has
handlers of its own for other signals wants them to run, and the call to go on if they raise nothing: there the call is handed
over to another thread (HandedOver), as are calls with callbacks and calls that last. That costs 40 to 100 µs. Calls of other
threads pay nothing: Python runs signal handlers in the main thread only. Nothing stays installed between calls; a descriptor
that was there before (asyncio's) is put back, and gets the bytes that arrived meanwhile.
"""

import os
import select
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from signal import set_wakeup_fd
from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

from d360webhook._callbacks import HandedOver
from d360webhook._threads import wait_for_end

if TYPE_CHECKING:
    from d360webhook._call import Call

T = TypeVar("T")

_STOP = b"\0"  # no signal has the number 0
_getsignal = import_module("_signal").getsignal  # without the names of its answers it takes a tenth of the time
_OTHERS = sorted(signal.valid_signals() - {signal.SIGINT})
# There is no asking whether the descriptor before warned when it was full; a missing warning is the smaller harm.
_set_quietly = partial(set_wakeup_fd, warn_on_full_buffer=False)


def _has_handlers() -> bool:
    """True if the program has a Python handler for any signal but SIGINT."""
    return any(map(callable, map(_getsignal, _OTHERS)))


class Interrupts:
    """The watch over the main thread's calls; one for the process."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.main_thread = threading.main_thread().ident
        self._lock = threading.RLock()  # held to read the pipe, so that a signal never ends a later call
        self._call: Call | None = None  # the one that the main thread is inside of
        self._displaced: list[int] = []  # what set_wakeup_fd returned; survives a call if its end was itself interrupted
        self._watcher: threading.Thread | None = None
        self._reader = self._writer = -1

    def call(self, call: "Call", handed_over: bool) -> None:
        """Makes a call in the main thread, ended by SIGINT and by the exceptions of signal handlers.

        These may come at any step of this. The interpreter looks for signals when a function is entered or left and when a
        loop repeats, never between a C function's work and the next plain assignment.
        """
        if self._watcher is None:
            self._start()
        outer = self._call
        try:
            self._call = call
            if outer is None:  # else a signal handler makes this call within another one
                with self._lock:
                    self._install()
            if handed_over or _has_handlers():
                HandedOver(call.run, call.stop)()
            else:
                call.run()
        finally:
            self._call = outer  # first: nothing can interrupt before it
            if outer is None:
                with self._lock:
                    self._restore()

    def _install(self) -> None:
        # One step for the interpreter, so the descriptor that was there is kept in any case. What an interrupted
        # _restore has left behind is healed here: _displaced still holds it.
        try:
            self._displaced.extend(map(_set_quietly, (self._writer,)))
        except ValueError:  # a subinterpreter gets no signals
            self.main_thread = None
        self._drain()  # signals of before: their handlers run before the call

    def _restore(self) -> None:
        previous = self._previous()
        if self._displaced:
            try:
                _set_quietly(previous)
            except (OSError, ValueError):  # closed meanwhile
                set_wakeup_fd(-1)
        self._drain()
        self._displaced.clear()

    def _drain(self) -> None:
        if self._reader >= 0 and self._main_poll.poll(0):
            signals = self._read()
            if _STOP in signals:  # the watcher's, from a thread that forks
                os.write(self._writer, _STOP)

    def _read(self) -> bytes:
        """The signals in the pipe. In the main thread, each handler has run by then."""
        signals = os.read(self._reader, 4096)
        self._forward(signals, self._previous())
        return signals

    def _previous(self) -> int:
        for descriptor in reversed(self._displaced):
            if descriptor != self._writer:
                return descriptor
        return -1

    def _forward(self, signals: bytes, previous: int) -> None:
        signals = signals.replace(_STOP, b"")
        if previous >= 0 and signals:
            try:
                os.write(previous, signals)
            except OSError:  # full, or closed: what the interpreter itself would meet there
                pass

    def _start(self) -> None:
        with self._lock:
            if self._reader < 0:
                self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
                self._main_poll = select.poll()
                self._main_poll.register(self._reader, select.POLLIN)
            if self._watcher is None:
                watcher = threading.Thread(target=self._watch, name="d360webhook-interrupts", daemon=True)
                try:
                    watcher.start()
                except RuntimeError:  # the process ends, or may have no more threads: the call goes on without the watch
                    return
                self._watcher = watcher

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        while True:
            poll.poll()
            with self._lock:
                signals = self._read() if poll.poll(0) else b""
                call = self._call if signal.SIGINT in signals else None
            if call is not None:
                call.stop()
            if _STOP in signals:
                return

    def before_fork(self) -> None:
        """Ends the thread: a process with one thread forks more safely, and newer Pythons warn about others."""
        if self._watcher is not None:
            os.write(self._writer, _STOP)
            wait_for_end(self._watcher)
            self._watcher = None

    def after_fork_in_parent(self) -> None:
        if self._call is not None:  # another thread forked
            self._start()

    def after_fork_in_child(self) -> None:
        """Forgets the parent's pipe and the call that its main thread may be in."""
        if self._displaced:
            _set_quietly(self._previous())
        for descriptor in (self._reader, self._writer):
            if descriptor >= 0:
                os.close(descriptor)
        self._reset()


interrupts = Interrupts()
os.register_at_fork(
    before=interrupts.before_fork,
    after_in_parent=interrupts.after_fork_in_parent,
    after_in_child=interrupts.after_fork_in_child,
)


def interruptible(work: Callable[[], T], undo: Callable[[T], None]) -> T:
    """work() in a thread of its own, if it blocks without a client to stop; undo(result) if nobody waits any more."""
    if get_ident() != interrupts.main_thread:
        return work()
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as failure:
            result.set_exception(failure)

    def forgotten(done: Future[T]) -> None:
        if done.exception() is None:
            undo(done.result())

    threading.Thread(target=run, name="d360webhook-open", daemon=True).start()
    try:
        return result.result()
    except BaseException:
        result.add_done_callback(forgotten)
        raise
