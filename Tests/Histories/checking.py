"""Holds what one call said to what the service did."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .calls import Call
from .operations import is_set, shows
from .secrets import Secrets
from .statuses import may_have_been_done, possible


@dataclass(frozen=True)
class Problem:
    """`rule` is the same for all problems of a kind."""

    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}\n{self.detail}"


@dataclass(frozen=True)
class Terms:
    """A client's options, and the style of readings."""

    timeout: float
    """Seconds."""
    max_attempts: int
    shows_headers: bool
    secrets: Secrets


MEMBERS = {"status", "code", "message", "retryable", "outcome", "attempts"}
CODES = {
    "D360_MALFORMED_JSON": 2, "D360_INVALID_REQUEST": 3, "D360_UNAUTHORIZED": 4, "D360_NOT_FOUND": 5, "D360_CONFLICT": 6,
    "D360_NOT_ENABLED": 7, "D360_LIMIT_EXCEEDED": 8, "D360_RATE_LIMITED": 9, "D360_TIMEOUT": 10, "D360_NETWORK_ERROR": 11,
    "D360_SERVICE_ERROR": 13, "D360_PROTOCOL_ERROR": 14, "D360_OUTCOME_UNKNOWN": 15, "D360_STORAGE_ERROR": 16,
    "D360_CANCELLED": 17,
}  # fmt: skip
PASSING = {"D360_RATE_LIMITED", "D360_TIMEOUT", "D360_NETWORK_ERROR", "D360_SERVICE_ERROR", "D360_OUTCOME_UNKNOWN"}
PASSING |= {"D360_STORAGE_ERROR"}
#: Seconds that a busy machine may add.
PATIENCE = 3


#: How many calls were judged in full, and how many not.
judged: Counter[bool] = Counter()


def check(call: Call, terms: Terms) -> Iterator[Problem]:
    """Problems of a call after which nothing is on its way any more."""
    judged[is_judged(call, terms)] += 1
    for rule in _broken(call, terms):
        yield Problem(f"{call.operation.function}: {rule}", str(call))


def _broken(call: Call, terms: Terms) -> Iterator[str]:
    allowed = possible(call, terms.timeout)
    if is_judged(call, terms) and call.status not in allowed:
        last = call.sent[-1].kind if call.sent else "nothing sent"
        yield f"{call.status} is none of {', '.join(sorted(allowed)) or 'what it may be'} (last answer: {last})"
    if call.ended - call.begun > terms.timeout + PATIENCE:
        yield "it took longer than it may"
    if call.status == "D360_OK":
        yield from _success(call, terms.shows_headers)
        return
    error = call.error
    yield from _document(call, error, terms.secrets)
    if call.operation.function != "waba_webhook_wait":
        yield from _attempts(call, error["attempts"], terms.max_attempts)
    yield from _outcome(call, error["outcome"], terms)


def is_judged(call: Call, terms: Terms) -> bool:
    """False where the machine stalled so long that answers may have come too late: then only what was done counts."""
    return call.stalled < terms.timeout / 12


def _success(call: Call, shows_headers: bool) -> Iterator[str]:
    operation, answer = call.operation, json.loads(call.text)
    answered = [one.content.decode() for one in call.sent if one.kind in ("done", "accepted")]
    if operation.is_reading:
        unset = any(one.code == 404 for one in call.sent) and answer == {}
        if call.text not in answered and not unset:
            yield "D360_OK with what the service did not answer to it"
        elif operation.function == "waba_webhook_wait" and not shows(operation, answer):
            yield "D360_OK with a reading that does not show it"
        return
    if call.text not in answered and list(answer) not in (["message"], ["url"]):
        yield "D360_OK with neither the service's answer nor one of the documented shape"
    if not is_applied(call):
        yield "D360_OK though it was not applied"
    elif operation.is_hidden(shows_headers) and not answered:
        yield "D360_OK of what no reading shows, without one whole answer"


