"""What the service keeps and answers: channels (a key, a phone number, its WABA) and the nine operations on them."""

import copy
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from . import rules, styles
from .rules import Refusal, conflict, invalid

WABA = 123065260884961
CHANNELS = [
    {"phone_number_id": "106540352242922", "phone_number": "+4930123456", "waba_id": WABA, "api_key": "key-berlin"},
    {"phone_number_id": "106540352242923", "phone_number": "+4989123456", "waba_id": WABA, "api_key": "key-munich"},
    {"phone_number_id": "206540352242924", "waba_id": 9_007_199_254_740_993, "api_key": "key-vienna"},
]


@dataclass
class Answer:
    code: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Content-Type", "application/json")])


class Shown:
    """A value that readings see only some time after it was changed; writes are judged by the newest."""

    def __init__(self, value: Any) -> None:
        self.newest = value
        self._changes = [(0.0, value)]

    def set(self, value: Any, delay: float) -> None:
        self.newest = value
        self._changes.append((time.monotonic() + delay, value))

    @property
    def shown(self) -> Any:
        now = time.monotonic()
        due = [index for index, (moment, _) in enumerate(self._changes) if moment <= now]
        del self._changes[: due[-1]]
        return self._changes[0][1]


class Number:
    def __init__(self, channel: dict[str, Any]) -> None:
        self.channel = dict(channel)
        self.multi = Shown({"enabled": False, "destinations": []})
        self.customer = Shown(None)


class WABAWebhook:
    def __init__(self) -> None:
        self.current: dict[str, Any] | None = None
        self.pending: tuple[float, dict[str, Any], bool] | None = None


