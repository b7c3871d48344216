"""The findings that an audit has of each account, by what the service holds: code and path, from the contract's table."""

from typing import Any

from .fleets import same_headers, shown_headers
from .planning import Account, Fleet, State

Finding = tuple[str, str]


def expected(fleet: Fleet) -> list[list[Finding]]:
    """Of each account, sorted."""
    found = [
        _of(account, state, fleet) if state is not None else [("unauthorized", "/api_key")]
        for account, state in zip(fleet.document["accounts"], fleet.states, strict=True)
    ]
    for index, count in _unmanaged(fleet).items():
        found[index] += [("number_unmanaged", "/waba_webhook")] * count
    return [sorted(one) for one in found]


def _of(account: Account, state: State, fleet: Fleet) -> list[Finding]:
    channel, expect = fleet.channels[account["api_key"]], account.get("expect", {})
    found = [] if state["customer"] or state["waba"] else [("no_route", "")]
    if expect.get("waba_id", channel["waba_id"]) != channel["waba_id"]:
        found.append(("wrong_waba", "/expect/waba_id"))
    if "number" in expect and expect["number"] not in fleet.numbers(channel["waba_id"]):
        found.append(("number_not_on_waba", "/expect/number"))
    if "customer_webhook" in account:
        found += _customer(account["customer_webhook"], state["customer"], fleet.shows_headers)
    if wanted := account.get("waba_webhook"):
        found += _webhook("waba_webhook", "/waba_webhook", wanted, state["waba"])
    if wanted := account.get("multi_webhook"):
        found += _multi(wanted, state["multi"])
    return found


def _webhook(code: str, path: str, wanted: dict[str, Any], there: dict[str, Any] | None) -> list[Finding]:
    if there is None:
        return [(f"{code}_missing", f"{path}/url")]
    found = [] if there["url"] == wanted["url"] else [(f"{code}_mismatch", f"{path}/url")]
    if not same_headers(wanted.get("headers", {}), there["headers"]):
        found.append((f"{code}_mismatch", f"{path}/headers"))
    return found


def _customer(wanted: dict[str, Any] | None, own: dict[str, Any] | None, shows_headers: bool) -> list[Finding]:
    path = "/customer_webhook"
    if wanted is None:
        return [("waba_webhook_shadowed", f"{path}/url")] if own else []
    shown = shown_headers(own, shows_headers)
    headers = wanted.get("headers")
    there = {**own, "headers": shown if headers is not None and shown is not None else headers or {}} if own else None
    found = _webhook("customer_webhook", path, wanted, there)
    return found + ([("headers_unverifiable", f"{path}/headers")] if headers and shown is None else [])


def _multi(wanted: dict[str, Any], multi: dict[str, Any]) -> list[Finding]:
    path = "/multi_webhook"
    if not wanted.get("enabled", True):
        return [("multi_webhook_enabled", f"{path}/enabled")] if multi["enabled"] else []
    found = [] if multi["enabled"] else [("multi_webhook_disabled", f"{path}/enabled")]
    there = {one["name"]: one for one in multi["destinations"]}
    given = {one["name"]: one for one in wanted["destinations"]}
    for name, one in given.items():
        found += _webhook("destination", f"{path}/destinations/{segment(name)}", one, there.get(name))
    return found + [("destination_unexpected", f"{path}/destinations/{segment(name)}/url") for name in there if name not in given]


def segment(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unmanaged(fleet: Fleet) -> dict[int, int]:
    """How many numbers nobody expects, by the first account of their WABA: only where every account of it names its number."""
    accounts = fleet.document["accounts"]
    expected_numbers = {account["expect"]["number"] for account in accounts if "number" in account.get("expect", {})}
    firsts: dict[int, int] = {}
    incomplete: set[int] = set()
    for index, account in enumerate(accounts):
        expect = account.get("expect", {})
        channel = fleet.channels.get(account["api_key"]) if fleet.states[index] is not None else None
        if channel is None and "number" not in expect and "waba_id" not in expect:
            return {}
        waba = channel["waba_id"] if channel else expect.get("waba_id")
        if channel:
            firsts.setdefault(waba, index)
        if "number" not in expect:
            incomplete.add(waba)
    unmanaged = {index: set(fleet.numbers(waba)) - expected_numbers for waba, index in firsts.items() if waba not in incomplete}
    return {index: len(numbers) for index, numbers in unmanaged.items() if numbers}
