# SPDX-License-Identifier: Apache-2.0
"""The six writes, tried so that nothing is changed in the end."""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from d360webhook import Channel, D360Error, NotEnabled, NotFound
from d360webhook.cli import messages
from d360webhook.cli.service_facts import Exchanges, Fact, Settings

PREFIX = "d360-webhook-check-"
# Nothing can be delivered there: RFC 2606 keeps .invalid from ever being a host.
_URL = "https://D360-Webhook-Check.invalid"
_UPDATED = "https://d360-webhook-check.invalid/updated"
# How long a change may take to show. The WABA's webhook is set to what it is, so nothing is waited for there.
_SHOWN_WITHIN = 10.0
_STARTED = "Operation started successfully"
_DOCUMENTED = {
    "POST /v1/configs/webhook": "200 {url}", "POST /multi_webhook": f"200 {_STARTED}", "PUT /multi_webhook": "200 with a message",
    "PATCH /multi_webhook": "200 with a message", "DELETE /multi_webhook/NAME": "200 with a message",
    "POST /waba_webhook": "200 Webhook will be set for waba_id: N",
}  # fmt: skip
_APPENDED = "PUT /multi_webhook"


class Trial:
    """Tries the writes of one number. `restore` undoes what is left of them, after any interruption."""

    def __init__(self, channel: Channel, exchanges: Exchanges, before: Settings, headers: Mapping[str, str] | None) -> None:
        self._channel, self._exchanges = channel, exchanges
        self._name = PREFIX + secrets.token_hex(4)
        customer, multi, waba = before.customer, before.multi, before.waba
        self._url = customer.value.get("url")
        shown = customer.value.get("headers") if "headers" in customer.value else headers
        self._headers: Mapping[str, str] = shown or {}
        self._waba_url, self._waba_headers = waba.value.get("url"), waba.value.get("headers") or {}
        found = multi.value.get("destinations") or []
        # What an earlier run left behind, because it was killed, is not a setting of the user's.
        self._left = [one["name"] for one in found if str(one.get("name")).startswith(PREFIX)]
        self._destinations = [one for one in found if one["name"] not in self._left]
        self._enabled = bool(multi.value.get("enabled", bool(found)))
        self._sent: set[str] = set()
        # Why a write is not tried: it could not be undone.
        self.untried: dict[str, str] = {}
        if not customer.is_known or not self._url:
            self.untried["POST /v1/configs/webhook"] = messages.OWN_WEBHOOK_WOULD_STAY
        elif "headers" not in customer.value and headers is None:
            self.untried["POST /v1/configs/webhook"] = messages.GIVE_HEADERS
        if not waba.is_known or not self._waba_url:
            self.untried["POST /waba_webhook"] = messages.WABA_WEBHOOK_WOULD_STAY
        elif "headers" not in waba.value:
            self.untried["POST /waba_webhook"] = messages.WABA_HEADERS_NOT_SHOWN
        reason = ""
        if not multi.is_known:
            reason = messages.MULTI_NOT_READ
        elif not self._enabled and self._destinations:
            reason = messages.would_send_events(len(self._destinations))
        if reason:
            self.untried.update(dict.fromkeys(_DOCUMENTED.keys() - {"POST /v1/configs/webhook", "POST /waba_webhook"}, reason))

    def announcement(self) -> Iterator[str]:
        """Describes what will be sent, for the person who is asked."""
        plans = {
            "POST /v1/configs/webhook": messages.SETS_OWN_WEBHOOK_AS_IT_IS,
            "POST /multi_webhook": messages.TURNS_MULTI_ON,
            _APPENDED: messages.appends(self._name),
            "PATCH /multi_webhook": messages.CHANGES_ITS_URL,
            "DELETE /multi_webhook/NAME": messages.DELETES_IT,
            "POST /waba_webhook": messages.SETS_WABA_WEBHOOK_AS_IT_IS,
        }
        for write, plan in plans.items():
            yield f"{write}: {messages.not_tried(self.untried[write]) if write in self.untried else plan}"

    def run(self) -> Iterator[Fact]:
        """Each write and what became of it."""
        channel, name = self._channel, self._name
        yield self._tried("POST /v1/configs/webhook", lambda: channel.customer_webhook_set(self._url or "", self._headers))
        yield self._tried("POST /multi_webhook", lambda: channel.multi_webhook_set(True))
        yield self._tried(_APPENDED, lambda: channel.multi_webhook_append([{"name": name, "url": _URL}]))
        yield from self._shown()
        yield self._tried("PATCH /multi_webhook", lambda: channel.multi_webhook_update(name, _UPDATED))
        yield self._tried("DELETE /multi_webhook/NAME", lambda: channel.multi_webhook_delete(name))
        yield self._tried("POST /waba_webhook", lambda: channel.waba_webhook_set(self._waba_url or "", self._waba_headers))

    def _tried(self, write: str, call: Callable[[], Mapping[str, Any]]) -> Fact:
        documented = _DOCUMENTED[write]
        if write in self.untried:
            return Fact(write, messages.not_tried(self.untried[write]), documented)
        self._exchanges.forget()
        self._sent.add(write)
        try:
            answer = call()
        except D360Error as error:
            if write == _APPENDED:
                self.untried.update(
                    dict.fromkeys(("PATCH /multi_webhook", "DELETE /multi_webhook/NAME"), messages.NOTHING_APPENDED)
                )
            return Fact(write, f"{self._exchanges.status}, {error.status}", documented)
        message = answer.get("message")
        # A message may name the WABA.
        said = re.sub(r"\d+", "N", message) if isinstance(message, str) else f"{{{', '.join(sorted(answer))}}}"
        return Fact(write, f"{self._exchanges.status} {said}", documented)

    def _shown(self) -> Iterator[Fact]:
        """How soon a destination shows, and how its URL is written then."""
        if _APPENDED in self.untried or "PATCH /multi_webhook" in self.untried:
            return
        begun = time.monotonic()
        while time.monotonic() - begun < _SHOWN_WITHIN:
            listed = self._channel.multi_webhook_get().get("destinations") or []
            url = next((one.get("url") for one in listed if one.get("name") == self._name), None)
            if url is not None:
                yield Fact("an appended destination shows", f"within {int(time.monotonic() - begun) + 1} s", "not said")
                yield Fact("a URL in an answer", "as it was sent" if url == _URL else "normalised", "not said")
                return
            time.sleep(0.25)
        yield Fact("an appended destination shows", f"not within {_SHOWN_WITHIN:.0f} s", "not said")

    def restore(self) -> list[str]:
        """Puts back what was there, and says what it could not."""
        if not self._sent:
            return []
        problems: list[str] = []
        for name in [self._name] * (_APPENDED in self._sent) + self._left:
            self._undone(problems, messages.DESTINATION_STAYS, partial(self._removed, name))
        if not self._enabled and "POST /multi_webhook" in self._sent:
            self._undone(problems, messages.MULTI_STAYS_ON, lambda: self._channel.multi_webhook_set(False))
        self._undone(problems, messages.SETTINGS_NOT_READ, lambda: self._compare(problems))
        return problems

    def _undone(self, problems: list[str], what: str, call: Callable[[], object]) -> None:
        try:
            call()
        except D360Error as error:
            problems.append(f"{what}: {error.message} ({error.status})")

    def _removed(self, name: str) -> None:
        try:
            self._channel.multi_webhook_delete(name)
        except (NotFound, NotEnabled):
            pass

    def _compare(self, problems: list[str]) -> None:
        """Waits until the settings are what they were."""
        end = time.monotonic() + _SHOWN_WITHIN
        while True:
            now = Settings.of(self._channel, self._exchanges)
            different = [
                what for what, is_same in (
                    (messages.OWN_WEBHOOK, now.customer.value.get("url") == self._url),
                    (messages.DESTINATIONS, (now.multi.value.get("destinations") or []) == self._destinations),
                    (messages.MULTI_STATE, bool(now.multi.value.get("enabled", bool(self._destinations))) == self._enabled),
                    (messages.WABA_WEBHOOK, now.waba.value.get("url") == self._waba_url),
                ) if not is_same
            ]  # fmt: skip
            if not different or time.monotonic() > end:
                break
            time.sleep(0.25)
        problems += [messages.is_not_what_it_was(what) for what in different]
