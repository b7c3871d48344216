# SPDX-License-Identifier: Apache-2.0
"""The parts that a Client shares with an AsyncClient, and a Channel with an AsyncChannel."""

import warnings
from typing import Any, Generic, Self, TypeVar

from d360webhook._callbacks import inside_callback
from d360webhook._errors import rejected
from d360webhook._handle import Handle

H = TypeVar("H", bound=Handle)
C = TypeVar("C", bound="ClientBase[Any]")


class ClientBase(Generic[H]):
    """A client: its handle, and its end if it is thrown away."""

    _handle: H | None = None  # until __init__ has opened it
    _service_url = "no service"

    @property
    def closed(self) -> bool:
        """True once `close` was called."""
        return self._handle is None or self._handle.closed

    @property
    def service_url(self) -> str:
        """The URL that the client was opened with."""
        return self._service_url

    def __repr__(self) -> str:
        return f"<{'closed ' if self.closed else ''}{type(self).__name__} of {self._service_url}>"

    def __del__(self, warn: Any = warnings.warn) -> None:
        handle = self._handle
        if handle is None or handle.closed:
            return
        try:
            warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        finally:
            try:
                handle.close_at_once(elsewhere=inside_callback() is not None)
            except RuntimeError:  # the program ends: it starts no thread any more, and gevent's locks have ended before
                pass

    def _opened(self) -> H:
        if self._handle is None:
            raise rejected("the client is not open")
        return self._handle

    @classmethod
    def _of(cls, handle: H, service_url: str) -> Self:
        client = cls.__new__(cls)
        client._handle, client._service_url = handle, service_url
        return client


class ChannelBase(Generic[C]):
    """A phone number's key, bound to a client."""

    __slots__ = ("_api_key", "_client")

    def __init__(self, client: C, api_key: str) -> None:
        self._client = client
        self._api_key = api_key

    @property
    def client(self) -> C:
        """The client that makes the calls."""
        return self._client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"  # never the key
