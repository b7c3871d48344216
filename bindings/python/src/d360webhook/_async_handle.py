# SPDX-License-Identifier: Apache-2.0
"""The C client behind an AsyncClient, and the threads that its calls run in."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from d360webhook._call import Call
from d360webhook._callbacks import reject_in_callback
from d360webhook._errors import rejected
from d360webhook._handle import Handle, derived, may_block, opening
from d360webhook._log import LogCallback
from d360webhook._mailbox import Mailbox, mailbox
from d360webhook._operations import Request
from d360webhook._progress import AsyncProgress
from d360webhook._text import c_options
from d360webhook._threads import Threads, job_is_over

T = TypeVar("T")


class ServiceThreads:
    """The threads of one service, shared by the clients derived for it; they end with the last of these.

    Calls that last by their nature have threads of their own, so that readings do not wait behind them.
    """

    def __init__(self) -> None:
        self.brief = Threads(128, "d360webhook-call")
        self.lasting = Threads(256, "d360webhook-wait")
        self._users = 0
        self._counting = threading.RLock()

    def enter(self) -> None:
        """Adds a client that uses them."""
        with self._counting:
            self._users += 1

    def leave(self) -> None:
        """Removes a client; the last one ends the threads."""
        with self._counting:
            self._users -= 1
            if self._users == 0:
                self.brief.stop()
                self.lasting.stop()

    def join(self) -> None:
        """Waits until the threads have ended, unless a client is left."""
        if self._users == 0:
            self.brief.join()
            self.lasting.join()


class AsyncCall(Call):
    """A call that begins in a loop, is made in a thread, and ends in the loop."""

    def __init__(self, handle: "AsyncHandle", request: Request[Any], loop: asyncio.AbstractEventLoop, box: Mailbox) -> None:
        super().__init__(handle, request)
        self.ended: asyncio.Future[None] = loop.create_future()  # is done in the loop once the call is over
        self._mailbox = box

    def run(self) -> None:
        """Makes the call, unless its task was thrown away with its loop."""
        if self.ended.cancelled():
            self.stop()
        else:
            super().run()

    def end(self) -> None:
        """Ends the call, and wakes its loop."""
        self.over = True
        job_is_over()
        super().end()
        self._mailbox.post(self)


class AsyncHandle(Handle):
    """A handle with awaited calls, in any loops. A database file is opened off the loop, when it is first needed."""

    def __init__(self, threads: ServiceThreads, client: int | None, open_client: Callable[[], int] | None = None) -> None:
        super().__init__(client)
        self._threads = threads
        self._open_client = open_client
        self._opening: Future[None] | None = None
        self._opening_lock = threading.RLock()
        self._left = False  # the threads
        self._mailbox: Mailbox | None = None  # of the loop that was here last
        threads.enter()

    async def await_call(self, request: Request[T], progress: AsyncProgress | None = None) -> T:
        """The answer to a request; progress may end the call, too.

        A task that is cancelled ends once its call has: within 100 ms, but for a disk's sync. A second cancel does not wait.
        """
        reject_in_callback()
        if self._client is None:
            await self.ready()
        loop = asyncio.get_running_loop()
        box = self._mailbox
        if box is None or box.loop() is not loop:
            box = self._mailbox = mailbox(loop)
        call = AsyncCall(self, request, loop, box)
        if progress is not None:
            progress.stop = call.stop
        try:
            self.enter(call)
        except BaseException:
            self.leave(call)
            raise
        try:
            box.send(call.run, self._threads.lasting if request.lasting else self._threads.brief)
            await call.ended
        except asyncio.CancelledError as cancelled:
            call.stop()
            try:
                while not call.over:
                    call.ended = loop.create_future()
                    await call.ended
            except asyncio.CancelledError as again:
                raise again from call.cause()
            raise cancelled from call.cause()
        except BaseException:  # the task is thrown away with its loop, or there is no thread for it
            call.stop()
            raise
        answer: T = call.result()
        return answer

    async def ready(self) -> None:
        """Opens the database file, if that is still to be done."""
        if self.closed:
            raise rejected("the client is closed")
        if self._client is None:
            await asyncio.wrap_future(self._begin_to_open())

    def derive(self, options: Mapping[str, Any]) -> "AsyncHandle":
        """Another handle of the same service; it keeps this one's C client until it has its own."""
        reject_in_callback()
        given, use = c_options(options), object()

        def derive_client() -> int:
            self._open_here()
            client = derived(self.client, given)
            self.leave(use)
            return client

        try:
            self.enter(use)
            if self._client is not None:
                return AsyncHandle(self._threads, derive_client())
        except BaseException:
            self.leave(use)
            raise
        handle = AsyncHandle(self._threads, None, derive_client)
        handle._abandon = partial(self.leave, use)
        return handle

    _abandon: Callable[[], object] = staticmethod(lambda: None)  # what a handle that was never opened gives back

    async def set_log(self, target: LogCallback | None) -> None:
        """Replaces the log callback; the one before may be running, and is waited for off the loop."""
        if self.closed:
            raise rejected("the client is closed")
        if not self.log.try_to_set(target):
            await asyncio.to_thread(self.log.set, target)

    async def close_in_loop(self) -> None:
        """Ends the calls and waits for them, and for the threads if no other client has them."""
        reject_in_callback()
        self.closed = True
        await asyncio.wrap_future(self.when_over(self.stop()))
        if self._opening is not None:
            await asyncio.wait([asyncio.wrap_future(self._opening)])
        freed: Future[None] = Future()
        freed.set_running_or_notify_cancel()

        def free() -> None:  # if it is the last of a database file, that is written to
            self.free_if_idle()
            job_is_over()
            freed.set_result(None)

        try:
            self._threads.brief.submit(free)
        except RuntimeError:  # the system gives no thread
            free()
        await asyncio.wrap_future(freed)
        self._threads.join()

    def free_if_idle(self) -> None:
        """Frees the C client of a closed handle that is not in use, and leaves the threads."""
        with self._lock:
            if self._uses or self._left:
                return
            self._left = True
            if self._client is None:
                self._abandon()
            super().free_if_idle()
            self._threads.leave()

    def _begin_to_open(self) -> "Future[None]":
        with self._lock:
            if self._opening is not None:
                return self._opening
            opening: Future[None] = Future()
            opening.set_running_or_notify_cancel()  # a task that is cancelled leaves it to others
            self._uses.add(opening)
            try:
                self._threads.brief.submit(partial(self._open, opening))
            except BaseException:
                self.leave(opening)
                raise
            self._opening = opening
            return opening

    def _open(self, opening: "Future[None]") -> None:
        failure: BaseException | None = None
        try:
            self._open_here()
        except BaseException as stop:
            failure = stop
        with self._lock:
            self._opening = None  # after a failure the next call tries again
        self.leave(opening)
        if failure is None:
            opening.set_result(None)
        else:
            opening.set_exception(failure)

    def _open_here(self) -> None:
        """Opens the file in this thread; others that come to do so wait."""
        with self._opening_lock:
            if self._client is None and self._open_client is not None:
                self._client = self._open_client()

    def after_fork(self) -> None:
        """In a child: calls under way are the parent's, whichever thread awaited them."""
        for use in self._uses:
            if isinstance(use, Call):
                use.forget()
        self._uses = set()
        self._opening = self._mailbox = None
        self._opening_lock = threading.RLock()
        super().after_fork()


def opened(service_url: str, options: Mapping[str, Any]) -> AsyncHandle:
    """A handle of the service at a URL; if opening may take long, that is left to `ready`."""
    reject_in_callback()
    open_client = opening(service_url, options)
    if may_block(service_url):
        return AsyncHandle(ServiceThreads(), None, open_client)
    return AsyncHandle(ServiceThreads(), open_client())
