"""Which statuses the contract leaves to a call, after what the service was sent and answered."""

from typing import Any

from .calls import Call
from .journal import Sending
from .operations import CUSTOMER, MULTI, WABA, is_on

REJECTED = {400: "D360_INVALID_REQUEST", 413: "D360_INVALID_REQUEST", 415: "D360_INVALID_REQUEST", 422: "D360_INVALID_REQUEST"}
REJECTED |= {401: "D360_UNAUTHORIZED", 403: "D360_UNAUTHORIZED", 409: "D360_CONFLICT"}
REJECTED |= {501: "D360_SERVICE_ERROR", 505: "D360_SERVICE_ERROR", 429: "D360_RATE_LIMITED", 408: "D360_TIMEOUT"}


def possible(call: Call, timeout: float) -> set[str]:
    """`timeout` in seconds: a call that took most of it may have run out of it."""
    cancelled = {"D360_CANCELLED"} if call.is_cancelled else set()
    ran_out = call.ended - call.begun > 0.7 * timeout
    if call.operation.function == "waba_webhook_wait":
        return _waiting(call) | cancelled
    if not call.sent:
        return cancelled | ({"D360_TIMEOUT", "D360_NETWORK_ERROR"} if ran_out else set())
    found = _reading(call) if call.operation.is_reading else _write(call)
    if ran_out:
        found |= {"D360_TIMEOUT"} if call.operation.is_reading or not may_have_been_done(call) else {"D360_OUTCOME_UNKNOWN"}
    return found | cancelled


def may_have_been_done(call: Call) -> bool:
    """True if an answer says, or leaves open, that a write was done."""
    return any(one.may_have_been_done for one in call.sent)


def by_itself(sending: Sending) -> set[str]:
    """One answer means this if nothing else is asked or sent."""
    code = sending.code
    if sending.kind == "done":
        return {"D360_OK"}
    if code is None:
        return {"D360_NETWORK_ERROR", "D360_PROTOCOL_ERROR", "D360_TIMEOUT"}
    if sending.kind in ("accepted", "unusable"):
        return {"D360_PROTOCOL_ERROR"}
    if sending.kind in ("clear", "lost"):
        return {"D360_SERVICE_ERROR"}
    if sending.status:
        return {sending.status}
    if sending.is_page and code < 500:
        return {"D360_PROTOCOL_ERROR"}
    return {REJECTED.get(code, "D360_PROTOCOL_ERROR")}


def _reading(call: Call) -> set[str]:
    last = call.sent[-1]
    if last.code != 404 or last.is_page or call.operation.target not in (CUSTOMER, WABA):
        return by_itself(last)
    # Not set, if the same key can read something else; a reading that failed for now leaves that open.
    others = [one for one in call.sendings if one.number > last.number]
    if any(one.kind == "done" for one in others):
        return {"D360_OK"}
    passing = [one for one in others if one.kind in ("later", "clear", "lost") or (one.code == 409 and not one.is_page)]
    return by_itself(passing[-1]) if passing else {"D360_PROTOCOL_ERROR"}


def _waiting(call: Call) -> set[str]:
    """Failures that may pass are waited through; others end it."""
    found = {"D360_OK", "D360_TIMEOUT"}
    if call.sent and (call.operation.wait_ms == 0 or call.sent[-1].kind in ("rejected", "unusable", "accepted", "lost")):
        found |= _reading(call)
    return found


#: The code that rejects a repetition if the write before it was done.
REPETITION = {"multi_webhook_append": 409, "multi_webhook_set": 409, "multi_webhook_delete": 404}


def _write(call: Call) -> set[str]:
    last = call.sent[-1]
    lost = [one for one in call.sent if one.may_have_been_done]
    unsettled = {"D360_OK", "D360_OUTCOME_UNKNOWN"}
    if all(one.kind == "clear" for one in lost):
        unsettled.add("D360_SERVICE_ERROR")
    match last.kind:
        case "done" | "unusable":
            return by_itself(last)
        case "accepted":
            return {"D360_OK", "D360_PROTOCOL_ERROR"}
        case "clear" | "lost":
            return unsettled
        case "later":
            return unsettled if lost else by_itself(last)
    is_repetition = last.code == REPETITION.get(call.operation.function) and not last.is_page and not _is_off(call, last)
    return _rejected(call, last) | (unsettled if lost and is_repetition else set())


def _is_off(call: Call, last: Sending) -> bool:
    """True if nothing but multi-webhook being off explains it."""
    return last.status == "D360_NOT_ENABLED" or call.operation.argument == {"enabled": False}


def _rejected(call: Call, last: Sending) -> set[str]:
    """A complete 3xx, 4xx, 501 or 505, or our status. The first reading after it tells a 409 or 404 apart."""
    if last.status or last.is_page or call.operation.reading != MULTI or last.code not in (404, 409):
        return by_itself(last)
    readings = call.readings_since(last)
    if last.code == 409:
        return _conflict(call, readings)
    asked = call.operation.argument
    if call.operation.function == "multi_webhook_update":
        asked = asked["name"]
    elif call.operation.function != "multi_webhook_delete":
        return by_itself(last)
    lacking = [all(one["name"] != asked for one in reading.get("destinations") or []) for reading in readings]
    return ({"D360_NOT_FOUND"} if any(lacking) else set()) | ({"D360_PROTOCOL_ERROR"} if not lacking or not lacking[0] else set())


def _conflict(call: Call, readings: list[dict[str, Any]]) -> set[str]:
    if len(call.sent) > 1 and call.operation.function in ("multi_webhook_append", "multi_webhook_set"):
        # Compared with each reading until the time is up: other content, or off.
        return {"D360_CONFLICT"} | ({"D360_NOT_ENABLED"} if not all(map(is_on, readings)) else set())
    is_enabling = call.operation.function == "multi_webhook_set" and call.operation.argument["enabled"]
    return {"D360_CONFLICT"} if not readings or is_enabling or is_on(readings[0]) else {"D360_NOT_ENABLED"}
