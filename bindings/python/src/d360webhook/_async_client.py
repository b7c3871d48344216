# SPDX-License-Identifier: Apache-2.0
"""A client of a service, for asyncio."""

import warnings
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from d360webhook import _fleet_types as fleet
from d360webhook import _requests as requests
from d360webhook import _types as types
from d360webhook._async_call import Call
from d360webhook._async_handle import AsyncHandle, opened, over
from d360webhook._async_progress import AsyncProgress
from d360webhook._errors import Cancelled, refused
from d360webhook._log import LogCallback, inside_callback
from d360webhook._progress import ProgressCallback

if TYPE_CHECKING:
    from d360webhook._async_channel import AsyncChannel

D = TypeVar("D")
T = TypeVar("T")


class AsyncClient:
    """A Client whose methods are awaited; answers, exceptions and options are the same.

    Calls run in threads of its own, 128 at once; waba_webhook_wait and the fleet methods have others, 256. More are begun as
    threads come free, in the order they were awaited; a call's time limit counts from its beginning. It belongs to no loop:
    any number of them, in any threads, may use it at once.

    A task that is cancelled ends its own call and no other: one that has not begun never begins; one that has is cancelled in
    the library, and the task ends with it, within 100 ms (a write that is being synced to disk is finished first). The
    CancelledError's __cause__ is the call's error, whose `outcome` says whether a write was applied; None: it was done.

    Use it with `async with`, or await close: a client that is collected open is closed with a ResourceWarning.
    """

    _handle: AsyncHandle | None = None  # until __init__ has made it

    def __init__(self, service_url: str, **options: Unpack[types.ClientOptions]) -> None:
        """Opens a service; sends nothing. Options are those of Client.

        A database file may have to be waited for: it is opened off the loop, by `async with`, `await client` or the first call.
        """
        self._handle = opened(service_url, options)
        self._service_url = service_url

    def channel(self, api_key: str) -> "AsyncChannel":
        """The phone number of a key: the same methods without their first argument."""
        from d360webhook._async_channel import AsyncChannel

        return AsyncChannel(self, api_key)

    def multi_webhook_get(self, api_key: str) -> Coroutine[Any, Any, types.MultiWebhook]:
        """GET /multi_webhook: the destinations, and whether they are on."""
        return self._call(requests.multi_webhook_get(api_key))

    def multi_webhook_set(
        self, api_key: str, enabled: bool, destinations: Sequence[types.Destination] | None = None
    ) -> Coroutine[Any, Any, types.Message]:
        """POST /multi_webhook: turns multi-webhook on or off; destinations only where it is turned on."""
        return self._call(requests.multi_webhook_set(api_key, enabled, destinations))

    def multi_webhook_append(self, api_key: str, destinations: Sequence[types.Destination]) -> Coroutine[Any, Any, types.Message]:
        """PUT /multi_webhook: appends destinations, all of them or none."""
        return self._call(requests.multi_webhook_append(api_key, destinations))

    def multi_webhook_update(
        self, api_key: str, name: str, url: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Coroutine[Any, Any, types.Message]:
        """PATCH /multi_webhook: changes a destination's URL or headers; headers replace all that were there."""
        return self._call(requests.multi_webhook_update(api_key, name, url, headers))

    def multi_webhook_delete(self, api_key: str, name: str) -> Coroutine[Any, Any, types.Message]:
        """DELETE /multi_webhook/{name}: removes a destination."""
        return self._call(requests.multi_webhook_delete(api_key, name))

    def customer_webhook_get(self, api_key: str) -> Coroutine[Any, Any, types.CustomerWebhook]:
        """GET /v1/configs/webhook: the number's own webhook, without its headers."""
        return self._call(requests.customer_webhook_get(api_key))

    def customer_webhook_set(
        self, api_key: str, url: str, headers: Mapping[str, str] | None = None
    ) -> Coroutine[Any, Any, types.CustomerWebhook]:
        """POST /v1/configs/webhook: replaces the number's own webhook, headers included."""
        return self._call(requests.customer_webhook_set(api_key, url, headers))

    def waba_webhook_get(self, api_key: str) -> Coroutine[Any, Any, types.WABAWebhook]:
        """GET /waba_webhook: the webhook of the number's WhatsApp Business Account."""
        return self._call(requests.waba_webhook_get(api_key))

    def waba_webhook_set(
        self, api_key: str, url: str, headers: Mapping[str, str] | None = None, override_all: bool = False
    ) -> Coroutine[Any, Any, types.Message]:
        """POST /waba_webhook: replaces the account's webhook; override_all removes the numbers' own. Applied in 15 to 20 s."""
        return self._call(requests.waba_webhook_set(api_key, url, headers, override_all))

    def waba_webhook_wait(
        self, api_key: str, url: str, headers: Mapping[str, str] | None = None, timeout_ms: int = 30_000
    ) -> Coroutine[Any, Any, types.WABAWebhook]:
        """Reads until the account's webhook is this one, and answers with the last reading; else Timeout, with last_seen."""
        return self._call(requests.waba_webhook_wait(api_key, url, headers, timeout_ms))

    def channel_register(
        self,
        phone_number_id: str,
        waba_id: int | None = None,
        api_key: str | None = None,
        phone_number: str | None = None,
    ) -> Coroutine[Any, Any, types.Message]:
        """Adds a channel to an embedded service, or replaces what is given of a known one."""
        return self._call(requests.channel_register(phone_number_id, waba_id, api_key, phone_number))

    def channel_list(self) -> Coroutine[Any, Any, types.Channels]:
        """An embedded service's channels as registered, never with keys."""
        return self._call(requests.channel_list())

    def channel_remove(self, phone_number_id: str) -> Coroutine[Any, Any, types.Message]:
        """Removes a channel of an embedded service with its configuration."""
        return self._call(requests.channel_remove(phone_number_id))

    def fleet_plan(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> Coroutine[Any, Any, fleet.FleetReport]:
        """Says what fleet_apply would do to bring each account of the document to what it says. Sends no write.

        progress(event) is called for each account, in the loop. A true value ends the call with Cancelled, whose report says what
        was done; what it raises ends the call too, and is raised by it. The document and the report are read and written in the
        loop: about 10 ms for each MB.
        """
        return self._fleet(requests.fleet_plan, document, progress, options)

    def fleet_apply(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> Coroutine[Any, Any, fleet.FleetReport]:
        """Brings each account to what the document says, and reports what is there afterwards; a second one does nothing.

        Accounts that fail are reported, the others go on: read the summary. The CancelledError of a task that is cancelled has
        the report as its __cause__.report.
        """
        return self._fleet(requests.fleet_apply, document, progress, options)

    def fleet_audit(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> Coroutine[Any, Any, fleet.FleetReport]:
        """Names what loses events and what differs from the document. Sends no write."""
        return self._fleet(requests.fleet_audit, document, progress, options)

    def fleet_export(
        self, document: fleet.FleetKeys, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> Coroutine[Any, Any, fleet.FleetExport]:
        """The document of what is there, keys and header values included, from names and keys; a plan finds it in sync."""
        return self._fleet(requests.fleet_export, document, progress, options)

    async def set_log(self, callback: LogCallback | None) -> None:
        """Calls callback(level, message) for each line of calls that begin from now on: 0 error, 1 warning, 2 info, 3 debug.

        It runs in the thread of the call that logs, one message at a time; None removes it. From the return on, the callback
        before this one is not running and will not run. What it raises goes to sys.unraisablehook.
        """
        await self._opened().set_log(callback)

    def cancel(self) -> Awaitable[None]:
        """Ends every call of this client that is awaited now, with Cancelled; later calls are not touched.

        At once, awaited or not; await the result to wait until they have ended.
        """
        return _Ending(self._opened().cancel())

    def derive(self, **options: Unpack[types.DeriveOptions]) -> "AsyncClient":
        """Another client of the same service and threads, with its own limits, cancel and log; options left out are this one's.

        It waits for nothing, but for a database file that is not open yet.
        """
        handle = self._opened().derive(options)
        derived = AsyncClient.__new__(AsyncClient)
        derived._handle, derived._service_url = handle, self._service_url
        return derived

    async def close(self) -> None:
        """Cancels the calls and waits for them. Closing again is nothing; other calls are then InvalidArgument."""
        if self._handle is not None:
            await self._handle.close()

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

    def __repr__(self) -> str:
        state = "closed " if self._handle is None or self._handle.closed else ""
        return f"<{state}{type(self).__name__} of {getattr(self, '_service_url', 'no service')}>"

    def __del__(self, warn: Any = warnings.warn) -> None:
        handle = self._handle
        if handle is None or handle.closed:
            return
        try:
            warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        finally:
            handle.close_at_once(elsewhere=inside_callback() is not None)

    def _opened(self) -> AsyncHandle:
        if self._handle is None:
            raise refused("the client is not open")
        return self._handle

    async def _fleet(
        self,
        make: Callable[[D, Mapping[str, Any], Any], requests.Request[T]],
        document: D,
        progress: ProgressCallback | None,
        options: Mapping[str, Any],
    ) -> T:
        told = AsyncProgress(progress, get_running_loop())
        try:
            answer = await self._opened().call(make(document, options, told.function), told)
            told.deliver_rest()
        except Cancelled as cancelled:
            told.deliver_rest()
            if told.raised is not None:
                raise told.raised from cancelled
            raise
        if told.raised is not None:
            raise told.raised
        return answer

    def _call(self, request: requests.Request[T]) -> Coroutine[Any, Any, T]:
        return self._opened().call(request)


class _Ending:
    """Calls that were cancelled; awaited, it waits for their end."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls

    def __await__(self) -> Generator[Any, None, None]:
        return over(self._calls).__await__()
