"""Random fleets: what the numbers have before, and a document that asks for something else."""

import json
import random
from typing import Any

from .histories import World
from .operations import Operation, any_operation


def given(here: World) -> dict[str, Any]:
    """Random operations past the socket, its journal and its delays; the service rejects most of them. Then the document."""
    chance = here.chance
    disturb(here, *here.keys)
    wabas = {channel["waba_id"]: here.words.webhook() for channel in here.channels}
    overrides = {waba: chance.random() < 0.3 for waba in wabas}
    accounts = [
        _account(here, f"n{index}", channel, wabas, overrides[channel["waba_id"]]) for index, channel in enumerate(here.channels)
    ]
    return {"accounts": accounts}


def disturb(here: World, *keys: str) -> None:
    """A few operations on each of these numbers, which show at once."""
    service = here.peer.service
    delays = service.show_after, service.apply_delay
    service.show_after = service.apply_delay = 0
    for key in keys:
        for _ in range(here.chance.randint(0, 6)):
            _perform(here, any_operation(here.chance, here.words), key)
    service.show_after, service.apply_delay = delays


def _perform(here: World, operation: Operation, key: str) -> None:
    if operation.is_reading:
        return
    body = b"" if operation.method == "DELETE" else json.dumps(operation.argument).encode()
    headers = {"d360-api-key": key, "content-type": "application/json"}
    here.peer.service.perform(operation.method, operation.target, headers, body)


def _account(here: World, name: str, channel: dict[str, Any], wabas: dict[int, Any], overrides: bool) -> dict[str, Any]:
    chance, words = here.chance, here.words
    key = here.secrets.make("key") if chance.random() < 0.04 else channel["api_key"]
    account: dict[str, Any] = {"name": name, "api_key": key}
    expect: dict[str, Any] = {}
    if chance.random() < 0.6:
        expect["waba_id"] = channel["waba_id"] + (1_000 if chance.random() < 0.06 else 0)
    if "phone_number" in channel and (overrides or chance.random() < 0.5):
        expect["number"] = channel["phone_number"].removeprefix("+")
    if expect:
        account["expect"] = expect
    if overrides or chance.random() < 0.7:
        account["customer_webhook"] = None if chance.random() < 0.3 else words.webhook()
    if chance.random() < 0.7:
        webhook = words.webhook() if chance.random() < 0.05 else wabas[channel["waba_id"]]
        account["waba_webhook"] = {**webhook, **({"override_all": True} if overrides else {})}
    if chance.random() < 0.7:
        account["multi_webhook"] = _multi(chance, here)
    return account


def _multi(chance: random.Random, here: World) -> dict[str, Any]:
    if chance.random() < 0.15:
        return {"enabled": False}
    destinations = [here.words.destination(name) for name in here.words.some_names()[:3]]
    return {"prune": chance.random() < 0.5, "destinations": destinations}


# What a document wants, and whether the service has it


def is_as_wanted(account: dict[str, Any], state: dict[str, Any], shows_headers: bool) -> bool:
    """As far as readings can show it. `state` is what `Peers.model.Service.state` answers."""
    if "customer_webhook" in account:
        wanted, own = account["customer_webhook"], state["customer"]
        if (wanted or {}).get("url") != (own or {}).get("url"):
            return False
        shown = shown_headers(own, shows_headers)
        if wanted and "headers" in wanted and shown is not None and not same_headers(wanted["headers"], shown):
            return False
    if "waba_webhook" in account and not is_webhook(account["waba_webhook"], state["waba"]):
        return False
    return "multi_webhook" not in account or _is_multi(account["multi_webhook"], state["multi"])


def is_webhook(wanted: dict[str, Any], there: dict[str, Any] | None) -> bool:
    """A document that leaves headers out means none."""
    return there is not None and there["url"] == wanted["url"] and same_headers(wanted.get("headers", {}), there["headers"])


def has_destination(wanted: dict[str, Any], there: list[dict[str, Any]]) -> bool:
    return any(one["name"] == wanted["name"] and is_webhook(wanted, one) for one in there)


def shown_headers(own: dict[str, Any] | None, shows_headers: bool) -> dict[str, str] | None:
    """Of a number's own webhook; a style that shows them has null where there are none, which says nothing."""
    return (own["headers"] or None) if own and shows_headers else None


def same_headers(one: dict[str, str], other: dict[str, str]) -> bool:
    return {name.lower(): value for name, value in one.items()} == {name.lower(): value for name, value in other.items()}


def _is_multi(wanted: dict[str, Any], multi: dict[str, Any]) -> bool:
    if not wanted.get("enabled", True):
        return not multi["enabled"]
    there = {one["name"]: one for one in multi["destinations"]}
    names = {one["name"] for one in wanted["destinations"]}
    are_there = all(is_webhook(one, there.get(one["name"])) for one in wanted["destinations"])
    return multi["enabled"] and are_there and (not wanted.get("prune") or set(there) <= names)
