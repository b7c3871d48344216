# SPDX-License-Identifier: Apache-2.0
"""The shapes of requests, answers, options and errors."""

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

URLPolicy = Literal["cloud", "local", "none"]
Outcome = Literal["not_applied", "applied", "unknown"]


class Destination(TypedDict):
    """One destination of a request."""

    name: str
    url: str
    headers: NotRequired[Mapping[str, str]]


class ConfiguredDestination(TypedDict, total=False):
    """One destination of an answer."""

    name: str
    url: str
    headers: dict[str, str]


class MultiWebhook(TypedDict, total=False):
    """The destinations that get a copy; every member is optional by the service's specification."""

    enabled: bool
    destinations: list[ConfiguredDestination]


class CustomerWebhook(TypedDict, total=False):
    """A number's own webhook; without url where there is none. Its headers are never shown."""

    url: str


class WABAWebhook(TypedDict, total=False):
    """The webhook of the WhatsApp Business Account that a number is on; without url and headers where there is none."""

    url: str
    headers: dict[str, str]
    waba_id: int
    numbers_on_this_waba: list[str]


class Message(TypedDict, total=False):
    """What a write answers."""

    message: str


class RegisteredChannel(TypedDict):
    """A channel of an embedded service, never with its key."""

    phone_number_id: str
    phone_number: NotRequired[str]
    waba_id: int


class Channels(TypedDict):
    """An embedded service's channels, in the order they were registered."""

    channels: list[RegisteredChannel]


class Problem(TypedDict):
    """One rule that a webhook breaks: the vendor's ("documented"), or the embedded service's ("ours")."""

    path: str
    message: str
    rule: Literal["documented", "ours"]


class ValidationReport(TypedDict):
    """Every problem of a webhook."""

    valid: bool
    problems: list[Problem]


class DeriveOptions(TypedDict, total=False):
    """Options of Client.derive; None is left out."""

    timeout_ms: int | None
    connect_timeout_ms: int | None
    max_attempts: int | None
    max_response_bytes: int | None
    url_policy: URLPolicy | None


class ClientOptions(DeriveOptions, total=False):
    """Options of Client; None is left out. Those of the other kind of service are checked, to no effect."""

    ca_file: str | None
    proxy: str | None
    user_agent: str | None
    allow_insecure_http: bool | None
    max_destinations: int | None
    apply_delay_ms: int | None
    multi_apply_delay_ms: int | None


class ErrorDocument(TypedDict, total=False):
    """What stands under "error" in the library's error document; newer libraries may add members."""

    status: str
    code: int
    message: str
    path: str
    http_status: int
    retryable: bool
    outcome: Outcome
    attempts: int
    service_message: str
    last_seen: WABAWebhook | None
