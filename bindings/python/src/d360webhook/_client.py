# SPDX-License-Identifier: Apache-2.0
"""A client of a service, and a client with one phone number's key."""

from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar, Unpack

from d360webhook import _operations as operations
from d360webhook import _shapes as shapes
from d360webhook._base import ChannelBase, ClientBase
from d360webhook._errors import Cancelled
from d360webhook._handle import Handle, opened
from d360webhook._log import LogCallback
from d360webhook._progress import Progress

P = ParamSpec("P")
T = TypeVar("T")


def called(operation: Callable[P, operations.Request[T]]) -> "Callable[Concatenate[Client, P], T]":
    """The method of a Client that makes an operation's request."""

    def call(client: "Client", /, *arguments: P.args, **options: P.kwargs) -> T:
        return client._call(operation(*arguments, **options))

    method: Callable[Concatenate[Client, P], T] = operations.method(call, operation, "Client")
    return method


def bound(operation: "Callable[Concatenate[Client, str, P], T]") -> "Callable[Concatenate[Channel, P], T]":
    """The method of a Channel that calls its client's with its key."""
    name = operation.__name__

    def call(channel: "Channel", /, *arguments: P.args, **options: P.kwargs) -> T:
        answer: T = getattr(channel.client, name)(channel._api_key, *arguments, **options)
        return answer

    method: Callable[Concatenate[Channel, P], T] = operations.method(call, operation, "Channel", without="api_key")
    return method


class Client(ClientBase[Handle]):
    """A client of a remote service (https://…) or of an embedded one (sqlite:PATH, sqlite::memory:).

    Any number of threads may use it at once; calls release the interpreter's lock. Signals end the main thread's call:
    Ctrl-C does, and so does every exception of a Python signal handler. Arguments that are None are left out of the request,
    and answers are the service's, whole. Each api_key belongs to one phone number; `channel` binds it.

    Use it with `with`, or close it: a client that is garbage-collected while open is closed with a ResourceWarning.
    """

    def __init__(self, service_url: str, **options: Unpack[shapes.ClientOptions]) -> None:
        """Opens a service; sends nothing. Times are milliseconds.

        timeout_ms, connect_timeout_ms      remote: the whole operation, retries included; one connection attempt
        max_attempts, max_response_bytes    remote: 1 turns retries off; a longer answer is ProtocolError
        url_policy                          "cloud" for the service's rules, "local" for http and IP addresses too, "none"
        ca_file, proxy, user_agent          remote
        allow_insecure_http                 remote: plain HTTP beyond loopback
        max_destinations, apply_delay_ms, multi_apply_delay_ms, answers     embedded
        """
        self._handle = opened(service_url, options)
        self._service_url = service_url

    def channel(self, api_key: str) -> "Channel":
        """The phone number of a key: the same methods without their first argument."""
        return Channel(self, api_key)

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

    def set_log(self, callback: LogCallback | None) -> None:
        """Calls callback(level, message) for each line: 0 error, 1 warning, 2 info, 3 debug. None removes it.

        It runs on the thread of the call that logs, one message at a time, and may call only cancel and set_log. Its
        exceptions go to sys.unraisablehook. Lines go to logging.getLogger("d360webhook") as well, if that has a handler.
        """
        handle = self._opened()
        handle.while_open(lambda: handle.log.set(callback))

    def cancel(self) -> None:
        """Ends every call of this client that has begun, within 100 ms, with Cancelled; later calls are not affected."""
        self._opened().stop()

    def derive(self, **options: Unpack[shapes.DeriveOptions]) -> "Client":
        """Another client of the same service, with its own limits, cancel and log; options left out are this client's."""
        return Client._of(self._opened().derive(options), self._service_url)

    def close(self) -> None:
        """Cancels the calls in flight and waits for them. Closing again does nothing; other calls are then InvalidArgument."""
        if self._handle is not None:
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, request: operations.Request[T]) -> T:
        handle = self._opened()
        if request.progress is None:
            return handle.call(request)
        progress = Progress(request.progress)
        request.report_to(progress.function)
        try:
            answer = handle.call(request)
        except Cancelled as cancelled:
            if progress.raised is not None:
                raise progress.raised from cancelled
            raise
        if progress.raised is not None:
            raise progress.raised
        return answer


class Channel(ChannelBase[Client]):
    """One phone number: the operations of a client, with the number's key bound. The client is closed, not the channel."""

    __slots__ = ()

    multi_webhook_get = bound(Client.multi_webhook_get)
    multi_webhook_set = bound(Client.multi_webhook_set)
    multi_webhook_append = bound(Client.multi_webhook_append)
    multi_webhook_update = bound(Client.multi_webhook_update)
    multi_webhook_delete = bound(Client.multi_webhook_delete)
    customer_webhook_get = bound(Client.customer_webhook_get)
    customer_webhook_set = bound(Client.customer_webhook_set)
    waba_webhook_get = bound(Client.waba_webhook_get)
    waba_webhook_set = bound(Client.waba_webhook_set)
    waba_webhook_wait = bound(Client.waba_webhook_wait)
