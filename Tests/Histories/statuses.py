"""Which statuses the contract leaves to a call, after what the service was sent and answered."""

import json

from .calls import Call
from .journal import CLEAR, Sending
from .operations import CUSTOMER, MULTI, WABA, is_on

REFUSED = {400: "D360_INVALID_REQUEST", 413: "D360_INVALID_REQUEST", 415: "D360_INVALID_REQUEST", 422: "D360_INVALID_REQUEST"}
REFUSED |= {401: "D360_UNAUTHORIZED", 403: "D360_UNAUTHORIZED", 501: "D360_SERVICE_ERROR", 505: "D360_SERVICE_ERROR"}
LATER = {429: "D360_RATE_LIMITED", 408: "D360_TIMEOUT", 503: "D360_STORAGE_ERROR"}


def possible(call: Call, timeout: float) -> set[str]:
    """`timeout` in seconds: a call that took most of it may have run out of it."""
    ran_out = call.ended - call.begun > 0.7 * timeout
    if call.operation.function == "waba_webhook_wait":
        return _waiting(call)
    cancelled = {"D360_CANCELLED"} if call.is_cancelled else set()
    if not call.sent:
        return cancelled | ({"D360_TIMEOUT", "D360_NETWORK_ERROR"} if ran_out else set())
    found = _reading(call) if call.operation.is_reading else _write(call)
    if ran_out:
        found |= {"D360_TIMEOUT"} if not any(map(may_have_been_done, call.sent)) else {"D360_OUTCOME_UNKNOWN"}
    return found | cancelled


def may_have_been_done(sending: Sending) -> bool:
    """Whether what its sender was told leaves open, or says, that a write was done."""
    return not sending.received.is_reading and sending.kind not in ("refused", "later")


def _reading(call: Call) -> set[str]:
    last = call.sent[-1]
    match last.kind:
        case "done":
            return {"D360_OK"}
        case "accepted" | "unusable":
            return {"D360_PROTOCOL_ERROR"}
        case "later":
            return {LATER[last.code or 0]}
        case "clear":
            return {"D360_SERVICE_ERROR"}
        case "lost" if last.code:
            return {"D360_SERVICE_ERROR"}
        case "lost":
            return {"D360_NETWORK_ERROR", "D360_PROTOCOL_ERROR", "D360_TIMEOUT"}
    if last.code == 404 and call.operation.target in (CUSTOMER, WABA) and not _is_page(last):
        others = [one for one in call.sendings if one.line[0] == "GET" and one.line[1] != call.operation.target]
        if any(one.kind == "done" for one in others):
            return {"D360_OK"}
        # The service's words are not asked for what the base URL is, and nor is a reading that failed.
        return {"D360_PROTOCOL_ERROR", "D360_TIMEOUT"}
    return _refused(call, last)


def _write(call: Call) -> set[str]:
    last, before = call.sent[-1], call.sent[:-1]
    earlier = [one for one in before if may_have_been_done(one)]
    all_lost = [*earlier, *([last] if last.kind in ("clear", "lost") else [])]
    used_up = {"D360_OK", "D360_OUTCOME_UNKNOWN"}
    if all(one.kind == "clear" for one in all_lost):
        used_up.add("D360_SERVICE_ERROR")
    match last.kind:
        case "done":
            return {"D360_OK"}
        case "accepted":
            return {"D360_OK", "D360_PROTOCOL_ERROR"}
        case "unusable":
            return {"D360_PROTOCOL_ERROR"}
        case "clear" | "lost":
            return used_up
        case "later":
            return used_up if earlier else {LATER[last.code or 0]}
    return _refused(call, last) | (used_up if earlier and last.code in (404, 409) else set())


def _refused(call: Call, last: Sending) -> set[str]:
    """A complete 3xx, 4xx, 501 or 505, or our status."""
    code = last.code or 0
    if last.status:
        return {last.status}
    if _is_page(last) and code < 500:
        return {"D360_PROTOCOL_ERROR"}
    if code == 409:
        return {"D360_CONFLICT"} if call.operation.is_reading else _conflict(call, last)
    if code == 404 and call.operation.function in ("multi_webhook_update", "multi_webhook_delete"):
        return _unknown_name(call, last)
    return {REFUSED.get(code, "D360_PROTOCOL_ERROR")}


def _conflict(call: Call, last: Sending) -> set[str]:
    """A reading after it tells that multi-webhook is off."""
    if call.operation.reading != MULTI or call.operation.argument == {"enabled": True}:
        return {"D360_CONFLICT"}
    read = [one for one in call.answered_readings if one.number > last.number]
    if not read or call.operation.function == "multi_webhook_set":
        return {"D360_CONFLICT", "D360_NOT_ENABLED"}
    return {"D360_CONFLICT"} if is_on(json.loads(read[-1].content)) else {"D360_NOT_ENABLED"}


def _unknown_name(call: Call, last: Sending) -> set[str]:
    asked = call.operation.argument
    name = asked if isinstance(asked, str) else asked["name"]
    read = [json.loads(one.content) for one in call.answered_readings if one.number > last.number]
    if not read:
        return {"D360_PROTOCOL_ERROR"}
    lacks = all(one["name"] != name for one in read[-1].get("destinations") or [])
    return {"D360_NOT_FOUND"} if lacks else {"D360_PROTOCOL_ERROR"}


def _waiting(call: Call) -> set[str]:
    """Failures that may pass are waited through; others end it."""
    found = {"D360_OK", "D360_TIMEOUT"} | ({"D360_CANCELLED"} if call.is_cancelled else set())
    if call.sent and (call.operation.wait_ms == 0 or call.sent[-1].kind in ("refused", "unusable", "accepted")):
        found |= _reading(call)
    if call.sent and call.sent[-1].kind == "lost" and not call.sent[-1].code:
        found.add("D360_PROTOCOL_ERROR")
    return found


def _is_page(sending: Sending) -> bool:
    return sending.content.startswith(b"<")


def is_clean(sending: Sending) -> bool:
    """Whether it is certain that it is neither done nor on its way."""
    return sending.kind in ("refused", "later") or (sending.code in CLEAR and sending.kind == "clear")
