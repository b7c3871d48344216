# SPDX-License-Identifier: Apache-2.0
"""What each method of a client asks the library to do."""

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any, Generic, TypeVar

from d360webhook import _fleet_types as fleet
from d360webhook import _types as types
from d360webhook._errors import refused
from d360webhook._library import library
from d360webhook._text import c_json, c_options, c_text

T_co = TypeVar("T_co", covariant=True)


class Request(Generic[T_co]):
    """A call of function(client, *arguments, &answer), whose answer is a T_co; lasting: it may take seconds by its nature."""

    __slots__ = ("arguments", "function", "lasting")

    def __init__(self, function: Any, *arguments: Any, lasting: bool = False) -> None:
        self.function = function
        self.arguments = arguments
        self.lasting = lasting


def multi_webhook_get(api_key: str) -> Request[types.MultiWebhook]:
    return Request(library.d360_multi_webhook_get, _key(api_key))


def multi_webhook_set(
    api_key: str, enabled: bool, destinations: Sequence[types.Destination] | None
) -> Request[types.Message]:
    request = c_json({"enabled": enabled, "destinations": destinations})
    return Request(library.d360_multi_webhook_set, _key(api_key), request)


def multi_webhook_append(api_key: str, destinations: Sequence[types.Destination]) -> Request[types.Message]:
    return Request(library.d360_multi_webhook_append, _key(api_key), c_json({"destinations": destinations}))


def multi_webhook_update(
    api_key: str, name: str, url: str | None, headers: Mapping[str, str] | None
) -> Request[types.Message]:
    request = c_json({"name": name, "url": url, "headers": headers})
    return Request(library.d360_multi_webhook_update, _key(api_key), request)


def multi_webhook_delete(api_key: str, name: str) -> Request[types.Message]:
    return Request(library.d360_multi_webhook_delete, _key(api_key), c_text(name, "name"))


def customer_webhook_get(api_key: str) -> Request[types.CustomerWebhook]:
    return Request(library.d360_customer_webhook_get, _key(api_key))


def customer_webhook_set(api_key: str, url: str, headers: Mapping[str, str] | None) -> Request[types.CustomerWebhook]:
    return Request(library.d360_customer_webhook_set, _key(api_key), c_json({"url": url, "headers": headers}))


def waba_webhook_get(api_key: str) -> Request[types.WABAWebhook]:
    return Request(library.d360_waba_webhook_get, _key(api_key))


def waba_webhook_set(
    api_key: str, url: str, headers: Mapping[str, str] | None, override_all: bool
) -> Request[types.Message]:
    request = c_json({"url": url, "headers": headers, "override_all": override_all})
    return Request(library.d360_waba_webhook_set, _key(api_key), request)


def waba_webhook_wait(
    api_key: str, url: str, headers: Mapping[str, str] | None, timeout_ms: int
) -> Request[types.WABAWebhook]:
    limit = index(timeout_ms)
    if not -(2**63) <= limit < 2**63:
        raise refused("timeout_ms is beyond 64 bits")
    request = c_json({"url": url, "headers": headers})
    return Request(library.d360_waba_webhook_wait, _key(api_key), request, limit, lasting=True)


def channel_register(
    phone_number_id: str, waba_id: int | None, api_key: str | None, phone_number: str | None
) -> Request[types.Message]:
    channel = {"phone_number_id": phone_number_id, "phone_number": phone_number, "waba_id": waba_id, "api_key": api_key}
    return Request(library.d360_channel_register, c_json(channel))


def channel_list() -> Request[types.Channels]:
    return Request(library.d360_channel_list)


def channel_remove(phone_number_id: str) -> Request[types.Message]:
    return Request(library.d360_channel_remove, c_text(phone_number_id, "phone_number_id"))


def fleet_plan(document: fleet.FleetDocument, options: Mapping[str, Any], progress: Any) -> Request[fleet.FleetReport]:
    return _fleet(library.d360_fleet_plan, document, options, progress)


def fleet_apply(document: fleet.FleetDocument, options: Mapping[str, Any], progress: Any) -> Request[fleet.FleetReport]:
    return _fleet(library.d360_fleet_apply, document, options, progress)


def fleet_audit(document: fleet.FleetDocument, options: Mapping[str, Any], progress: Any) -> Request[fleet.FleetReport]:
    return _fleet(library.d360_fleet_audit, document, options, progress)


def fleet_export(document: fleet.FleetKeys, options: Mapping[str, Any], progress: Any) -> Request[fleet.FleetExport]:
    return _fleet(library.d360_fleet_export, document, options, progress)


def _fleet(function: Any, document: Any, options: Mapping[str, Any], progress: Any) -> Request[Any]:
    text = None if document is None else c_json(document)
    return Request(function, text, c_options(options), progress, None, lasting=True)


def _key(api_key: str) -> bytes | None:
    return c_text(api_key, "api_key")
