"""The findings that an audit has of an account, by what the service holds: errors and warnings, from the contract's table."""

from typing import Any

from .fleets import is_webhook, same_headers


def expected(account: dict[str, Any], state: dict[str, Any], shows_headers: bool) -> list[str]:
    """Codes in no order, without those of `expect` and of numbers that nobody names."""
    found = [] if state["customer"] or state["waba"] else ["no_route"]
    if "customer_webhook" in account:
        found += _customer(account["customer_webhook"], state["customer"], shows_headers)
    if wanted := account.get("waba_webhook"):
        found += [] if is_webhook(wanted, state["waba"]) else [f"waba_webhook_{'mismatch' if state['waba'] else 'missing'}"]
    if wanted := account.get("multi_webhook"):
        found += _multi(wanted, state["multi"])
    return found


def _customer(wanted: dict[str, Any] | None, own: dict[str, Any] | None, shows_headers: bool) -> list[str]:
    if wanted is None:
        return ["waba_webhook_shadowed"] if own else []
    if own is None:
        return ["customer_webhook_missing"]
    are_same = not shows_headers or "headers" not in wanted or same_headers(wanted["headers"], own["headers"])
    return [] if own["url"] == wanted["url"] and are_same else ["customer_webhook_mismatch"]


def _multi(wanted: dict[str, Any], multi: dict[str, Any]) -> list[str]:
    if not wanted.get("enabled", True):
        return ["multi_webhook_enabled"] if multi["enabled"] else []
    found = [] if multi["enabled"] else ["multi_webhook_disabled"]
    there = {one["name"]: one for one in multi["destinations"]}
    for one in wanted["destinations"]:
        if one["name"] not in there:
            found.append("destination_missing")
        elif not is_webhook(one, there[one["name"]]):
            found.append("destination_mismatch")
    names = {one["name"] for one in wanted["destinations"]}
    return found + ["destination_unexpected" for name in there if name not in names]
