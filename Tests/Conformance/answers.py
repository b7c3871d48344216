"""What a call came back with, held to what is promised of every answer."""

import json
from typing import Any

from Peers.styles import specified
from support import raw

from .services import Service

CODES = {raw.status_name(code): code for code in range(22)}
ALWAYS: dict[str, type] = {"status": str, "code": int, "message": str, "retryable": bool, "outcome": str, "attempts": int}
SOMETIMES: dict[str, Any] = {"path": str, "http_status": int, "service_message": str, "last_seen": (dict, type(None))}
#: "the same call may succeed later"; a storage error only where the database was locked.
RETRYABLE = {"D360_RATE_LIMITED", "D360_TIMEOUT", "D360_NETWORK_ERROR", "D360_SERVICE_ERROR", "D360_OUTCOME_UNKNOWN"}
EITHER = {"D360_STORAGE_ERROR", "D360_OUT_OF_MEMORY"}


class Answer:
    def __init__(self, service: Service, status: str, text: str | None, function: str = "") -> None:
        self.status, self.text = status, text
        assert text is not None, "nothing was stored"
        self.json: Any = json.loads(text)
        if status == "D360_OK":
            self.json = specified(service.style, function, self.json)
        self._service = service
        if status != "D360_OK":
            check_document(status, self.json)
            self._check_traces()

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    @property
    def path(self) -> str | None:
        return self.error.get("path")

    @property
    def message(self) -> str:
        return self.error["message"]

    @property
    def was_refused_here(self) -> bool:
        return self.error["attempts"] == 0

    def must_be(self, expected: Any) -> "Answer":
        """Success with this JSON, members in this order."""
        assert self.status == "D360_OK", self.text
        assert ordered(self.json) == ordered(expected)
        return self

    def must_succeed(self) -> "Answer":
        assert self.status == "D360_OK", self.text
        return self

    def must_fail(self, status: str, path: str | None = None, message: str | None = None) -> "Answer":
        """Failure with this status, path and message; a service that does not say them is held to the status it can say."""
        exact = self._service.says_our_status or self.was_refused_here
        assert self.status == (status if exact else any_service_says(status)), self.text
        assert self.error["outcome"] == "not_applied", self.text
        if exact:
            assert self.path == path, self.text
            assert message is None or self.message == message
        return self

    @property
    def summary(self) -> tuple[Any, ...]:
        """What must be the same on every service."""
        if self.status == "D360_OK":
            return (self.status, ordered(self.json))
        return (self.status, self.path, self.message)

    def _check_traces(self) -> None:
        """Embedded services have no HTTP status, and neither has what was refused before it was sent."""
        if "last_seen" in self.error:
            return  # of many readings, not of one operation
        if self._service.is_embedded or self.was_refused_here:
            assert "http_status" not in self.error and "service_message" not in self.error, self.text
        if self._service.is_embedded:
            assert self.error["attempts"] <= 1, self.text
        elif self.error["attempts"] and self.status != "D360_CANCELLED":
            assert "http_status" in self.error, self.text


def check_document(status: str, document: Any) -> None:
    """The error document's shape, which is the same for every failure."""
    assert list(document) == ["error"], document
    error = document["error"]
    for name, kind in ALWAYS.items():
        assert type(error[name]) is kind, (name, document)
    for name in error.keys() - ALWAYS.keys():
        assert isinstance(error[name], SOMETIMES[name]), (name, document)
    assert error["status"] == status and error["code"] == CODES[status], document
    assert error["outcome"] in ("not_applied", "applied", "unknown"), document
    assert status in EITHER or error["retryable"] == (status in RETRYABLE), document
    assert error["message"] and "\n" not in error["message"], document


def any_service_says(status: str) -> str:
    """The maximum is a 400 like others: only services that say our status set it apart."""
    return "D360_INVALID_REQUEST" if status == "D360_LIMIT_EXCEEDED" else status


def ordered(value: Any) -> Any:
    """Equal only to JSON of the same values with the same order of members; 1 is not true."""
    if isinstance(value, dict):
        return ("object", [(name, ordered(member)) for name, member in value.items()])
    if isinstance(value, list):
        return ("array", [ordered(element) for element in value])
    return (type(value).__name__, value)
