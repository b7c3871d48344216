# SPDX-License-Identifier: Apache-2.0
"""One awaited call: begun in a loop, done in a thread, ended in the loop."""

import threading
import time
from asyncio import AbstractEventLoop, Future
from ctypes import byref, c_char_p, c_void_p
from typing import TYPE_CHECKING, Any

from d360webhook._errors import Cancelled, D360Error, error
from d360webhook._handle import answer, bare
from d360webhook._library import close_derived, library
from d360webhook._mailbox import Mailbox
from d360webhook._requests import Request
from d360webhook._threads import job_is_over

if TYPE_CHECKING:
    from d360webhook._async_handle import AsyncHandle


class _Outputs(threading.local):
    """What a thread's calls store to."""

    def __init__(self) -> None:
        self.client, self.text = c_void_p(), c_char_p()


_outputs = _Outputs()


class Call:
    """A request, done on a C client that is derived for it, so that it can be cancelled alone.

    Threads that want the interpreter's lock take it from the loop's, so a thread does little: it derives, asks, and keeps
    what was stored. It gives the lock away for the asking alone; the rest is brief. Values are made of it by the task.
    """

    over = False
    _client: int | None = None  # while it is inside C
    _status = 0
    _text: bytes | None = None
    _failure: BaseException | None = None
    _begun = _insisting = False

    def __init__(self, handle: "AsyncHandle", request: Request[Any], loop: AbstractEventLoop, mailbox: Mailbox) -> None:
        self.ended: Future[None] = loop.create_future()  # is done in the loop once it is over
        self._handle = handle
        self._request: Request[Any] | None = request
        self._mailbox = mailbox

    def run(self) -> None:
        """Does it, in a thread; nothing where it was cancelled before."""
        outputs = _outputs
        try:
            with self._handle.calling:
                request = self._request
                if self._begun or request is None or self.ended.cancelled():
                    return  # its task has said so, or is about to
                self._begun = True
                self._client = client = self._handle.derived(outputs.client)
            text = outputs.text
            self._status = request.function(client, *request.arguments, byref(text))
            self._text = text.value
            library.d360_string_free(text)
        except BaseException as failure:  # no memory
            self._failure = failure
        with self._handle.calling:
            ended, self._client = self._client, None
            if ended is not None:
                close_derived(ended)
        self._end()

    def cancel(self) -> None:
        """Ends it: before it begins, or in C."""
        with self._handle.calling:
            if self._begun:
                if self._client is None or self._insisting:
                    return
                self._insisting = True
                library.d360_cancel(self._client)
            else:
                self._begun = True
                self._failure = error(bare(Cancelled.code, "the call was cancelled before it began"))
        if self._insisting:
            self._handle.insist(self._insist)
        else:
            self._end()

    def result(self) -> Any:
        """The answer, or the exception raised."""
        if self._failure is not None:
            raise self._failure
        return answer(self._status, self._text)

    def failure(self) -> BaseException | None:
        """What it ended with instead of an answer."""
        if self._failure is None and self._status != 0:
            try:
                self.result()
            except D360Error as failure:
                return failure
        return self._failure

    def forget(self) -> None:
        """In a child after fork: neither its thread nor what it held is here."""
        self._begun = self.over = True
        self._client = self._request = None

    def _insist(self) -> None:
        """Cancels again and again: a cancel that comes a moment before the call has begun in C does not touch it."""
        while not self.over:
            time.sleep(0.01)
            with self._handle.calling:
                if self._client is not None:
                    library.d360_cancel(self._client)

    def _end(self) -> None:
        self._request = None  # its arguments hold a key
        self.over = True
        job_is_over()
        self._handle.ended(self)
        self._mailbox.post(self)
