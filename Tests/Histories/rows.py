"""Holds the rows of an apply to what the service was sent, answered and did."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from . import findings, planning
from .calls import Call
from .fleets import has_destination, is_as_wanted, is_webhook
from .journal import Sending
from .operations import CUSTOMER, MULTI, WABA, Operation
from .planning import Account, Fleet, Planned, State
from .reports import Row, categories
from .statuses import by_itself, possible


def disturbed(
    before: Fleet,
    after: Fleet,
    rows: list[Row],
    sendings: list[Sending],
    limited: set[str],
    *,
    is_shared: bool,
    is_cut: bool,
    is_judged: bool,
    max_failures: int | None = None,
) -> Iterator[str]:
    """Rules that rows break. `limited` keys get nothing but 429. `is_shared`: another apply ran; `is_cut`: it was cancelled;
    `is_judged`: the machine did not stall, so each answer came in time.
    """
    planned = before.plan()
    accounts = before.document["accounts"]
    by_name = {row["name"]: row for row in rows}
    for index in before.chosen:
        account, row = accounts[index], by_name[accounts[index]["name"]]
        own = [one for one in sendings if one.key == account["api_key"]]
        was, now = before.states[index], after.states[index]
        if planned[index].status in ("D360_UNAUTHORIZED", "D360_CONFLICT"):
            if row["status"] == "D360_OK" or any(not one.received.is_reading for one in own):
                yield "an account that is behind a wrong key, or not what is expected, is D360_OK or was written to"
            if was is None:
                continue
        assert was is not None and now is not None
        for action in row["actions"]:
            yield from _action(action, account, own, was, now, is_cut=is_cut, is_judged=is_judged)
            if is_judged and action["operation"] == "waba_webhook_set" and action.get("outcome") == "unknown":
                shared = [one for one in sendings if one.key in before.keys(before.waba(index))]
                if action["status"] not in {"D360_TIMEOUT", "D360_CANCELLED", "D360_OUTCOME_UNKNOWN"}.union(
                    *map(by_itself, shared)
                ):
                    yield f"waba_webhook_set: {action['status']}, which no answer to its WABA explains"
        if row["in_sync"] > planned[index].in_sync and not is_shared:
            yield "in_sync though it was not when the call began"
        siblings = [by_name[accounts[other]["name"]] for other in before.chosen if before.waba(other) == before.waba(index)]
        allowed = _statuses(row, account, own, planned[index], siblings) | ({"D360_CANCELLED"} if is_cut else set())
        if max_failures and failed(before.document, rows) >= max_failures:
            allowed.add("D360_CANCELLED")  # no new one is begun
        if any(one.code == 429 and one.key not in limited for one in sendings):
            allowed.add("D360_RATE_LIMITED")  # nothing was admitted for so long
        if is_judged and row["status"] not in allowed:
            yield f"a row is {row['status']}, which nothing explains"
        # Another apply may have undone it meanwhile.
        if row["status"] == "D360_OK" and not is_shared and not is_as_wanted(account, now, before.shows_headers):
            yield "a row is D360_OK though the service does not hold what it asks for"
    if not is_shared and not is_cut:
        yield from _found(after, rows)


def failed(document: dict[str, Any], rows: list[Row]) -> int:
    return sum(one in ("failed", "unknown") for one in categories(document, rows))


def _found(after: Fleet, rows: list[Row]) -> Iterator[str]:
    """Findings are those of what was read at the end, which is what the service holds if nothing was left open."""
    if any(outcome == "unknown" for row in rows for outcome in _outcomes(row)):
        return
    expected = findings.expected(after)
    # Of an account that could not be read only its expect.waba_id is known, and that may be wrong.
    ignored = {"number_unmanaged"} if any(row["losing_events"] is None for row in rows) else set()
    for row, wanted in zip(rows, [expected[index] for index in after.chosen], strict=True):
        found, wanted = ([one for one in some if one[0] not in ignored] for some in (codes(row), wanted))
        if row["losing_events"] is not None and found != wanted:
            yield f"its findings are not what the service holds: {difference(found, wanted)}"


def _outcomes(row: Row) -> list[str | None]:
    return [action.get("outcome") for action in row["actions"]] + [(row["error"] or {}).get("outcome")]


#: Findings that are not in a reading.
BESIDES = ("headers_cleared", "stale_plan", "probe_failed")


def codes(row: Row) -> list[findings.Finding]:
    """As an audit has them: what an action clears is not in a reading."""
    return sorted((one["code"], one["path"]) for one in row["findings"] if one["code"] not in BESIDES)


def difference(found: list[Any], wanted: list[Any]) -> str:
    return f"{[one for one in found if one not in wanted]} too many, {[one for one in wanted if one not in found]} missing"


def _statuses(row: Row, account: Account, own: list[Sending], planned: Planned, siblings: list[Row]) -> set[str]:
    """A row's status comes from the plan, an action, an answer to its key, or its WABA."""
    found = {planned.status, planned.ends, *(action["status"] for action in row["actions"])}
    for one in own:
        found |= by_itself(one) - {"D360_OK"}
    if not row["actions"] or all(action["status"] == "D360_OK" for action in row["actions"]):
        found.add("D360_OK")
    if (row["error"] or {}).get("outcome") == "unknown":
        found.add("D360_TIMEOUT")  # it did not show in time
    if "waba_webhook" in account or any(map(_may_override_later, siblings)):
        found |= {other["status"] for other in siblings if other is not row and _leads(other)}
        if any(_fails_by_itself(other) for other in siblings if other is not row):
            found.add("D360_INVALID_REQUEST")  # override_all would take what cannot be given back
    if planning.follows(account):
        found.add("D360_CONFLICT")  # its own webhook stays
    return found