class Service:
    """The vendor's service for several channels. Safe to use from any thread.

    `voice`: "vendor", or "ours" (error bodies with our status and path). `show_after_ms`: every change shows in
    readings only so much later. `apply_delay_ms`: the same for WABA webhooks alone; `override_all` takes effect then.
    `answers`: one of `styles.STYLES`.
    """

    def __init__(
        self,
        channels: list[dict[str, Any]] | None = None,
        voice: str = "vendor",
        base: str = "",
        url_policy: str = "cloud",
        max_destinations: int = 3,
        show_after_ms: int = 0,
        apply_delay_ms: int = 0,
        answers: str = "specification",
    ) -> None:
        if voice not in ("vendor", "ours") or url_policy not in ("cloud", "local") or answers not in styles.STYLES:
            raise ValueError(f"voice {voice}, url_policy {url_policy}, answers {answers}")
        self.voice, self.answers = voice, answers
        self.base = base.rstrip("/")
        self.url = rules.webhook_url(url_policy)
        self.max_destinations = max_destinations
        self.show_after, self.apply_delay = show_after_ms / 1_000, apply_delay_ms / 1_000
        self._lock = threading.RLock()
        self._numbers: dict[str, Number] = {}
        self._wabas: dict[int, WABAWebhook] = {}
        for channel in CHANNELS if channels is None else channels:
            self.register(channel)

    # Channels

    def register(self, channel: dict[str, Any]) -> None:
        """Adds a channel, or replaces what is given of a known one."""
        with self._lock:
            known = self._numbers.get(channel["phone_number_id"])
            if known:
                known.channel.update(channel)
            else:
                known = self._numbers[channel["phone_number_id"]] = Number(channel)
            self._wabas.setdefault(known.channel["waba_id"], WABAWebhook())
            self._forget_empty_wabas()

    def remove(self, phone_number_id: str) -> None:
        with self._lock:
            del self._numbers[phone_number_id]
            self._forget_empty_wabas()

    def _forget_empty_wabas(self) -> None:
        used = {number.channel["waba_id"] for number in self._numbers.values()}
        self._wabas = {waba: webhook for waba, webhook in self._wabas.items() if waba in used}

    def state(self, key: str) -> dict[str, Any]:
        """Everything behind a key as it was last written, shown or not; headers of the customer webhook included."""
        with self._lock:
            number = self._number(key)
            waba = self._waba(number)
            newest = waba.pending[1] if waba.pending else waba.current
            return copy.deepcopy({"multi": number.multi.newest, "customer": number.customer.newest, "waba": newest})

    # Requests

    def perform(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """`headers` have names in lower case. First rule first: path, method, key, size, content type, JSON, limits."""
        with self._lock:
            try:
                operation, argument = self._route(method, target)
                number = self._number(headers.get("d360-api-key", ""))
                self._settle()
                if argument is not None or method in ("GET", "HEAD"):
                    answer = operation(number) if argument is None else operation(number, argument)
                else:
                    answer = operation(number, self._json(headers, body))
            except Refusal as refusal:
                return self._refused(refusal)
            text = b"" if method == "HEAD" else json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
            return Answer(200, text)

    def _route(self, method: str, target: str) -> tuple[Any, str | None]:
        path = target.partition("?")[0]
        inside = path.removeprefix(self.base) if path.startswith(self.base) else ""
        customer = "/configs/webhook" if self.base.endswith("/v1") else "/v1/configs/webhook"
        known = {
            "/multi_webhook": {"GET": self._multi, "POST": self._set, "PUT": self._append, "PATCH": self._update},
            customer: {"GET": self._customer, "POST": self._set_customer},
            "/waba_webhook": {"GET": self._waba_webhook, "POST": self._set_waba},
        }
        operations, name = known.get(inside), None
        if segment := re.fullmatch("/multi_webhook/([^/]*)", inside):
            operations, name = {"DELETE": self._delete}, unquote_to_bytes(segment[1]).decode(errors="replace")
        if operations is None:
            raise Refusal(404, "D360_NOT_FOUND", "unknown path")
        operation = operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise Refusal(405, "D360_INVALID_REQUEST", "method not allowed", allow=", ".join(operations))
        return operation, name

    def _number(self, key: str) -> Number:
        for number in self._numbers.values():
            if key and number.channel["api_key"] == key:
                return number
        raise Refusal(401, "D360_UNAUTHORIZED", "the API key is missing or wrong")

    def _json(self, headers: dict[str, str], body: bytes) -> Any:
        if len(body) > rules.MAXIMUM_BODY:
            raise Refusal(413, "D360_INVALID_REQUEST", "the request must have at most 1 MiB", "")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "D360_INVALID_REQUEST", "the body must be application/json")
        return rules.parse(body)

    def _refused(self, refusal: Refusal) -> Answer:
        body: dict[str, Any] = {"error": refusal.message}
        if self.voice == "vendor" and refusal.code == 409:
            body = {"message": refusal.message}
        if self.voice == "ours":
            body["status"] = refusal.status
            if refusal.code == 409:
                body["message"] = refusal.message
            if refusal.path is not None:
                body["path"] = refusal.path
        answer = Answer(refusal.code, json.dumps(body, ensure_ascii=False).encode())
        if refusal.allow:
            answer.headers.append(("Allow", refusal.allow))
        return answer

    # Multi-webhook

    def _multi(self, number: Number) -> Any:
        return styles.multi(self.answers, number.multi.shown)

    def _set(self, number: Number, request: Any) -> Any:
        destinations = rules.destinations(self.url)
        asked = rules.members(request, "", {"enabled": rules.boolean}, {"destinations": destinations})
        if not asked["enabled"] and "destinations" in asked:
            message = "disabling takes no destinations: they are kept, and come back when it is enabled"
            raise invalid(message, "/destinations")
        before, new = number.multi.newest, asked.get("destinations", [])
        if before["enabled"] and asked["enabled"] and new:
            raise conflict("multi-webhook is enabled already: append the destinations instead", "/destinations")
        return self._change(number, {"enabled": asked["enabled"], "destinations": self._joined(before, new)})

    def _append(self, number: Number, request: Any) -> Any:
        new = rules.members(request, "", {"destinations": rules.destinations(self.url)}, {})["destinations"]
        if not new:
            raise invalid("there is no destination to append", "/destinations")
        before = self._enabled(number)
        return self._change(number, {"enabled": True, "destinations": self._joined(before, new)})

    def _update(self, number: Number, request: Any) -> Any:
        optional = {"url": self.url, "headers": rules.headers}
        asked = rules.members(request, "", {"name": rules.string}, optional)
        if len(asked) == 1:
            raise invalid("url or headers is required", "")
        before = self._enabled(number)
        place = self._place(before, asked["name"], "/name")
        destinations = list(before["destinations"])
        destinations[place] = {**destinations[place], **asked}
        return self._change(number, {"enabled": True, "destinations": destinations})

    def _delete(self, number: Number, name: str) -> Any:
        before = self._enabled(number)
        place = self._place(before, name, None)
        destinations = before["destinations"][:place] + before["destinations"][place + 1 :]
        self._change(number, {"enabled": True, "destinations": destinations})
        return {"message": "Destination deleted successfully"}

    def _enabled(self, number: Number) -> Any:
        if not number.multi.newest["enabled"]:
            raise Refusal(409, "D360_NOT_ENABLED", "multi-webhook is not enabled")
        return number.multi.newest

    def _joined(self, before: Any, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for index, destination in enumerate(new):
            if any(known["name"] == destination["name"] for known in before["destinations"]):
                raise conflict(f"destination name '{destination['name']}' is taken", f"/destinations/{index}/name")
        joined: list[dict[str, Any]] = before["destinations"] + new
        if new and len(joined) > self.max_destinations:
            has = len(before["destinations"])
            message = f"at most {self.max_destinations} destinations per phone number; it has {has}"
            raise Refusal(400, "D360_LIMIT_EXCEEDED", message, "/destinations")
        return joined

    def _place(self, before: Any, name: str, path: str | None) -> int:
        for index, destination in enumerate(before["destinations"]):
            if destination["name"] == name:
                return index
        raise Refusal(404, "D360_NOT_FOUND", f"no destination is named '{name}'", path)

    def _change(self, number: Number, multi: Any) -> Any:
        number.multi.set(multi, self.show_after)
        return {"message": "Operation started successfully"}

    # The number's own webhook, and its WABA's

    def _webhook(self, request: Any, **optional: Any) -> dict[str, Any]:
        asked = rules.members(request, "", {"url": self.url}, {"headers": rules.headers, **optional})
        return {"headers": {}, **asked}

    def _customer(self, number: Number) -> Any:
        return styles.customer(self.answers, number.customer.shown)

    def _set_customer(self, number: Number, request: Any) -> Any:
        webhook = self._webhook(request)
        number.customer.set(webhook, self.show_after)
        return {"url": webhook["url"]}

    def _waba(self, number: Number) -> WABAWebhook:
        return self._wabas[number.channel["waba_id"]]

    def _waba_webhook(self, number: Number) -> Any:
        waba_id = number.channel["waba_id"]
        siblings = [other.channel for other in self._numbers.values() if other.channel["waba_id"] == waba_id]
        numbers = [channel.get("phone_number", channel["phone_number_id"]) for channel in siblings]
        return styles.waba(self.answers, self._waba(number).current, waba_id, numbers)

    def _set_waba(self, number: Number, request: Any) -> Any:
        webhook = self._webhook(request, override_all=rules.boolean)
        override_all = webhook.pop("override_all", False)
        due = time.monotonic() + max(self.apply_delay, self.show_after)
        # In place of one that is not due yet: the latest wins.
        self._waba(number).pending = (due, {"url": webhook["url"], "headers": webhook["headers"]}, override_all)
        self._settle()
        return {"message": f"Webhook will be set for waba_id: {number.channel['waba_id']}"}

    def _settle(self) -> None:
        """Makes WABA webhooks current whose time has come."""
        now = time.monotonic()
        for waba_id, waba in self._wabas.items():
            if waba.pending and waba.pending[0] <= now:
                (_, waba.current, override_all), waba.pending = waba.pending, None
                for number in self._numbers.values():
                    if override_all and number.channel["waba_id"] == waba_id:
                        number.customer.set(None, 0)
