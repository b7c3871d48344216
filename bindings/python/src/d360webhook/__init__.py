# SPDX-License-Identifier: Apache-2.0
"""Reads, sets and checks where 360dialog sends a WhatsApp number's events.

>>> from d360webhook import Client
>>> with Client("sqlite::memory:") as client:  # a service of your own; the real one is https://waba-v2.360dialog.io
...     answer = client.channel_register("106540352242922", waba_id=123065260884961, api_key="key")
...     client.channel("key").customer_webhook_set("https://hooks.example.com/main")
{'url': 'https://hooks.example.com/main'}
"""

import typing as _typing

from d360webhook._bundled import bundled_versions
from d360webhook._client import Channel, Client
from d360webhook._errors import (
    Cancelled,
    Conflict,
    D360Error,
    InternalError,
    InvalidArgument,
    InvalidRequest,
    LimitExceeded,
    MalformedJSON,
    NetworkError,
    NotEnabled,
    NotFound,
    OutcomeUnknown,
    OutOfMemory,
    ProtocolError,
    RateLimited,
    Retryable,
    RetryableConflict,
    RetryableNetworkError,
    RetryableOutcomeUnknown,
    RetryableProtocolError,
    RetryableRateLimited,
    RetryableServiceError,
    RetryableStorageError,
    RetryableTimeout,
    RetryableUnknownStatus,
    ServiceError,
    SignatureMismatch,
    StorageError,
    Timeout,
    TLSError,
    Unauthorized,
    UnknownStatus,
    Unsupported,
)  # fmt: skip
from d360webhook._fleet_shapes import (
    Finding,
    FindingCode,
    FindingCounts,
    FleetAccount,
    FleetAction,
    FleetChange,
    FleetDestination,
    FleetDocument,
    FleetEvent,
    FleetExpectation,
    FleetExport,
    FleetKey,
    FleetKeys,
    FleetMultiWebhook,
    FleetOptions,
    FleetReport,
    FleetRow,
    FleetSection,
    FleetSections,
    FleetSummary,
    FleetWABAWebhook,
    FleetWebhook,
    Remedy,
    Route,
    RouteDestination,
    Routes,
    Severity,
    UsedWebhook,
)  # fmt: skip
from d360webhook._log import LogCallback
from d360webhook._operations import ProgressCallback
from d360webhook._shapes import (
    Answers,
    Channels,
    ClientOptions,
    ConfiguredDestination,
    CustomerWebhook,
    DeriveOptions,
    Destination,
    ErrorDocument,
    Message,
    MultiWebhook,
    Outcome,
    Problem,
    RegisteredChannel,
    URLPolicy,
    ValidationReport,
    WABAWebhook,
)  # fmt: skip
from d360webhook._statics import signature_sign, signature_verify, version, webhook_validate
from d360webhook._version import __version__ as __version__

if _typing.TYPE_CHECKING:
    from d360webhook._async_client import AsyncChannel, AsyncClient


def __getattr__(name: str) -> object:
    """AsyncClient and AsyncChannel, when they are asked for: asyncio takes longer to import than all the rest."""
    if name not in ("AsyncChannel", "AsyncClient"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from d360webhook import _async_client

    globals().update(AsyncChannel=_async_client.AsyncChannel, AsyncClient=_async_client.AsyncClient)
    return globals()[name]


__all__ = [
    "Answers", "AsyncChannel", "AsyncClient", "Cancelled", "Channel", "Channels", "Client", "ClientOptions",
    "ConfiguredDestination", "Conflict", "CustomerWebhook", "D360Error", "DeriveOptions", "Destination", "ErrorDocument",
    "Finding", "FindingCode", "FindingCounts", "FleetAccount", "FleetAction", "FleetChange", "FleetDestination",
    "FleetDocument", "FleetEvent", "FleetExpectation", "FleetExport", "FleetKey", "FleetKeys", "FleetMultiWebhook",
    "FleetOptions", "FleetReport", "FleetRow", "FleetSection", "FleetSections", "FleetSummary", "FleetWABAWebhook",
    "FleetWebhook", "InternalError", "InvalidArgument", "InvalidRequest", "LimitExceeded", "LogCallback", "MalformedJSON",
    "Message", "MultiWebhook", "NetworkError", "NotEnabled", "NotFound", "OutOfMemory", "Outcome", "OutcomeUnknown", "Problem",
    "ProgressCallback", "ProtocolError", "RateLimited", "RegisteredChannel", "Remedy", "Retryable", "RetryableConflict",
    "RetryableNetworkError", "RetryableOutcomeUnknown", "RetryableProtocolError", "RetryableRateLimited",
    "RetryableServiceError", "RetryableStorageError", "RetryableTimeout", "RetryableUnknownStatus", "Route",
    "RouteDestination", "Routes", "ServiceError", "Severity", "SignatureMismatch", "StorageError", "TLSError", "Timeout",
    "URLPolicy", "Unauthorized", "UnknownStatus", "Unsupported", "UsedWebhook", "ValidationReport", "WABAWebhook",
    "bundled_versions", "signature_sign", "signature_verify", "version", "webhook_validate",
]  # fmt: skip
