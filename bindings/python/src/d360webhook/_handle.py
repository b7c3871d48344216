# SPDX-License-Identifier: Apache-2.0
"""The C client behind a Python client: its calls, and when it is freed."""

import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from ctypes import byref, c_char_p, c_void_p
from typing import Any, TypeVar

from d360webhook._call import Call, answer
from d360webhook._callbacks import reject_in_callback
from d360webhook._errors import D360Error, InternalError, error, error_document, rejected
from d360webhook._interrupts import interruptible, interrupts
from d360webhook._library import library
from d360webhook._log import Log
from d360webhook._operations import Request
from d360webhook._text import c_options, c_text

T = TypeVar("T")


class Handle:
    """A C client, from which each call derives one of its own.

    A call, or another use, is entered before `closed` is looked at. The C client is freed when the handle is closed and not
    in use: by close, or at the end of the last use.
    """

    def __init__(self, client: int | None) -> None:
        self.closed = False
        self.log = Log()
        self._client = client
        self._uses: set[object] = set()
        self._waiting: list[tuple[list[Call], Future[None]]] = []
        self._lock = threading.RLock()  # the garbage collector may close a client anywhere
        _handles.add(self)

    def call(self, request: Request[T]) -> T:
        """The answer to a request, made by the current thread.

        The exception of a signal handler ends the call, and has its Cancelled, with the outcome, as __cause__.
        """
        reject_in_callback()
        call = Call(self, request)
        try:
            self.enter(call)
            if call.thread == interrupts.main_thread:
                interrupts.call(call, request.lasting or self.log.is_wanted)
            else:
                call.run()
            result: T = call.result()
            return result
        except D360Error:
            raise
        except BaseException as stop:
            if stop.__cause__ is None:
                stop.__cause__ = call.cause()
            raise
        finally:
            call.over = True
            self.leave(call)

    def derive(self, options: Mapping[str, Any]) -> "Handle":
        """Another handle of the same service."""
        reject_in_callback()
        return self.while_open(lambda: Handle(derived(self.client, c_options(options))))

    def stop(self) -> list[Call]:
        """Ends every call that has been entered, and returns them."""
        calls = [use for use in list(self._uses) if isinstance(use, Call)]
        for call in calls:
            call.stop()
        return calls

    def close(self) -> None:
        """Ends the calls and waits for those of other threads; a call of this thread frees the C client at its end."""
        reject_in_callback()
        self.closed = True
        self.when_over(call for call in self.stop() if call.thread != threading.get_ident()).result()
        self.free_if_idle()

    def close_at_once(self, elsewhere: bool) -> None:
        """Ends the calls and does not wait for them: the last one frees the C client; elsewhere: not in this thread."""
        self.closed = True
        self.stop()
        if elsewhere:
            threading.Thread(target=self.free_if_idle, name="d360webhook-close").start()
        else:
            self.free_if_idle()

    def enter(self, use: object) -> None:
        """Keeps the C client from being freed until `leave`. Raises InvalidArgument if the handle is closed."""
        self._uses.add(use)
        if self.closed:
            raise rejected("the client is closed")

    def leave(self, use: object) -> None:
        """Ends a use of the C client."""
        self._uses.discard(use)
        if self._waiting:
            self._tell_waiting()
        if self.closed:
            self.free_if_idle()

    def while_open(self, work: Callable[[], T]) -> T:
        """work(), a use of the C client."""
        use = object()
        try:
            self.enter(use)
            return work()
        finally:
            self.leave(use)

    def when_over(self, calls: Iterable[Call]) -> "Future[None]":
        """Is done once these calls are over. It cannot be cancelled."""
        over: Future[None] = Future()
        over.set_running_or_notify_cancel()
        with self._lock:
            self._waiting.append((list(calls), over))
        self._tell_waiting()
        return over

    @property
    def client(self) -> int:
        """The C client."""
        if self._client is None:
            raise rejected("the client is closed")
        return self._client

    def derived(self, made: c_void_p) -> int:
        """A C client for one call, stored in `made` as well."""
        status = library.d360_derive(self.client, None, byref(made), None)
        client = made.value
        if status != 0 or client is None:
            raise error(error_document(status or InternalError.code))
        self.log.attach(client)
        return client

    def free_if_idle(self) -> None:
        """Frees the C client of a closed handle that is not in use."""
        with self._lock:
            if not self._uses and self._client is not None:
                client, self._client = self._client, None
                library.d360_close(client)

    def _tell_waiting(self) -> None:
        with self._lock:
            for waiting in list(self._waiting):
                calls, over = waiting
                if all(call.over for call in calls):
                    self._waiting.remove(waiting)
                    over.set_result(None)

    def after_fork(self) -> None:
        """In a child: calls of threads that are not here are the parent's."""
        for use in self._uses:
            if isinstance(use, Call) and use.thread != threading.get_ident():
                use.forget()
        self._uses = {use for use in self._uses if isinstance(use, Call) and not use.over}
        self._waiting, self._lock = [], threading.RLock()
        self.log.after_fork()


def opened(service_url: str, options: Mapping[str, Any]) -> Handle:
    """A handle of the service at a URL."""
    reject_in_callback()
    open_client = opening(service_url, options)
    return Handle(interruptible(open_client, library.d360_close) if may_block(service_url) else open_client())


def opening(service_url: str, options: Mapping[str, Any]) -> Callable[[], int]:
    """A function that opens a C client."""
    url, given = c_text(service_url, "service_url"), c_options(options)

    def open_client() -> int:
        client, text = c_void_p(), c_char_p()
        return _stored(library.d360_open(url, given, byref(client), byref(text)), client, text)

    return open_client


def may_block(service_url: str) -> bool:
    """True if opening may take long: a database file is waited for while another process holds it."""
    return service_url is not None and service_url.startswith("sqlite:") and service_url != "sqlite::memory:"


def derived(client: int, options: bytes | None) -> int:
    """A C client of the same service."""
    made, text = c_void_p(), c_char_p()
    return _stored(library.d360_derive(client, options, byref(made), byref(text)), made, text)


def _stored(status: int, client: c_void_p, text: c_char_p) -> int:
    try:
        if status != 0 or client.value is None:
            answer(status, text.value)
            raise error(error_document(InternalError.code, "the library stored no client"))
        return client.value
    finally:
        library.d360_string_free(text)


_handles: "weakref.WeakSet[Handle]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for handle in list(_handles):
        handle.after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