def _document(call: Call, error: dict[str, Any], secrets: Secrets) -> Iterator[str]:
    status = error["status"]
    if not error.keys() >= MEMBERS or status != call.status or error["code"] != CODES[status] or not error["message"]:
        yield "an error document lacks a member, or has another status"
    if found := secrets.within([call.text]):
        yield f"a secret in an error ({found[0].partition('-')[0]})"
    http_status = error.get("http_status")
    if http_status is not None and http_status not in [one.code for one in call.sendings]:
        yield f"http_status is {http_status}, which nothing was answered"
    if status in REJECTIONS and http_status is None:
        yield f"{status} without the http_status of an answer"
    is_open = (status == "D360_CONFLICT" and call.operation.is_reading) or (
        status == "D360_PROTOCOL_ERROR" and http_status in (408, 429)
    )
    if error["retryable"] != (status in PASSING or is_open):
        yield f"{status} with retryable {error['retryable']}"
    if (
        call.operation.function == "waba_webhook_wait"
        and status == "D360_TIMEOUT"
        and call.readings_since()
        and "last_seen" not in error
    ):
        yield "D360_TIMEOUT without last_seen"


REJECTIONS = {
    "D360_INVALID_REQUEST",
    "D360_UNAUTHORIZED",
    "D360_NOT_FOUND",
    "D360_CONFLICT",
    "D360_NOT_ENABLED",
    "D360_RATE_LIMITED",
}


def _outcome(call: Call, outcome: str, terms: Terms) -> Iterator[str]:
    if call.status == "D360_OUTCOME_UNKNOWN" and outcome != "unknown":
        yield f"D360_OUTCOME_UNKNOWN with the outcome {outcome}"
    if call.operation.is_reading:
        if outcome != "not_applied":
            yield f"a reading with the outcome {outcome}"
        return
    if outcome == "applied" and not is_applied(call):
        yield f"applied though it was not ({call.status})"
    if outcome == "not_applied":
        if any(one.was_applied for one in call.sent):
            yield f"not_applied though it was applied, then or later ({call.status})"
        # A complete 500 or 503 says so too, together with a reading; a call that was cancelled has none.
        kinds = {"rejected", "later"} | (set() if call.status == "D360_CANCELLED" else {"clear"})
        if not {one.kind for one in call.sent} <= kinds:
            yield f"not_applied though it may have been on its way ({call.status})"
    if outcome == "unknown" and is_judged(call, terms):
        if not call.is_cancelled and not may_have_been_done(call):
            yield f"unknown though every answer said that it was not done ({call.status})"
        if call.status != "D360_CANCELLED" and not call.operation.is_hidden(terms.shows_headers) and _was_shown(call):
            yield f"unknown though a reading showed it ({call.status})"


def _was_shown(call: Call) -> bool:
    """The last reading after the last sending did, and came long before the call ended."""
    readings = [one for one in call.sendings if one.line[0] == "GET" and one.number > call.sent[-1].number]
    if not readings or readings[-1].kind != "done" or readings[-1].line[1] != call.operation.reading:
        return False
    return readings[-1].received.at < call.ended - 0.25 and shows(call.operation, json.loads(readings[-1].content))


def _attempts(call: Call, attempts: int, max_attempts: int) -> Iterator[str]:
    # libcurl sends a reading again by itself where a kept connection turns out to have ended; that is the same attempt.
    again = [one for one in call.sent[:-1] if one.received.is_reading and one.is_on_kept and one.code is None]
    sent = len(call.sent)
    if sent - len(again) > max_attempts or attempts > max_attempts:
        yield "sent more often than max_attempts"
    # One that a cancel or a dead connection ended may count and never have come.
    may_be_lost = call.is_cancelled or not all(one.code for one in call.sendings)
    if attempts < sent - len(again) or (attempts > sent and not may_be_lost):
        yield "attempts is not how often it was sent"


def is_applied(call: Call) -> bool:
    """A sending was done, or a whole reading in this call, or the service as the call returned, shows all of it."""
    if any(one.was_applied for one in call.sent):
        return True
    is_shown = any(shows(call.operation, reading) for reading in call.readings_since(call.sent[0] if call.sent else None))
    return (is_shown and not call.operation.is_hidden(shows_headers=True)) or is_set(call.operation, call.state)
