# SPDX-License-Identifier: Apache-2.0
"""The operations, each written once: its parameters, its answer, its documentation, and what it asks the library to do.

Client, Channel, AsyncClient and AsyncChannel are made of these functions by `method`; each returns the request that they make.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import Any, Generic, TypeVar, Unpack, get_args, get_origin

from d360webhook import _fleet_shapes as fleet
from d360webhook import _shapes as shapes
from d360webhook._errors import rejected
from d360webhook._library import NO_PROGRESS
from d360webhook._text import c_json, c_options, c_text

T_co = TypeVar("T_co", covariant=True)

ProgressCallback = Callable[[fleet.FleetEvent], object]


class Request(Generic[T_co]):
    """A call of the library's function d360_{name}(client, *arguments, &answer) that answers a T_co.

    lasting: it may take seconds by its nature. A fleet call's arguments end with the progress function and its context.
    """

    __slots__ = ("arguments", "lasting", "name", "progress")

    def __init__(self, name: str, *arguments: Any, lasting: bool = False, progress: ProgressCallback | None = None) -> None:
        self.name, self.arguments, self.lasting, self.progress = f"d360_{name}", arguments, lasting, progress

    @property
    def writes(self) -> bool:
        """True if it may change anything."""
        return not self.name.endswith(("_get", "_list", "_wait", "_plan", "_audit", "_export"))

    def report_to(self, function: Any) -> None:
        """Has a fleet call report its progress to a C function."""
        self.arguments = (*self.arguments[:-2], function, None)


def method(function: Callable[..., Any], described: Callable[..., Any], owner: str, without: str = "self") -> Any:
    """A method with an operation's name, documentation and parameters, except one that is bound."""
    signature = inspect.signature(described)
    answer = signature.return_annotation
    if get_origin(answer) is Request:
        (answer,) = get_args(answer)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = [parameter for name, parameter in signature.parameters.items() if name not in ("self", without)]
    shown = signature.replace(parameters=[own, *given], return_annotation=answer)
    function.__name__, function.__qualname__ = described.__name__, f"{owner}.{described.__name__}"
    function.__doc__, function.__signature__ = described.__doc__, shown  # type: ignore[attr-defined]  # pyright: ignore
    return function


def multi_webhook_get(api_key: str) -> Request[shapes.MultiWebhook]:
    """GET /multi_webhook: the destinations, and whether they are on."""
    return Request("multi_webhook_get", _key(api_key))


def multi_webhook_set(
    api_key: str, enabled: bool, destinations: Sequence[shapes.Destination] | None = None
) -> Request[shapes.Message]:
    """POST /multi_webhook: turns multi-webhook on or off. Give destinations only to turn it on."""
    return Request("multi_webhook_set", _key(api_key), c_json({"enabled": enabled, "destinations": destinations}))


def multi_webhook_append(api_key: str, destinations: Sequence[shapes.Destination]) -> Request[shapes.Message]:
    """PUT /multi_webhook: appends destinations, all of them or none."""
    return Request("multi_webhook_append", _key(api_key), c_json({"destinations": destinations}))


def multi_webhook_update(
    api_key: str, name: str, url: str | None = None, headers: Mapping[str, str] | None = None
) -> Request[shapes.Message]:
    """PATCH /multi_webhook: changes a destination's URL or headers. The headers replace all that it had."""
    return Request("multi_webhook_update", _key(api_key), c_json({"name": name, "url": url, "headers": headers}))


def multi_webhook_delete(api_key: str, name: str) -> Request[shapes.Message]:
    """DELETE /multi_webhook/{name}: removes a destination."""
    return Request("multi_webhook_delete", _key(api_key), c_text(name, "name"))


def customer_webhook_get(api_key: str) -> Request[shapes.CustomerWebhook]:
    """GET /v1/configs/webhook: the number's own webhook."""
    return Request("customer_webhook_get", _key(api_key))


