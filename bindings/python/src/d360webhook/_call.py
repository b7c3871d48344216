# SPDX-License-Identifier: Apache-2.0
"""One call of the library."""

import json
import threading
from ctypes import byref, c_char_p, c_void_p
from typing import TYPE_CHECKING, Any

from d360webhook._errors import Cancelled, D360Error, error, error_document
from d360webhook._library import library
from d360webhook._operations import Request

if TYPE_CHECKING:
    from d360webhook._handle import Handle


class Call:
    """A request, made on a C client that is derived for it, so that it can be stopped alone and for good.

    In an AsyncClient's threads it does little, because a thread that takes the interpreter's lock takes it from the loop: it
    gives the lock away for the call of C alone, and the caller makes values of the answer.
    """

    over = False
    _client: int | None = None  # while it is inside C
    _status: int | None = None
    _text: bytes | None = None
    _failure: BaseException | None = None
    _begun = False

    def __init__(self, handle: "Handle", request: Request[Any]) -> None:
        self.thread = threading.get_ident()
        self._handle = handle
        self._request: Request[Any] | None = request
        self._writes = request.writes
        self._lock = threading.RLock()  # reentrant, as all locks here: a signal handler may run while it is held

    def run(self) -> None:
        """Makes the call, unless it was stopped before. Raises only what a signal handler raises in the main thread."""
        made, text = c_void_p(), c_char_p()
        try:
            with self._lock:
                request = self._request
                if self._begun or request is None:
                    return
                self._begun = True
                self._client = client = self._handle.derived(made)
            self._status = getattr(library, request.name)(client, *request.arguments, byref(text))
        except Exception as failure:  # no memory
            self._failure = failure
        finally:
            # A signal handler may raise after each call of a function, so the steps that matter most are first.
            self._text = text.value
            try:
                library.d360_string_free(text)
            finally:
                with self._lock:
                    self._client = None
                    library.close_derived(made)
        self.end()

    def stop(self) -> None:
        """Ends the call: before it begins, or in C."""
        with self._lock:
            if self._client is not None:
                library.d360_stop(self._client)
            if self._begun:
                return
            self._begun = True
            self._failure = Cancelled(error_document(Cancelled.code, "the call was cancelled before it began"))
        self.end()

    def end(self) -> None:
        """The call is over."""
        self._request = None  # its arguments hold a key
        self.over = True
        self._handle.leave(self)

    def forget(self) -> None:
        """In a child after fork: neither its thread nor what that held is here."""
        self._begun = self.over = True
        self._client = self._request = None

    def result(self) -> Any:
        """The answer; or raises the call's error."""
        if self._failure is not None:
            raise self._failure
        return answer(self._status or 0, self._text)

    def cause(self) -> Cancelled:
        """The reason given with the exception that ended the wait for this call: a Cancelled with the call's outcome."""
        failure, given = self._failure, None
        if failure is None and self._text is not None:
            try:
                given = answer(self._status or 0, self._text)
            except D360Error as ended:
                failure = ended
        if isinstance(failure, Cancelled):
            return failure
        document = error_document(Cancelled.code, "the caller stopped waiting for the call")
        if isinstance(failure, D360Error):
            document["outcome"] = failure.outcome
        elif self._writes and (given is not None or (self._begun and (self._status or not self.over))):
            document["outcome"] = "unknown" if given is None else "applied"
        if isinstance(given, dict) and "summary" in given:
            document["report"] = given
        cancelled = Cancelled(document)
        cancelled.__cause__ = failure if isinstance(failure, D360Error) else None
        return cancelled


def answer(status: int, text: bytes | None) -> Any:
    """The JSON value that a call stored, with status 0; else raises the exception of its error document."""
    document = json.loads(text.decode()) if text is not None else {}
    if status == 0 and "error" not in document:
        return document
    # NULL is stored if there was no memory for a document, even if the call had done its work.
    raise error(document.get("error") or error_document(status, outcome="unknown"))
