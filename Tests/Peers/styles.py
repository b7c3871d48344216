"""How readings look. The specification shows one way; the service was seen to answer in others."""

from typing import Any

from .rules import Refusal

STYLES = ("specification", "observed", "not_found")


def multi(style: str, multi: dict[str, Any]) -> dict[str, Any]:
    if style != "observed":
        return multi
    destinations = [{**one, "headers": one["headers"] or None} for one in multi["destinations"]]
    return {"enabled": multi["enabled"], "destinations": destinations or None}


def customer(style: str, webhook: dict[str, Any] | None) -> dict[str, Any]:
    """Raises the 404 of `not_found`."""
    if style == "observed":
        return {"url": webhook and webhook["url"], "headers": (webhook and webhook["headers"]) or None}
    if webhook is None and style == "not_found":
        raise Refusal(404, "D360_NOT_FOUND", "Webhook not found")
    return {"url": webhook["url"]} if webhook else {}


def specified(style: str, function: str, shown: Any) -> Any:
    """Brings a reading in this style to that of the specification, after a check of its form; other answers stay as they are."""
    if style != "observed":
        return shown
    match function:
        case "multi_webhook_get":
            multi_shown = {
                "enabled": shown["enabled"],
                "destinations": [{**one, "headers": one["headers"] or {}} for one in shown["destinations"] or []],
            }
            assert shown == multi(style, multi_shown), shown
            return multi_shown
        case "customer_webhook_get":
            assert shown == customer(style, shown if shown["url"] else None), shown
            return {"url": shown["url"]} if shown["url"] else {}
        case "waba_webhook_get" | "waba_webhook_wait":
            webhook = {"url": shown["url"], "headers": shown["headers"] or {}} if shown["url"] else {}
            numbers = {name: shown[name] for name in ("waba_id", "numbers_on_this_waba")}
            assert shown == waba(style, webhook, *numbers.values()), shown
            return {**webhook, **numbers}
        case _:
            return shown


def waba(style: str, webhook: dict[str, Any] | None, waba_id: int, numbers: list[str]) -> dict[str, Any]:
    shown = webhook or {}
    if style == "observed":
        shown = {"url": shown.get("url"), "headers": shown.get("headers") or None}
    return {**shown, "waba_id": waba_id, "numbers_on_this_waba": numbers}
