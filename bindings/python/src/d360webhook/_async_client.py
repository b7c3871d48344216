# SPDX-License-Identifier: Apache-2.0
"""A client of a service for asyncio, and one with one phone number's key."""

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from d360webhook import _operations as operations
from d360webhook import _shapes as shapes
from d360webhook._async_handle import AsyncHandle, opened
from d360webhook._base import ChannelBase, ClientBase
from d360webhook._errors import Cancelled
from d360webhook._log import LogCallback
from d360webhook._progress import AsyncProgress

P = ParamSpec("P")
T = TypeVar("T")


def called(operation: Callable[P, operations.Request[T]]) -> "Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]":
    """The method of an AsyncClient that makes an operation's request."""

    async def call(client: "AsyncClient", /, *arguments: P.args, **options: P.kwargs) -> T:
        return await client._call(operation(*arguments, **options))

    method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]
    method = operations.method(call, operation, "AsyncClient")
    return method


def bound(
    operation: "Callable[Concatenate[AsyncClient, str, P], Coroutine[Any, Any, T]]",
) -> "Callable[Concatenate[AsyncChannel, P], Coroutine[Any, Any, T]]":
    """The method of an AsyncChannel that calls its client's with its key."""
    name = operation.__name__

    async def call(channel: "AsyncChannel", /, *arguments: P.args, **options: P.kwargs) -> T:
        answer: T = await getattr(channel.client, name)(channel._api_key, *arguments, **options)
        return answer

    method: Callable[Concatenate[AsyncChannel, P], Coroutine[Any, Any, T]]
    method = operations.method(call, operation, "AsyncChannel", without="api_key")
    return method


def _coroutine_function(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Has mocks and inspect take a function that returns an awaitable for `async def`."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(function)
    function._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined,unused-ignore]  # pyright: ignore
    return function


class AsyncClient(ClientBase[AsyncHandle]):
    """A Client with awaited methods; answers, exceptions and options are the same.

    Calls run in threads of its own, 128 at once; waba_webhook_wait and the fleet methods have others, 256. More begin as
    threads come free, in the order they were awaited; a call's time limit counts from its beginning. It belongs to no loop:
    any number of them, in any threads, may use it at once.

    A task that is cancelled ends its own call and no other. A call that waits for a thread never begins; one that has begun
    is cancelled in the library, and the task ends with it, within 100 ms (a write that is being synced to disk is finished
    first). The CancelledError's __cause__ is a Cancelled; its `outcome` says whether a write was applied: "applied",
    "not_applied" or "unknown". No cause means that the method was never entered.

    Use it with `async with`, or await close: a client that is garbage-collected while open is closed with a ResourceWarning.
    """

    def __init__(self, service_url: str, **options: Unpack[shapes.ClientOptions]) -> None:
        """Opens a service; sends nothing. Options are those of Client.

        A database file may have to be waited for: it is opened off the loop, by `async with`, `await client` or the first call.
        Others are opened here, in less than 0.1 ms; the first client of a program also loads the library, in about 10 ms.
        """
        self._handle = opened(service_url, options)
        self._service_url = service_url

    def channel(self, api_key: str) -> "AsyncChannel":
        """The phone number of a key: the same methods without their first argument."""
        return AsyncChannel(self, api_key)

    multi_webhook_get = called(operations.multi_webhook_get)
    multi_webhook_set = called(operations.multi_webhook_set)
    multi_webhook_append = called(operations.multi_webhook_append)
    multi_webhook_update = called(operations.multi_webhook_update)
    multi_webhook_delete = called(operations.multi_webhook_delete)
    customer_webhook_get = called(operations.customer_webhook_get)
    customer_webhook_set = called(operations.customer_webhook_set)
    waba_webhook_get = called(operations.waba_webhook_get)
    waba_webhook_set = called(operations.waba_webhook_set)
    waba_webhook_wait = called(operations.waba_webhook_wait)
    channel_register = called(operations.channel_register)
    channel_list = called(operations.channel_list)
    channel_remove = called(operations.channel_remove)
    fleet_plan = called(operations.fleet_plan)
    fleet_apply = called(operations.fleet_apply)
    fleet_audit = called(operations.fleet_audit)
    fleet_export = called(operations.fleet_export)

    async def set_log(self, callback: LogCallback | None) -> None:
        """Calls callback(level, message) for each line of calls that begin from now on: 0 error, 1 warning, 2 info, 3 debug.

        It runs in the thread of the call that logs, one message at a time; None removes it. From the return on, the callback
        before this one is not running and will not run. Its exceptions go to sys.unraisablehook. Lines go to
        logging.getLogger("d360webhook") as well, if that has a handler.
        """
        await self._opened().set_log(callback)

    @_coroutine_function
    def cancel(self) -> Awaitable[None]:
        """Ends every call of this client that is awaited now, with Cancelled; later calls are not affected.

        At once, awaited or not; await the result to wait until they have ended.
        """
        handle = self._opened()
        return _Ending(handle, handle.stop())

    def derive(self, **options: Unpack[shapes.DeriveOptions]) -> "AsyncClient":
        """Another client of the same service and threads, with its own limits, cancel and log; options left out are this one's.

        It waits for nothing: if the database file is not open yet, the derived client's first call opens it, too.
        """
        return AsyncClient._of(self._opened().derive(options), self._service_url)

    async def close(self) -> None:
        """Cancels the calls and waits for them. Closing again does nothing; other calls are then InvalidArgument."""
        if self._handle is not None:
            await self._handle.close_in_loop()

    def __await__(self) -> Generator[Any, None, Self]:
        """`await AsyncClient(…)`: the client, its database file open."""
        yield from self._opened().ready().__await__()
        return self

    async def __aenter__(self) -> Self:
        return await self

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _call(self, request: operations.Request[T]) -> T:
        handle = self._opened()
        if request.progress is None:
            return await handle.await_call(request)
        progress = AsyncProgress(request.progress, asyncio.get_running_loop())
        request.report_to(progress.function)
        try:
            answer = await handle.await_call(request, progress)
            progress.deliver_rest()
        except Cancelled as cancelled:
            progress.deliver_rest()
            if progress.raised is not None:
                raise progress.raised from cancelled
            raise
        if progress.raised is not None:
            raise progress.raised
        return answer


class _Ending:
    """Calls that were cancelled; awaited, it waits for their end."""

    def __init__(self, handle: AsyncHandle, calls: "list[Any]") -> None:
        self._handle, self._calls = handle, calls

    def __await__(self) -> Generator[Any, None, None]:
        return asyncio.wrap_future(self._handle.when_over(self._calls)).__await__()


class AsyncChannel(ChannelBase[AsyncClient]):
    """One phone number: the operations of an AsyncClient, with the number's key bound. The client is closed, not the channel."""

    __slots__ = ()

    multi_webhook_get = bound(AsyncClient.multi_webhook_get)
    multi_webhook_set = bound(AsyncClient.multi_webhook_set)
    multi_webhook_append = bound(AsyncClient.multi_webhook_append)
    multi_webhook_update = bound(AsyncClient.multi_webhook_update)
    multi_webhook_delete = bound(AsyncClient.multi_webhook_delete)
    customer_webhook_get = bound(AsyncClient.customer_webhook_get)
    customer_webhook_set = bound(AsyncClient.customer_webhook_set)
    waba_webhook_get = bound(AsyncClient.waba_webhook_get)
    waba_webhook_set = bound(AsyncClient.waba_webhook_set)
    waba_webhook_wait = bound(AsyncClient.waba_webhook_wait)
