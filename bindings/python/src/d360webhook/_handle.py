# SPDX-License-Identifier: Apache-2.0
"""The C clients behind one Python client: calls, cancel, close."""

import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from ctypes import byref, c_char_p, c_void_p
from threading import get_ident
from typing import Any, TypeVar

from d360webhook._errors import error, refused
from d360webhook._interrupts import interruptible, interrupts
from d360webhook._library import library
from d360webhook._log import Log, LogCallback, inside_callback
from d360webhook._text import c_options, c_text

T = TypeVar("T")


class Handle:
    """Two C clients of one service: the main thread has its own, so that Ctrl-C ends its call and no other thread's.

    Every call is entered in `_calls` before it looks at `_closed`, and is taken out at its end, whatever interrupts it.
    The C clients are freed when the handle is closed and no call is left: by close, or by the last call.
    """

    def __init__(self, client: int) -> None:
        self._closed = False
        self._calls: dict[int, int] = {}  # a call's id → its thread
        self._freeing = threading.RLock()  # reentrant, as all locks here: a Python signal handler may run while it is held
        self._log = Log()
        self._client = client
        self._clients = [client]
        try:
            self._main_client = derived(client, None)
        except BaseException:
            library.d360_close(client)
            raise
        self._clients.append(self._main_client)
        _handles.add(self)

    @property
    def closed(self) -> bool:
        """Whether close was called."""
        return self._closed

    def call(self, function: Callable[..., int], *arguments: Any) -> Any:
        """The answer of function(client, *arguments, &answer) as Python values."""
        refuse_in_callback()
        text = c_char_p()
        entry = id(text)
        try:
            self._calls[entry] = thread = get_ident()
            if self._closed:
                raise refused("the client is closed")
            if thread == interrupts.main_thread:
                status = interrupts.call(self._main_client, function, *arguments, byref(text))
            else:
                status = function(self._client, *arguments, byref(text))
            return answer(status, text.value)
        except KeyboardInterrupt as interrupt:
            document = json.loads(text.value or b"{}").get("error")
            if document is not None:
                raise interrupt from error(document)
            raise
        finally:
            # Ctrl-C may come after each step, so the one that matters most is first.
            try:
                self._calls.pop(entry, None)
            finally:
                library.d360_string_free(text)
            if self._closed:
                self._free_if_idle()

    def derive(self, options: Mapping[str, Any]) -> "Handle":
        """Another handle of the same service."""
        refuse_in_callback()
        given = c_options(options)
        return self._while_open(lambda: Handle(derived(self._client, given)))

    def set_log(self, target: LogCallback | None) -> None:
        """Replaces the log callback, None removes it."""
        self._while_open(lambda: self._log.set(target, self._clients))

    def cancel(self) -> None:
        """Ends every call that has begun; nothing where the handle is closed."""
        with self._freeing:
            for client in self._clients:
                library.d360_cancel(client)

    def close(self) -> None:
        """Cancels the calls in flight and waits for them; a call of this very thread frees the clients at its own end."""
        refuse_in_callback()
        self._closed = True
        while any(thread != get_ident() for thread in list(self._calls.values())):
            self.cancel()  # again and again: a call that has not begun in C yet is not touched by it
            time.sleep(0.005)
        self._free_if_idle()

    def _while_open(self, work: Callable[[], T]) -> T:
        """work(), with the C clients kept from being freed meanwhile."""
        mark = object()
        entry = id(mark)
        try:
            self._calls[entry] = get_ident()
            if self._closed:
                raise refused("the client is closed")
            return work()
        finally:
            self._calls.pop(entry, None)
            if self._closed:
                self._free_if_idle()

    def _free_if_idle(self) -> None:
        with self._freeing:
            while self._clients and not self._calls:
                client = self._clients.pop()
                interrupts.release(client)
                library.d360_close(client)

    def _after_fork(self) -> None:
        self._calls = {call: thread for call, thread in self._calls.items() if thread == get_ident()}
        self._freeing = threading.RLock()
        self._log.after_fork()


def opened(service_url: str, options: Mapping[str, Any]) -> Handle:
    """A handle of the service at a URL."""
    refuse_in_callback()
    open_client = opening(service_url, options)
    if may_block(service_url):
        return Handle(interruptible(open_client, library.d360_close))
    return Handle(open_client())


def opening(service_url: str, options: Mapping[str, Any]) -> Callable[[], int]:
    """What opens a C client."""
    url, given = c_text(service_url, "service_url"), c_options(options)

    def open_client() -> int:
        client, text = c_void_p(), c_char_p()
        return _stored(library.d360_open(url, given, byref(client), byref(text)), client, text)

    return open_client


def may_block(service_url: str) -> bool:
    """Whether opening may take long: only a database file does, which is waited for while another process holds it."""
    return service_url is not None and service_url.startswith("sqlite:") and service_url != "sqlite::memory:"


def answer(status: int, text: bytes | None) -> Any:
    """What a call stored: its answer with status 0, else the exception of its error document."""
    document = json.loads(text.decode()) if text is not None else {}
    if status == 0:
        return document
    # None is stored where there was no memory for it, whatever the call had done.
    raise error(document.get("error") or {**bare(status), "outcome": "unknown"})


def bare(status: int, message: str | None = None) -> dict[str, Any]:
    """The error document of a call that stores none, or could not allocate one."""
    name = library.d360_status_name(status).decode()
    about = {"status": name, "code": status, "message": message or name}
    return {**about, "retryable": False, "outcome": "not_applied", "attempts": 0}


def derived(client: int, options: bytes | None) -> int:
    """A C client of the same service."""
    made, text = c_void_p(), c_char_p()
    return _stored(library.d360_derive(client, options, byref(made), byref(text)), made, text)


def _stored(status: int, client: c_void_p, text: c_char_p) -> int:
    try:
        if status != 0 or client.value is None:
            answer(status, text.value)
            raise error(bare(21, "the library stored no client"))
        return client.value
    finally:
        library.d360_string_free(text)


def refuse_in_callback() -> None:
    """Raises where the library may not be called."""
    callback = inside_callback()
    if callback:
        raise refused(f"inside a {callback} callback only cancel and set_log may be called")


_handles: "weakref.WeakSet[Handle]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for handle in list(_handles):
        handle._after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