def customer_webhook_set(api_key: str, url: str, headers: Mapping[str, str] | None = None) -> Request[shapes.CustomerWebhook]:
    """POST /v1/configs/webhook: replaces the number's own webhook, headers included."""
    return Request("customer_webhook_set", _key(api_key), c_json({"url": url, "headers": headers}))


def waba_webhook_get(api_key: str) -> Request[shapes.WABAWebhook]:
    """GET /waba_webhook: the webhook of the number's WhatsApp Business Account."""
    return Request("waba_webhook_get", _key(api_key))


def waba_webhook_set(
    api_key: str, url: str, headers: Mapping[str, str] | None = None, override_all: bool = False
) -> Request[shapes.Message]:
    """POST /waba_webhook: replaces the account's webhook; override_all removes the numbers' own. Applied in 15 to 20 s."""
    return Request("waba_webhook_set", _key(api_key), c_json({"url": url, "headers": headers, "override_all": override_all}))


def waba_webhook_wait(
    api_key: str, url: str, headers: Mapping[str, str] | None = None, timeout_ms: int = 30_000
) -> Request[shapes.WABAWebhook]:
    """Reads until the account's webhook is this one, and returns the last reading; else raises Timeout, with last_seen."""
    limit = index(timeout_ms)
    if not -(2**63) <= limit < 2**63:
        raise rejected("timeout_ms is beyond 64 bits")
    return Request("waba_webhook_wait", _key(api_key), c_json({"url": url, "headers": headers}), limit, lasting=True)


def channel_register(
    phone_number_id: str, waba_id: int | None = None, api_key: str | None = None, phone_number: str | None = None
) -> Request[shapes.Message]:
    """Adds a channel to an embedded service, or replaces the given members of a known one."""
    channel = {"phone_number_id": phone_number_id, "phone_number": phone_number, "waba_id": waba_id, "api_key": api_key}
    return Request("channel_register", c_json(channel))


def channel_list() -> Request[shapes.Channels]:
    """An embedded service's channels as registered, without their keys."""
    return Request("channel_list")


def channel_remove(phone_number_id: str) -> Request[shapes.Message]:
    """Removes a channel of an embedded service with its configuration."""
    return Request("channel_remove", c_text(phone_number_id, "phone_number_id"))


def fleet_plan(
    document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
) -> Request[fleet.FleetReport]:
    """Reports what fleet_apply would do to bring each account to the document's state. Sends no write.

    progress(event) is called for each account: by a Client on the calling thread, where it may call only cancel and set_log;
    by an AsyncClient in the loop. A true value ends the call with Cancelled, and its report says what was done. An exception
    of progress ends the call too, and the call raises it.
    """
    return _fleet("fleet_plan", document, options, progress)


def fleet_apply(
    document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
) -> Request[fleet.FleetReport]:
    """Brings each account to the document's state, and reports the state afterwards. A second apply does nothing.

    Accounts that fail are reported and the others go on: read the summary. Progress works as in fleet_plan.
    """
    return _fleet("fleet_apply", document, options, progress)


def fleet_audit(
    document: fleet.FleetDocument, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
) -> Request[fleet.FleetReport]:
    """Finds accounts that lose events or differ from the document. Sends no write. Progress works as in fleet_plan."""
    return _fleet("fleet_audit", document, options, progress)


def fleet_export(
    document: fleet.FleetKeys, *, progress: ProgressCallback | None = None, **options: Unpack[fleet.FleetOptions]
) -> Request[fleet.FleetExport]:
    """Writes a document of the current configuration, keys and header values included, from names and keys."""
    return _fleet("fleet_export", document, options, progress)


def _fleet(name: str, document: Any, options: Mapping[str, Any], progress: ProgressCallback | None) -> Request[Any]:
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable, not {type(progress).__name__}")
    text = None if document is None else c_json(document)
    return Request(name, text, c_options(options), NO_PROGRESS, None, lasting=True, progress=progress)


def _key(api_key: str) -> bytes | None:
    return c_text(api_key, "api_key")
