# SPDX-License-Identifier: Apache-2.0
"""Exit statuses, and which error has which."""

from collections.abc import Iterable, Mapping
from typing import Any

DONE = 0
FAILED = 1
FINDINGS = 2
UNKNOWN = 3
USAGE = 64
WRONG_FILE = 65
UNREADABLE = 66
TRY_AGAIN = 75
UNAUTHORIZED = 77
INTERRUPTED = 130

MEANINGS = {
    DONE: "done",
    FAILED: "failed; a signature that does not match",
    FINDINGS: "findings (audit), something to do (plan), problems (validate)",
    UNKNOWN: "a write was sent, and its outcome is unknown",
    USAGE: "wrong usage",
    WRONG_FILE: "a document or another file is wrong",
    UNREADABLE: "a file cannot be read",
    TRY_AGAIN: "the same command may succeed later",
    UNAUTHORIZED: "the API key is missing, wrong, or not allowed to do this",
    INTERRUPTED: "interrupted by Ctrl-C",
}

# If several fit, the first.
_ORDER = (INTERRUPTED, UNAUTHORIZED, UNKNOWN, TRY_AGAIN, FAILED)


# How the library names a failure of the command line's own.
_STATUSES = {UNAUTHORIZED: ("D360_UNAUTHORIZED", 4), WRONG_FILE: ("D360_INVALID_REQUEST", 3)}


class Failure(Exception):
    """An error that the command line itself finds. Its message is for people and holds no secret."""

    def __init__(self, message: str, status: int = FAILED, **more: object) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self._more = more

    @property
    def document(self) -> dict[str, Any]:
        """The error in the shape of the library's own errors."""
        name, code = _STATUSES.get(self.status, ("D360_INVALID_ARGUMENT", 1))
        about = {"status": name, "code": code, "message": self.message}
        return {**about, "retryable": False, "outcome": "not_applied", "attempts": 0, **self._more}


def usage(message: str) -> Failure:
    """The command line is wrong."""
    return Failure(message, USAGE)


def wrong_file(message: str, **more: object) -> Failure:
    """A file's content is wrong."""
    return Failure(message, WRONG_FILE, **more)


def status_of(error: Mapping[str, Any]) -> int:
    """The exit status for the error of an error document."""
    name = error.get("status")
    if name == "D360_CANCELLED":
        return INTERRUPTED
    if name == "D360_UNAUTHORIZED":
        return UNAUTHORIZED
    if name == "D360_OUTCOME_UNKNOWN" or error.get("outcome") == "unknown":
        return UNKNOWN
    if error.get("retryable"):
        return TRY_AGAIN
    return USAGE if name == "D360_INVALID_ARGUMENT" else FAILED


def first_of(statuses: Iterable[int]) -> int:
    """The one of several that counts; DONE if there are none."""
    found = set(statuses)
    return next((status for status in _ORDER if status in found), max(found, default=DONE))
