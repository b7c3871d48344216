# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C ends the main thread's call.

While the main thread is inside C, Python's own signal handler cannot run: the interpreter's C handler only notes the signal
and writes its number to the wakeup file descriptor, if there is one. So for the length of each call of the main thread the
wakeup descriptor is a pipe of ours; a daemon thread sleeps on its other end and cancels the call when SIGINT arrives. The
call returns, and the interpreter raises KeyboardInterrupt by itself.

The price, measured: about 5 µs per call of the main thread (four system calls among them), where handing every call to a
worker thread and back costs 15 to 100. Calls of other threads pay nothing: Python runs signal handlers in the main thread only.
Signals other than SIGINT do not end a call, so their Python handlers wait for its end. Nothing stays installed between
calls; a descriptor that was there before (asyncio's) is put back, and gets the bytes that arrived meanwhile.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from signal import set_wakeup_fd
from threading import get_ident
from typing import Any, TypeVar

from d360webhook._library import library
from d360webhook._threads import wait_for_end

T = TypeVar("T")

_STOP = b"\0"  # no signal has the number 0


class Interrupts:
    """The watch over the main thread's calls; one for the process."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.main_thread = threading.main_thread().ident
        # Held to read the pipe, and to cancel: so never after the call's end. Reentrant: the main thread's signal handlers
        # may make calls while it is held.
        self._lock = threading.RLock()
        self._call: tuple[int] | None = None  # the client that the main thread is inside of, a new tuple for each call
        self._heard = False  # SIGINT came since the main thread's call began
        self._raised: BaseException | None = None
        self._displaced: list[int] = []  # what set_wakeup_fd returned; survives a call whose end was itself interrupted
        self._watcher: threading.Thread | None = None
        self._reader = self._writer = -1

    def call(self, client: int, function: Callable[..., int], *arguments: Any) -> int:
        """function(client, *arguments) in the main thread, ended by SIGINT.

        KeyboardInterrupt may come at any step of this. The interpreter looks for signals when a function is entered or
        left and when a loop repeats, never between a C function's work and the next plain assignment.
        """
        if self._watcher is None:
            self._start()
        nested = bool(self._displaced) and _inside_call()
        outer = self._call if nested else None
        call = (client,)
        self._raised = None
        try:
            if not nested:
                with self._lock:
                    self._install()
            self._call = call
            status = function(client, *arguments)
        finally:
            self._call = outer  # first, and without the lock: nothing can interrupt before it
            with self._lock:  # a cancel that is under way ends before
                if not nested:
                    self._restore()
        if self._raised is not None:
            raise self._raised
        if self._heard and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Still here, so the KeyboardInterrupt was lost in a callback: on entry to it, where nothing catches what is raised.
            self._heard = False
            raise KeyboardInterrupt
        return status

    def release(self, client: int) -> None:
        """Returns when no cancel of this client is under way or can come: before it is freed."""
        with self._lock:
            if self._call is not None and self._call[0] == client:
                self._call = None

    def raised_in_callback(self, exception: BaseException) -> bool:
        """Keeps what a signal handler raised while the main thread ran a callback, and ends the call; else False."""
        call = self._call
        if call is None or get_ident() != self.main_thread:
            return False
        self._raised = exception
        library.d360_cancel(call[0])
        return True

    def _install(self) -> None:
        # One step for the interpreter, so the descriptor that was there is kept whatever comes. What an interrupted
        # _restore has left behind is healed here: _displaced still holds it.
        try:
            self._displaced.extend(map(set_wakeup_fd, (self._writer,)))
        except ValueError:  # a subinterpreter gets no signals
            self.main_thread = None
        self._drain()  # signals of before: their handlers run before the call
        self._heard = False

    def _restore(self) -> None:
        previous = self._previous()
        if self._displaced:
            try:
                set_wakeup_fd(previous)
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
        """What is in the pipe. In the main thread, each handler has run by then."""
        signals = os.read(self._reader, 4096)
        self._heard = self._heard or signal.SIGINT in signals
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
            if _STOP in signals:
                return
            # Again and again: a cancel that comes before the call has begun in C does not touch it.
            while call is not None and self._cancel(call):
                time.sleep(0.02)

    def _cancel(self, call: tuple[int]) -> bool:
        with self._lock:
            if self._call is not call:
                return False
            library.d360_cancel(call[0])
            return True

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
            set_wakeup_fd(self._previous())
        for descriptor in (self._reader, self._writer):
            if descriptor >= 0:
                os.close(descriptor)
        self._reset()


def _inside_call() -> bool:
    """Whether this call is made within another one, by a Python signal handler between two of its steps."""
    frame = sys._getframe(1).f_back
    while frame is not None:
        if frame.f_code is Interrupts.call.__code__:
            return True
        frame = frame.f_back
    return False  # an interrupted _restore left _displaced behind


interrupts = Interrupts()
os.register_at_fork(
    before=interrupts.before_fork,
    after_in_parent=interrupts.after_fork_in_parent,
    after_in_child=interrupts.after_fork_in_child,
)


def interruptible(work: Callable[[], T], undo: Callable[[T], None]) -> T:
    """work() in a thread of its own, for what blocks without a client to cancel; undo(result) if nobody waits any more."""
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
