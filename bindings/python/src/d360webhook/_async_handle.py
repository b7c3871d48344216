# SPDX-License-Identifier: Apache-2.0
"""The C client behind an AsyncClient, and the threads that its calls run in."""

import asyncio
import concurrent.futures
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from ctypes import byref, c_void_p
from functools import partial
from typing import Any, TypeVar

from d360webhook._async_call import Call
from d360webhook._async_progress import AsyncProgress
from d360webhook._errors import InternalError, error, refused
from d360webhook._handle import bare, derived, may_block, opening, refuse_in_callback
from d360webhook._library import library
from d360webhook._log import Log, LogCallback
from d360webhook._mailbox import Mailbox, mailbox
from d360webhook._requests import Request
from d360webhook._text import c_options
from d360webhook._threads import Job, Threads

T = TypeVar("T")

_PAUSE = 0.002  # seconds between looks at what other threads do


class ServiceThreads:
    """The threads of one service, shared by the clients derived for it; they end with the last of these.

    What lasts by its nature has threads of its own, so that readings do not wait behind it.
    """

    def __init__(self) -> None:
        self.brief = Threads(128, "d360webhook-call")
        self.lasting = Threads(256, "d360webhook-wait")
        self.cancelling = Threads(1, "d360webhook-cancel")
        self._users = 0
        self._counting = threading.RLock()

    def enter(self) -> None:
        """One more client uses them."""
        with self._counting:
            self._users += 1

    def leave(self) -> None:
        """One less."""
        with self._counting:
            self._users -= 1
            if self._users == 0:
                for threads in (self.brief, self.lasting, self.cancelling):
                    threads.stop()

    @property
    def ending(self) -> bool:
        """Whether threads are left that nobody uses."""
        return self._users == 0 and (self.brief.alive or self.lasting.alive or self.cancelling.alive)


