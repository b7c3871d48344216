# SPDX-License-Identifier: Apache-2.0
"""Exit statuses, and which error ends with which."""

from collections.abc import Iterable, Mapping
from typing import Any

DONE = 0
FAILED = 1
FINDINGS = 2
UNKNOWN = 3
USAGE = 64
TRY_AGAIN = 75
UNAUTHORIZED = 77
INTERRUPTED = 130

MEANINGS = {
    DONE: "done",
    FAILED: "failed; a signature that does not match",
    FINDINGS: "findings; for plan: something to do; for validate: problems",
    UNKNOWN: "a write was sent, and whether it was applied is unknown",
    USAGE: "wrong usage",
    TRY_AGAIN: "the same may succeed later",
    UNAUTHORIZED: "the API key is missing, wrong or may not do this",
    INTERRUPTED: "interrupted by Ctrl-C",
}

# Where several fit, the first.
_ORDER = (INTERRUPTED, UNAUTHORIZED, UNKNOWN, TRY_AGAIN, FAILED)


class Failure(Exception):
    """What the command line itself finds wrong: its message is for people and holds no secret."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.status = status

    @property
    def document(self) -> dict[str, Any]:
        """In the shape of the library's own errors."""
        name, code = ("D360_UNAUTHORIZED", 4) if self.status == UNAUTHORIZED else ("D360_INVALID_ARGUMENT", 1)
        about = {"status": name, "code": code, "message": self.message}
        return {**about, "retryable": False, "outcome": "not_applied", "attempts": 0}


def usage(message: str) -> Failure:
    """The command line is wrong."""
    return Failure(message, USAGE)


def status_of(error: Mapping[str, Any]) -> int:
    """The exit status for what stands under "error" in an error document."""
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
    """The one that counts of several; DONE where there are none."""
    found = set(statuses)
    return next((status for status in _ORDER if status in found), max(found, default=DONE))
