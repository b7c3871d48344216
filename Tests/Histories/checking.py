"""What one call said, held to what the service did."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from .calls import Call
from .operations import is_set, shows
from .secrets import Secrets
from .statuses import is_clean, may_have_been_done, possible


@dataclass(frozen=True)
class Problem:
    """`rule` is the same for all problems of a kind."""

    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}\n{self.detail}"


MEMBERS = {"status", "code", "message", "retryable", "outcome", "attempts"}


def check(call: Call, timeout: float, max_attempts: int, shows_headers: bool, secrets: Secrets) -> Iterator[Problem]:
    """Problems of a call after which nothing is on its way any more. `shows_headers`: readings of customer webhooks do."""
    for rule in _broken(call, timeout, max_attempts, shows_headers, secrets):
        yield Problem(rule, str(call))


def _broken(call: Call, timeout: float, max_attempts: int, shows_headers: bool, secrets: Secrets) -> Iterator[str]:
    allowed = possible(call, timeout)
    if call.status not in allowed:
        last = call.sent[-1].kind if call.sent else "nothing sent"
        yield f"{_kind(call)}: {call.status} is none of {', '.join(sorted(allowed)) or 'what it may be'} (last answer: {last})"
    if call.status == "D360_OK":
        yield from _success(call, shows_headers)
        return
    error = call.error
    if not error.keys() >= MEMBERS or error["status"] != call.status:
        yield "an error document lacks a member, or has another status"
    if found := secrets.within([call.text]):
        yield f"{found[0].partition('-')[0]}: a secret in an error"
    yield from _attempts(call, error["attempts"], max_attempts)
    if call.status == "D360_OUTCOME_UNKNOWN" and error["outcome"] != "unknown":
        yield f"D360_OUTCOME_UNKNOWN with the outcome {error['outcome']}"
    yield from _outcome(call, error["outcome"])


def _success(call: Call, shows_headers: bool) -> Iterator[str]:
    operation = call.operation
    if operation.is_reading:
        told = [one.content.decode() for one in call.sent if one.kind == "done"]
        unset = any(one.code == 404 for one in call.sent) and json.loads(call.text) == {}
        if call.text not in told and not unset:
            yield f"{_kind(call)}: D360_OK with what the service did not answer to it"
        elif operation.function == "waba_webhook_wait" and not shows(operation, json.loads(call.text)):
            yield "waba_webhook_wait: D360_OK with a reading that does not show it"
        return
    if not isinstance(json.loads(call.text), dict):
        yield f"{_kind(call)}: D360_OK without a JSON object"
    if not is_applied(call):
        yield f"{_kind(call)}: D360_OK though it was not applied"
    elif operation.is_hidden(shows_headers) and not any(one.kind in ("done", "accepted") for one in call.sent):
        yield f"{_kind(call)}: D360_OK of what no reading shows, without one whole answer"


def _outcome(call: Call, outcome: str) -> Iterator[str]:
    if outcome == "applied" and not is_applied(call):
        yield f"{_kind(call)}: applied though it was not ({call.status})"
    if outcome == "not_applied":
        if any(one.was_applied for one in call.sent):
            yield f"{_kind(call)}: not_applied though it was applied, then or later ({call.status})"
        elif not call.operation.is_reading and not call.is_cancelled and not all(map(is_clean, call.sent)):
            yield f"{_kind(call)}: not_applied though it may have been on its way ({call.status})"
    if outcome == "unknown" and not call.is_cancelled and not any(map(may_have_been_done, call.sent)):
        yield f"{_kind(call)}: unknown though every answer said that it was not done ({call.status})"
    if call.operation.is_reading and outcome != "not_applied":
        yield f"{_kind(call)}: a reading with the outcome {outcome}"


def _attempts(call: Call, attempts: int, max_attempts: int) -> Iterator[str]:
    if call.operation.function == "waba_webhook_wait":
        return
    sent = len(call.sent)
    if sent > max_attempts or attempts > max_attempts:
        yield f"{_kind(call)}: sent more often than max_attempts"
    # One that a cancel or a dead connection ended may count and never have come.
    if attempts < sent or (attempts > sent and not call.is_cancelled and all(one.code for one in call.sendings)):
        yield f"{_kind(call)}: attempts is not how often it was sent"


def is_applied(call: Call) -> bool:
    """A sending was done, or a whole reading in this call, or the service as the call returned, shows all of it."""
    if any(one.was_applied for one in call.sent):
        return True
    first = call.sent[0].number if call.sent else 0
    readings = [json.loads(one.content) for one in call.answered_readings if one.number > first]
    is_shown = not call.operation.is_reading and any(shows(call.operation, reading) for reading in readings)
    return (is_shown and not call.operation.is_hidden(shows_headers=True)) or is_set(call.operation, call.state)


def _kind(call: Call) -> str:
    return call.operation.function