class AsyncHandle:
    """A C client that every call derives one of its own from, and the calls, whichever loops they are awaited in.

    Each call is entered in `_uses` before it looks at `closed`; the C client is freed when the handle is closed and nothing
    uses it: by close, or at the end of the last call.
    """

    def __init__(self, threads: ServiceThreads, client: int | None, open_client: Callable[[], int] | None = None) -> None:
        self.closed = False
        self._threads = threads
        self._client = client
        self._open_client = open_client
        self._opening: concurrent.futures.Future[None] | None = None
        self._uses: set[object] = set()
        self._freed = False
        # Reentrant: the garbage collector may close a client anywhere.
        self._lock = threading.RLock()
        self.calling = threading.RLock()  # between the threads that do calls and those who cancel them
        self._log = Log()
        self._mailbox: Mailbox | None = None  # of the loop that was here last
        threads.enter()
        _handles.add(self)

    async def call(self, request: Request[T], progress: AsyncProgress | None = None) -> T:
        """The request's answer; progress may end it, too.

        A task that is cancelled ends once its call has: within 100 ms, but for a disk's sync.
        """
        refuse_in_callback()
        if self._client is None:
            await self.ready()
        loop = asyncio.get_running_loop()
        box = self._mailbox
        if box is None or box.loop() is not loop:
            box = self._mailbox = mailbox(loop)
        call = Call(self, request, loop, box)
        if progress is not None:
            progress.cancel = call.cancel
        self._uses.add(call)
        if self.closed:
            self.ended(call)
            raise refused("the client is closed")
        try:
            box.send(call.run, self._threads.lasting if request.lasting else self._threads.brief)
            await call.ended
        except asyncio.CancelledError as cancelled:
            call.cancel()
            while not call.over:
                call.ended = loop.create_future()
                await call.ended
            raise cancelled from call.failure()
        except BaseException:  # the task is thrown away with its loop, or there is no thread for it
            call.cancel()
            raise
        answer: T = call.result()
        return answer

    async def ready(self) -> None:
        """Opens the database file, if that is still to be done."""
        if self.closed:
            raise refused("the client is closed")
        if self._client is None:
            await asyncio.wrap_future(self._begin_to_open())

    def derive(self, options: Mapping[str, Any]) -> "AsyncHandle":
        """Another handle of the same service."""
        refuse_in_callback()
        given, use = c_options(options), object()
        self._uses.add(use)
        try:
            if self.closed:
                raise refused("the client is closed")
            if self._client is None:
                self._begin_to_open().result()
            return AsyncHandle(self._threads, derived(self._opened(), given))
        finally:
            self.ended(use)

    def derived(self, made: c_void_p) -> int:
        """A C client for one call; it is stored in `made` on the way."""
        status = library.d360_derive(self._opened(), None, byref(made), None)
        client = made.value
        if status != 0 or client is None:
            raise error(bare(status or InternalError.code))
        self._log.attach(client)
        return client

    async def set_log(self, target: LogCallback | None) -> None:
        """Replaces the log callback of calls that begin from now on, None removes it from all."""
        if self.closed:
            raise refused("the client is closed")
        while not self._log.try_to_set(target):
            await asyncio.sleep(_PAUSE)

    def cancel(self) -> list[Call]:
        """Ends every call that there is, and says which."""
        calls = [use for use in list(self._uses) if isinstance(use, Call)]
        for call in calls:
            call.cancel()
        return calls

    def insist(self, job: Job) -> None:
        """Runs what goes on cancelling a call until it ends."""
        try:
            self._threads.cancelling.submit(job)
        except RuntimeError:  # the process ends
            pass

    def ended(self, use: object) -> None:
        """A call, or another use of the C client, is over."""
        self._uses.discard(use)
        if self.closed:
            self._free_if_idle()

    async def close(self) -> None:
        """Cancels the calls and waits for them, and for the threads if no other client has them."""
        refuse_in_callback()
        self.closed = True
        await over(self.cancel())
        self._threads.brief.submit(self._free_if_idle)  # where it is the last of a database file, that is written to
        while not self._freed or self._threads.ending:
            await asyncio.sleep(_PAUSE)

    def close_at_once(self, elsewhere: bool) -> None:
        """Cancels the calls, and does not wait for them: the last one frees the C client; elsewhere: not in this thread."""
        self.closed = True
        self.cancel()
        if elsewhere:
            self._threads.brief.submit(self._free_if_idle)
        else:
            self._free_if_idle()

    def _opened(self) -> int:
        if self._client is None:
            raise refused("the client is closed")
        return self._client

    def _begin_to_open(self) -> "concurrent.futures.Future[None]":
        with self._lock:
            opening = self._opening
            if opening is None:
                opening = self._opening = concurrent.futures.Future()
                opening.set_running_or_notify_cancel()  # a task that is cancelled leaves it to others
                self._uses.add(opening)
                self._threads.brief.submit(partial(self._open, opening))
            return opening

    def _open(self, opening: "concurrent.futures.Future[None]") -> None:
        failure = None
        try:
            assert self._open_client is not None
            self._client = self._open_client()
        except BaseException as stop:
            failure = stop
            self._opening = None  # the next call tries again
        self.ended(opening)
        if failure is None:
            opening.set_result(None)
        else:
            opening.set_exception(failure)

    def _free_if_idle(self) -> None:
        with self._lock:
            if self._uses or self._freed:
                return
            client, self._client = self._client, None
            if client is not None:
                library.d360_close(client)
            self._freed = True
            self._threads.leave()

    def _after_fork(self) -> None:
        for use in list(self._uses):
            if isinstance(use, Call):
                use.forget()
        self._uses = set()
        self._opening = self._mailbox = None
        self._lock, self.calling = threading.RLock(), threading.RLock()
        self._log.after_fork()


async def over(calls: list[Call]) -> None:
    """Waits until all of them have ended, whichever loops they are of."""
    while not all(call.over for call in calls):
        await asyncio.sleep(_PAUSE)


def opened(service_url: str, options: Mapping[str, Any]) -> AsyncHandle:
    """A handle of the service at a URL; where opening may take long, that is left to `ready`."""
    refuse_in_callback()
    open_client = opening(service_url, options)
    if may_block(service_url):
        return AsyncHandle(ServiceThreads(), None, open_client)
    return AsyncHandle(ServiceThreads(), open_client())


_handles: "weakref.WeakSet[AsyncHandle]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for handle in list(_handles):
        handle._after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
