# SPDX-License-Identifier: Apache-2.0
"""A client of a service."""

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from d360webhook import _fleet_types as fleet
from d360webhook import _requests as requests
from d360webhook import _types as types
from d360webhook._errors import Cancelled, refused
from d360webhook._handle import Handle, opened
from d360webhook._log import LogCallback, inside_callback
from d360webhook._progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from d360webhook._channel import Channel

D = TypeVar("D")
T = TypeVar("T")


class Client:
    """A client of a remote service (https://…) or of an embedded one (sqlite:PATH, sqlite::memory:).

    Any number of threads may use it at once; calls release the interpreter's lock. Ctrl-C ends the main thread's call.
    Arguments that are None are left out of the request, and answers are the service's, whole. Each api_key belongs to one
    phone number; `channel` binds it.

    Use it with `with`, or close it: a client that is collected open is closed with a ResourceWarning.
    """

    _handle: Handle | None = None  # until __init__ has opened it

    def __init__(self, service_url: str, **options: Unpack[types.ClientOptions]) -> None:
        """Opens a service; sends nothing. Times are milliseconds.

        timeout_ms, connect_timeout_ms      remote: the whole operation, retries included; one connection attempt
        max_attempts, max_response_bytes    remote: 1 turns retries off; more is ProtocolError
        url_policy                          "cloud" for the service's rules, "local" for http and IP addresses too, "none"
        ca_file, proxy, user_agent          remote
        allow_insecure_http                 remote: plain HTTP beyond loopback
        max_destinations, apply_delay_ms, multi_apply_delay_ms      embedded
        """
        self._handle = opened(service_url, options)
        self._service_url = service_url

    def channel(self, api_key: str) -> "Channel":
        """The phone number of a key: the same methods without their first argument."""
        from d360webhook._channel import Channel

        return Channel(self, api_key)

    def multi_webhook_get(self, api_key: str) -> types.MultiWebhook:
        """GET /multi_webhook: the destinations, and whether they are on."""
        return self._call(requests.multi_webhook_get(api_key))

    def multi_webhook_set(
        self, api_key: str, enabled: bool, destinations: Sequence[types.Destination] | None = None
    ) -> types.Message:
        """POST /multi_webhook: turns multi-webhook on or off; destinations only where it is turned on."""
        return self._call(requests.multi_webhook_set(api_key, enabled, destinations))

    def multi_webhook_append(self, api_key: str, destinations: Sequence[types.Destination]) -> types.Message:
        """PUT /multi_webhook: appends destinations, all of them or none."""
        return self._call(requests.multi_webhook_append(api_key, destinations))

    def multi_webhook_update(
        self, api_key: str, name: str, url: str | None = None, headers: Mapping[str, str] | None = None
    ) -> types.Message:
        """PATCH /multi_webhook: changes a destination's URL or headers; headers replace all that were there."""
        return self._call(requests.multi_webhook_update(api_key, name, url, headers))

    def multi_webhook_delete(self, api_key: str, name: str) -> types.Message:
        """DELETE /multi_webhook/{name}: removes a destination."""
        return self._call(requests.multi_webhook_delete(api_key, name))

    def customer_webhook_get(self, api_key: str) -> types.CustomerWebhook:
        """GET /v1/configs/webhook: the number's own webhook, without its headers."""
        return self._call(requests.customer_webhook_get(api_key))

    def customer_webhook_set(self, api_key: str, url: str, headers: Mapping[str, str] | None = None) -> types.CustomerWebhook:
        """POST /v1/configs/webhook: replaces the number's own webhook, headers included."""
        return self._call(requests.customer_webhook_set(api_key, url, headers))

    def waba_webhook_get(self, api_key: str) -> types.WABAWebhook:
        """GET /waba_webhook: the webhook of the number's WhatsApp Business Account."""
        return self._call(requests.waba_webhook_get(api_key))

    def waba_webhook_set(
        self, api_key: str, url: str, headers: Mapping[str, str] | None = None, override_all: bool = False
    ) -> types.Message:
        """POST /waba_webhook: replaces the account's webhook; override_all removes the numbers' own. Applied in 15 to 20 s."""
        return self._call(requests.waba_webhook_set(api_key, url, headers, override_all))

    def waba_webhook_wait(
        self, api_key: str, url: str, headers: Mapping[str, str] | None = None, timeout_ms: int = 30_000
    ) -> types.WABAWebhook:
        """Reads until the account's webhook is this one, and answers with the last reading; else Timeout, with last_seen."""
        return self._call(requests.waba_webhook_wait(api_key, url, headers, timeout_ms))

    def channel_register(
        self,
        phone_number_id: str,
        waba_id: int | None = None,
        api_key: str | None = None,
        phone_number: str | None = None,
    ) -> types.Message:
        """Adds a channel to an embedded service, or replaces what is given of a known one."""
        return self._call(requests.channel_register(phone_number_id, waba_id, api_key, phone_number))

    def channel_list(self) -> types.Channels:
        """An embedded service's channels as registered, never with keys."""
        return self._call(requests.channel_list())

    def channel_remove(self, phone_number_id: str) -> types.Message:
        """Removes a channel of an embedded service with its configuration."""
        return self._call(requests.channel_remove(phone_number_id))

    def fleet_plan(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> fleet.FleetReport:
        """Says what fleet_apply would do to bring each account of the document to what it says. Sends no write.

        progress(event) is called for each account on this thread; it may call only cancel and set_log. A true value ends the
        call with Cancelled, whose report says what was done; what it raises ends the call too, and is raised by it.
        """
        return self._fleet(requests.fleet_plan, document, progress, options)

    def fleet_apply(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> fleet.FleetReport:
        """Brings each account to what the document says, and reports what is there afterwards; a second one does nothing.

        Accounts that fail are reported, the others go on: read the summary.
        """
        return self._fleet(requests.fleet_apply, document, progress, options)

    def fleet_audit(
        self, document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> fleet.FleetReport:
        """Names what loses events and what differs from the document. Sends no write."""
        return self._fleet(requests.fleet_audit, document, progress, options)

    def fleet_export(
        self, document: fleet.FleetKeys, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
    ) -> fleet.FleetExport:
        """The document of what is there, keys and header values included, from names and keys; a plan finds it in sync."""
        return self._fleet(requests.fleet_export, document, progress, options)

    def set_log(self, callback: LogCallback | None) -> None:
        """Calls callback(level, message) for each line: 0 error, 1 warning, 2 info, 3 debug. None removes it.

        It runs on the thread of the call that logs, one message at a time, and may call only cancel and set_log. What it
        raises goes to sys.unraisablehook.
        """
        self._opened().set_log(callback)

    def cancel(self) -> None:
        """Ends every call of this client that has begun, within 100 ms, with Cancelled; later calls are not touched."""
        self._opened().cancel()

    def derive(self, **options: Unpack[types.DeriveOptions]) -> "Client":
        """Another client of the same service, with its own limits, cancel and log; options left out are this client's."""
        handle = self._opened().derive(options)
        derived = Client.__new__(Client)
        derived._handle, derived._service_url = handle, self._service_url
        return derived

    def close(self) -> None:
        """Cancels the calls in flight and waits for them. Closing again is nothing; other calls are then InvalidArgument."""
        if self._handle is not None:
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

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
            if inside_callback():  # collected there by chance: the library may not be called
                threading.Thread(target=handle.close, name="d360webhook-close").start()
            else:
                handle.close()

    def _opened(self) -> Handle:
        if self._handle is None:
            raise refused("the client is not open")
        return self._handle

    def _fleet(
        self,
        make: Callable[[D, Mapping[str, Any], Any], requests.Request[T]],
        document: D,
        progress: ProgressCallback | None,
        options: Mapping[str, Any],
    ) -> T:
        told = Progress(progress)
        try:
            return self._call(make(document, options, told.function))
        except Cancelled as cancelled:
            if told.raised is not None:
                raise told.raised from cancelled
            raise

    def _call(self, request: requests.Request[T]) -> T:
        answer: T = self._opened().call(request.function, *request.arguments)
        return answer
