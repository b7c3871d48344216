# SPDX-License-Identifier: Apache-2.0
"""The shapes of requests, answers, options and errors."""

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

URLPolicy = Literal["cloud", "local", "none"]
Answers = Literal["specification", "observed", "not_found"]
Outcome = Literal["not_applied", "applied", "unknown"]


class Destination(TypedDict):
    """One destination of a request."""

    name: str
    url: str
    headers: NotRequired[Mapping[str, str]]


class ConfiguredDestination(TypedDict):
    """One destination of an answer."""

    name: str
    url: str
    headers: NotRequired[dict[str, str] | None]


class MultiWebhook(TypedDict):
    """The destinations that get a copy of each event; without any, destinations may be absent or None."""

    enabled: bool
    destinations: NotRequired[list[ConfiguredDestination] | None]


class CustomerWebhook(TypedDict):
    """A number's own webhook. Without one, url is absent or None; headers are absent unless the service shows them."""

    url: NotRequired[str | None]
    headers: NotRequired[dict[str, str] | None]


class WABAWebhook(TypedDict):
    """The webhook of a number's WhatsApp Business Account. Without one, url and headers are absent or None."""

    url: NotRequired[str | None]
    headers: NotRequired[dict[str, str] | None]
    waba_id: int
    numbers_on_this_waba: list[str]


class Message(TypedDict):
    """The answer to a write."""

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
    """Options of Client; None is left out. Options of the other kind of service are validated and then ignored."""

    ca_file: str | None
    proxy: str | None
    user_agent: str | None
    allow_insecure_http: bool | None
    max_destinations: int | None
    apply_delay_ms: int | None
    multi_apply_delay_ms: int | None
    answers: Answers | None


class ErrorDocument(TypedDict, total=False):
    """The object under "error" in the library's error document; newer libraries may add members."""

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
    report: object
