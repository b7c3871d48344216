"""The operations of a history, and what a reading says of a write: written from the contract, not from the library's code."""

import json
import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .secrets import Vocabulary

MULTI, CUSTOMER, WABA = "/multi_webhook", "/v1/configs/webhook", "/waba_webhook"


@dataclass(frozen=True)
class Operation:
    function: str
    method: str
    target: str
    argument: Any = None
    """The request as JSON; the name for a delete."""
    wait_ms: int | None = None

    @property
    def is_reading(self) -> bool:
        return self.method == "GET"

    @property
    def reading(self) -> str:
        """The path of the reading that would show it."""
        return MULTI if self.target.startswith(MULTI) else self.target

    @property
    def arguments(self) -> list[Any]:
        given = [] if self.argument is None else [self.argument]
        return given + ([] if self.wait_ms is None else [self.wait_ms])

    def is_hidden(self, shows_headers: bool) -> bool:
        """True if no reading can show all that it asks for."""
        if self.function == "customer_webhook_set":
            return not shows_headers
        return self.function == "waba_webhook_set" and bool(self.argument.get("override_all"))

    def __str__(self) -> str:
        return f"{self.function}({', '.join(json.dumps(one, ensure_ascii=False) for one in self.arguments)})"


def any_operation(chance: random.Random, words: Vocabulary) -> Operation:
    makers = [
        _reading,
        _reading,
        _set,
        _set,
        _append,
        _append,
        _update,
        _update,
        _delete,
        _customer,
        _customer,
        _waba,
        _waba,
        _wait,
    ]
    return chance.choice(makers)(chance, words)


def _reading(chance: random.Random, words: Vocabulary) -> Operation:
    functions = {MULTI: "multi_webhook_get", CUSTOMER: "customer_webhook_get", WABA: "waba_webhook_get"}
    target = chance.choice(list(functions))
    return Operation(functions[target], "GET", target)


def _set(chance: random.Random, words: Vocabulary) -> Operation:
    request: dict[str, Any] = {"enabled": chance.random() < 0.75}
    if request["enabled"] and chance.random() < 0.5:
        request["destinations"] = [words.destination(name) for name in words.some_names()]
    return Operation("multi_webhook_set", "POST", MULTI, request)


def _append(chance: random.Random, words: Vocabulary) -> Operation:
    destinations = [words.destination(name) for name in words.some_names(1)[:2]]
    return Operation("multi_webhook_append", "PUT", MULTI, {"destinations": destinations})


def _update(chance: random.Random, words: Vocabulary) -> Operation:
    changes: dict[str, Any] = chance.choice(
        [{"url": words.url()}, {"headers": words.headers()}, {"url": words.url(), "headers": words.headers()}]
    )
    return Operation("multi_webhook_update", "PATCH", MULTI, {"name": chance.choice(words.names), **changes})


def _delete(chance: random.Random, words: Vocabulary) -> Operation:
    name = chance.choice(words.names)
    return Operation("multi_webhook_delete", "DELETE", f"{MULTI}/{quote(name, safe='')}", name)


def _customer(chance: random.Random, words: Vocabulary) -> Operation:
    return Operation("customer_webhook_set", "POST", CUSTOMER, words.webhook())


def _waba(chance: random.Random, words: Vocabulary) -> Operation:
    override = {"override_all": chance.random() < 0.5} if chance.random() < 0.5 else {}
    return Operation("waba_webhook_set", "POST", WABA, {**words.webhook(), **override})


def _wait(chance: random.Random, words: Vocabulary) -> Operation:
    return Operation("waba_webhook_wait", "GET", WABA, words.webhook(), chance.choice([0, 200, 500]))


# What a reading says


def folded(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def is_on(multi: dict[str, Any]) -> bool:
    """A reading without `enabled` is on if it has destinations."""
    enabled = multi.get("enabled")
    return bool(multi.get("destinations")) if enabled is None else enabled


def shows(operation: Operation, reading: dict[str, Any]) -> bool:
    """True if a reading shows all that a write, or a wait, asks for. A member that is absent or null shows nothing."""
    asked = operation.argument
    there = {one["name"]: one for one in reading.get("destinations") or []}
    match operation.function:
        case "multi_webhook_set":
            wanted = asked.get("destinations", [])
            return is_on(reading) == asked["enabled"] and all(_has(there.get(one["name"]), one) for one in wanted)
        case "multi_webhook_append":
            return is_on(reading) and all(_has(there.get(one["name"]), one) for one in asked["destinations"])
        case "multi_webhook_update":
            one = there.get(asked["name"])
            return one is not None and _has(one, {"headers": one.get("headers"), "url": one["url"], **asked})
        case "multi_webhook_delete":
            return asked not in there
        case "waba_webhook_wait":
            known = reading.get("headers")
            return _has({**reading, "headers": {} if known is None else known}, asked) or (
                known is None and reading.get("url") == asked["url"]
            )
        case _:
            return _has(reading, asked)


def _has(there: dict[str, Any] | None, asked: dict[str, Any]) -> bool:
    if there is None or there.get("url") != asked["url"]:
        return False
    if asked.get("headers", {}) == there.get("headers"):
        return True
    return there.get("headers") is not None and folded(there["headers"]) == folded(asked.get("headers") or {})


def is_set(operation: Operation, state: dict[str, Any]) -> bool:
    """True if the service holds what a write asks for; `state` is what `Peers.model.Service.state` answers."""
    if operation.is_reading or operation.is_hidden(shows_headers=True):
        return False
    section = {MULTI: "multi", CUSTOMER: "customer", WABA: "waba"}[operation.reading]
    return shows(operation, state[section] or {})
