# SPDX-License-Identifier: Apache-2.0
"""One exception class per status, named after it."""

from collections.abc import Mapping
from typing import Any, cast

from d360webhook._fleet_shapes import FleetReport
from d360webhook._shapes import ErrorDocument, Outcome, WABAWebhook


class D360Error(Exception):
    """A call failed; every field of the library's error document is an attribute.

    status, code      the name and number of the status: "D360_CONFLICT", 6
    message           what is wrong, without keys, header values and secrets
    path              JSON Pointer into the request, where one member is to blame, else None
    http_status       where a service answered, else None; so is service_message, its own words
    retryable         the same call may succeed later; the error is a Retryable as well
    outcome           whether anything was changed: "not_applied", "applied" or "unknown"
    attempts          how often the operation was sent; 0: it was rejected before
    last_seen         the WABA webhook as waba_webhook_wait last read it, else None
    report            of a cancelled fleet call: what was done and what was not, else None
    document          all of it as a dict, with members that newer libraries add
    """

    status: str = "D360_UNKNOWN_STATUS"
    code: int = -1

    def __init__(self, document: ErrorDocument) -> None:
        self.document: dict[str, Any] = {**document}
        self.status = document.get("status", type(self).status)
        self.code = document.get("code", type(self).code)
        self.message: str = document.get("message", self.status)
        self.path: str | None = document.get("path")
        self.http_status: int | None = document.get("http_status")
        self.retryable: bool = document.get("retryable", False)
        self.outcome: Outcome = document.get("outcome", "not_applied")
        self.attempts: int = document.get("attempts", 0)
        self.service_message: str | None = document.get("service_message")
        self.last_seen: WABAWebhook | None = document.get("last_seen")
        self.report: FleetReport | None = cast("FleetReport | None", self.document.get("report"))
        super().__init__(document)  # so that it can be pickled

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.message} (at {self.path!r})"


class Retryable(D360Error):
    """The same call may succeed later. Each class that is raised is of a status too, as RetryableTimeout is a Timeout."""


class InvalidArgument(D360Error, ValueError):
    """The call itself is wrong: an unknown option, a service URL of no known kind, a closed client."""

    status, code = "D360_INVALID_ARGUMENT", 1


class MalformedJSON(D360Error):
    """Text that is not JSON, or is deeper than 64 levels."""

    status, code = "D360_MALFORMED_JSON", 2


class InvalidRequest(D360Error):
    """A request that breaks a rule, found here or by the service."""

    status, code = "D360_INVALID_REQUEST", 3


class Unauthorized(D360Error):
    """The key is missing, wrong or may not do this."""

    status, code = "D360_UNAUTHORIZED", 4


class NotFound(D360Error):
    """No such destination, no such channel."""

    status, code = "D360_NOT_FOUND", 5


class Conflict(D360Error):
    """A name is taken, a key belongs to another number, a name twice in one request."""

    status, code = "D360_CONFLICT", 6


class NotEnabled(D360Error):
    """Multi-webhook is off."""

    status, code = "D360_NOT_ENABLED", 7


class LimitExceeded(D360Error):
    """Too many destinations; only from services that say our status."""

    status, code = "D360_LIMIT_EXCEEDED", 8


class RateLimited(D360Error):
    """429, attempts used up."""

    status, code = "D360_RATE_LIMITED", 9


class Timeout(D360Error, TimeoutError):
    """No answer in time, and nothing was changed; from waba_webhook_wait: not applied yet."""

    status, code = "D360_TIMEOUT", 10


class NetworkError(D360Error, ConnectionError):
    """Name, connection or transfer failed, and nothing was changed."""

    status, code = "D360_NETWORK_ERROR", 11


class TLSError(D360Error):
    """The peer's certificate or the handshake."""

    status, code = "D360_TLS_ERROR", 12


class ServiceError(D360Error):
    """5xx, attempts used up, and nothing was changed."""

    status, code = "D360_SERVICE_ERROR", 13


class ProtocolError(D360Error):
    """An answer that is not what the API documents."""

    status, code = "D360_PROTOCOL_ERROR", 14


class OutcomeUnknown(D360Error):
    """A write was sent, its answer was lost, and it could not be settled."""

    status, code = "D360_OUTCOME_UNKNOWN", 15


class StorageError(D360Error):
    """The embedded service's database: full, locked, corrupt, not ours."""

    status, code = "D360_STORAGE_ERROR", 16


class Cancelled(D360Error):
    """By Client.cancel, by closing the client, or by a progress callback; report says what a fleet call did."""

    status, code = "D360_CANCELLED", 17


class Unsupported(D360Error):
    """The service has no such operation."""

    status, code = "D360_UNSUPPORTED", 18


class SignatureMismatch(D360Error):
    """The signature is not of this body under this secret, or is malformed."""

    status, code = "D360_SIGNATURE_MISMATCH", 19


class OutOfMemory(D360Error):
    """The C libraries could not allocate."""

    status, code = "D360_OUT_OF_MEMORY", 20


class InternalError(D360Error):
    """A fault of the library, or a client that was busy in another thread at a fork."""

    status, code = "D360_INTERNAL_ERROR", 21


class UnknownStatus(D360Error):
    """A number that this version does not know, of a newer library; status and code tell which."""


class RetryableConflict(Conflict, Retryable):
    """A reading was answered by 409 each time. The same call may succeed later."""


class RetryableRateLimited(RateLimited, Retryable):
    """The service was limiting the rate. The same call may succeed later."""


class RetryableTimeout(Timeout, Retryable):
    """No answer came in time. The same call may succeed later."""


class RetryableNetworkError(NetworkError, Retryable):
    """The network failed. The same call may succeed later."""


class RetryableServiceError(ServiceError, Retryable):
    """The service failed. The same call may succeed later."""


class RetryableProtocolError(ProtocolError, Retryable):
    """The answer was not the API's, and may be another next time. The same call may succeed later."""


class RetryableOutcomeUnknown(OutcomeUnknown, Retryable):
    """It is unknown whether the write was applied. The same call may succeed later."""


class RetryableStorageError(StorageError, Retryable):
    """The database is locked. The same call may succeed later."""


class RetryableUnknownStatus(UnknownStatus, Retryable):
    """A status of a newer library, or one that is retryable only there. The same call may succeed later."""


_by_code: dict[int, type[D360Error]] = {
    kind.code: kind for kind in D360Error.__subclasses__() if kind not in (Retryable, UnknownStatus)
}
_retryable: dict[type[D360Error], type[D360Error]] = {kind.__bases__[0]: kind for kind in Retryable.__subclasses__()}


def error(document: Mapping[str, Any]) -> D360Error:
    """The exception of an error document (the object under "error"), of the class of its status."""
    kind = _by_code.get(document.get("code", -1), UnknownStatus)
    if document.get("retryable"):
        kind = _retryable.get(kind, RetryableUnknownStatus)
    return kind(cast(ErrorDocument, document))


def error_document(
    code: int, message: str | None = None, path: str | None = None, outcome: Outcome = "not_applied"
) -> ErrorDocument:
    """The error document of a call that the binding itself rejects, or that stored none."""
    status = _by_code.get(code, UnknownStatus).status
    document: ErrorDocument = {
        "status": status,
        "code": code,
        "message": message or status,
        "retryable": False,
        "outcome": outcome,
        "attempts": 0,
    }
    if path is not None:
        document["path"] = path
    return document


def rejected(message: str, path: str | None = None) -> InvalidArgument:
    """The exception for a call that the binding itself rejects; it has the shape of the library's own."""
    return InvalidArgument(error_document(InvalidArgument.code, message, path))
