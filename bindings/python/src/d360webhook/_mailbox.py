# SPDX-License-Identifier: Apache-2.0
"""Passes work from a loop to threads, and its end back, several pieces at a time."""

import os
from asyncio import AbstractEventLoop, Future
from collections import deque
from typing import Protocol
from weakref import WeakKeyDictionary, ref

from d360webhook._threads import Job, Threads

_MANY = 16  # calls
_PAUSE = 0.001  # seconds
_NO_THREAD_PAUSE = 0.1


class Over(Protocol):
    """A call that is over."""

    ended: "Future[None]"


class Mailbox:
    """One loop's.

    Jobs wait until the loop has run what it has to run now: threads that began at once would take the interpreter's lock from
    it, once for each job. One wake-up of the loop serves all calls that end until it comes; while many end, wake-ups are a
    millisecond apart.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = ref(loop)
        self._served: set[Threads] = set()
        self._over: deque[Over] = deque()
        self._woken = False
        self._awaited = 0

    def send(self, job: Job, threads: Threads) -> None:
        """Has job() run in a thread; called in the loop."""
        threads.add(job)
        self._awaited += 1
        if threads not in self._served:
            self._live_loop().call_soon(self._serve)
            self._served.add(threads)

    def post(self, call: Over) -> None:
        """From any thread: the loop will hear that a call is over."""
        self._over.append(call)
        if self._woken:
            return
        self._woken = True
        try:
            call.ended.get_loop().call_soon_threadsafe(self._deliver)
        except RuntimeError:  # the loop is closed: nobody waits
            self._over.clear()

    def _serve(self) -> None:
        while self._served:
            threads = self._served.pop()
            try:
                threads.serve()
            except RuntimeError as failure:  # the system gives no thread: perhaps it will
                loop = self._live_loop()
                loop.call_exception_handler({"message": "d360webhook has no thread for calls", "exception": failure})
                self._served.add(threads)
                loop.call_later(_NO_THREAD_PAUSE, self._serve)
                return

    def _deliver(self) -> None:
        busy = bool(self._over) and self._awaited > _MANY
        if not busy:
            self._woken = False  # first: what comes from now on wakes the loop again
        while self._over:
            self._awaited -= 1
            ended = self._over.popleft().ended
            if not ended.done():
                ended.set_result(None)
        if busy:
            self._live_loop().call_later(_PAUSE, self._deliver)

    def _live_loop(self) -> AbstractEventLoop:
        loop = self.loop()
        assert loop is not None  # it is running this
        return loop


def mailbox(loop: AbstractEventLoop) -> Mailbox:
    """The loop's; called in it."""
    known = _mailboxes.get(loop)
    if known is None:
        known = _mailboxes[loop] = Mailbox(loop)
    return known


_mailboxes: WeakKeyDictionary[AbstractEventLoop, Mailbox] = WeakKeyDictionary()  # a mailbox keeps no loop alive

os.register_at_fork(after_in_child=_mailboxes.clear)  # who would have emptied them is not here
