"""What a report of apply says of one account, against what the service holds of it.

A state is what `Peers.model.Service.state` answers; an account is the document's, with all three sections.
"""

from typing import Any


def has(state: dict[str, Any], webhook: dict[str, Any] | None, section: str) -> bool:
    """Whether a number's own or its WABA's webhook is this one."""
    if webhook is None:
        return state[section] is None
    return state[section] == {"url": webhook["url"], "headers": webhook.get("headers", {})}


def has_destinations(state: dict[str, Any], wanted: dict[str, Any], names: list[str]) -> bool:
    """Whether these are there as the document says."""
    there = {one["name"]: {"headers": {}, **one} for one in state["multi"]["destinations"]}
    given = {one["name"]: {"headers": {}, **one} for one in wanted["destinations"]}
    return state["multi"]["enabled"] and all(there.get(name) == given[name] for name in names)


def is_there(action: dict[str, Any], state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether what an action asks for is what the service holds."""
    multi = wanted["multi_webhook"]
    match action["operation"]:
        case "customer_webhook_set":
            return has(state, wanted["customer_webhook"], "customer")
        case "waba_webhook_set":
            return has(state, wanted["waba_webhook"], "waba")
        case "multi_webhook_delete":
            return all(one["name"] not in action["destinations"] for one in state["multi"]["destinations"])
        case "multi_webhook_set" if not multi.get("enabled", True):
            return not state["multi"]["enabled"]
        case _:
            return has_destinations(state, multi, action["destinations"])


def is_as_wanted(state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """As far as apply can tell: it does not see the headers of a number's own webhook."""
    own, multi = wanted["customer_webhook"], wanted["multi_webhook"]
    if (state["customer"] or {}).get("url") != (own or {}).get("url") or not has(state, wanted["waba_webhook"], "waba"):
        return False
    if not multi.get("enabled", True):
        return not state["multi"]["enabled"]
    names = [one["name"] for one in multi["destinations"]]
    pruned = not multi.get("prune") or len(state["multi"]["destinations"]) == len(names)
    return pruned and has_destinations(state, multi, names)


def category(row: dict[str, Any], changed: set[int]) -> str:
    """As the contract says it, where these WABAs were changed."""
    outcomes = [action.get("outcome") for action in row["actions"]]
    if "unknown" in outcomes or (row["error"] or {}).get("outcome") == "unknown":
        return "unknown"
    if row["status"] != "D360_OK":
        return "failed"
    return "changed" if row["actions"] or row["waba_id"] in changed or not row["in_sync"] else "in_sync"


def check_row(row: dict[str, Any], state: dict[str, Any], wanted: dict[str, Any]) -> None:
    for action in row["actions"]:
        there = is_there(action, state, wanted)
        match action.get("outcome"):
            case "applied":
                assert there, (row, state)
            case "unknown":
                assert action["status"] != "D360_OK", row
            case outcome:
                assert action["status"] != "D360_OK" and (outcome is None) is (action["status"] == "planned"), row
                # One without changes is a webhook that override_all would take; it may be there still.
                assert not there or not action["changes"], (row, state)
    if row["status"] == "D360_OK":
        assert row["error"] is None and row["losing_events"] is False, row
        assert is_as_wanted(state, wanted), (row, state)
        assert all(action["status"] == "D360_OK" for action in row["actions"]), row
        return
    assert row["error"]["status"] == row["status"], row
    begun = [action for action in row["actions"] if "outcome" in action]
    if begun and all(action["status"] == "D360_OK" for action in begun):
        # It failed after that, and what it says of itself does not deny it.
        assert row["error"]["outcome"] == "applied", row