def _may_override_later(row: Row) -> bool:
    return any(action.get("outcome") == "unknown" and action.get("overrides") is not None for action in row["actions"])


def _fails_by_itself(row: Row) -> bool:
    return row["status"] != "D360_OK" and (row["status"] != "D360_INVALID_REQUEST" or "http_status" in row["error"])


def _leads(row: Row) -> bool:
    return any(action["operation"] == "waba_webhook_set" for action in row["actions"])


# One action


def _action(
    action: dict[str, Any], account: Account, own: list[Sending], before: State, after: State, *, is_cut: bool, is_judged: bool
) -> Iterator[str]:
    operation = _operation(action, account)
    sent = [one for one in own if _is_of(one, operation)]
    applied = any(one.was_applied for one in sent)
    name, status, outcome = action["operation"], action["status"], action.get("outcome")
    if status == "planned":
        if sent:
            yield f"{name}: planned though it was sent"
        return
    if outcome == "not_applied" and applied:
        yield f"{name}: not_applied though it was applied, then or later ({status})"
    is_open = any(one.may_have_been_done for one in sent)
    is_new = is_open or not _has(action, account, before)
    if outcome == "applied" and not applied and not (is_new and _has(action, account, after)):
        yield f"{name}: applied though it was not ({status})"
    if not is_judged:
        return
    if outcome == "unknown" and not is_open:
        if status != "D360_CANCELLED" or not sent:
            yield f"{name}: unknown though nothing was sent, or every answer said that it was not done ({status})"
    call = Call("", operation, "", "", 0, 0, status, "", sendings=_part(own, sent), is_cancelled=is_cut)
    allowed = possible(call, 1)
    if outcome == "applied":
        allowed.add("D360_OK")  # rejected, and made by another
    if outcome == "unknown":
        allowed.add("D360_TIMEOUT")
    if status not in allowed and not (name == "waba_webhook_set" and outcome == "unknown"):
        yield f"{name}: {status} is none of {', '.join(sorted(allowed)) or 'what it may be'}"


def _part(own: list[Sending], sent: list[Sending]) -> list[Sending]:
    """An action's sendings, and the readings from the first of them on."""
    return [one for one in own if one in sent or (sent and one.received.is_reading and one.number > sent[0].number)]


def _operation(action: dict[str, Any], account: Account) -> Operation:
    function = action["operation"]
    if function == "customer_webhook_set":
        return Operation(function, "POST", CUSTOMER, account["customer_webhook"])
    if function == "waba_webhook_set":
        return Operation(function, "POST", WABA, account["waba_webhook"])
    names, wanted = action["destinations"], account["multi_webhook"]
    if function == "multi_webhook_delete":
        return Operation(function, "DELETE", f"{MULTI}/{quote(names[0], safe='')}", names[0])
    given = [one for one in wanted.get("destinations", []) if one["name"] in names]
    if function == "multi_webhook_update":
        return Operation(function, "PATCH", MULTI, {"headers": {}, **given[0]})
    if function == "multi_webhook_append":
        return Operation(function, "PUT", MULTI, {"destinations": given})
    enabled = wanted.get("enabled", True)
    return Operation(function, "POST", MULTI, {"enabled": enabled, **({"destinations": given} if given else {})})


def _is_of(sending: Sending, operation: Operation) -> bool:
    if sending.line != (operation.method, operation.target):
        return False
    return operation.function != "multi_webhook_update" or sending.body["name"] == operation.argument["name"]


def _has(action: dict[str, Any], account: Account, state: State) -> bool:
    """True if the service holds what an action asks for."""
    multi, wanted = state["multi"], account.get("multi_webhook", {})
    match action["operation"]:
        case "customer_webhook_set":
            return state["customer"] is not None and state["customer"]["url"] == account["customer_webhook"]["url"]
        case "waba_webhook_set":
            return is_webhook(account["waba_webhook"], state["waba"])
        case "multi_webhook_delete":
            return all(one["name"] not in action["destinations"] for one in multi["destinations"])
    given = [one for one in wanted.get("destinations", []) if one["name"] in action["destinations"]]
    return multi["enabled"] == wanted.get("enabled", True) and all(has_destination(one, multi["destinations"]) for one in given)
