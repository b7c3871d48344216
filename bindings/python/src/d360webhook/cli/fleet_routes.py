# SPDX-License-Identifier: Apache-2.0
"""Where a number's events go: to its own webhook or its WABA's, and copies to destinations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from d360webhook.cli.text import shown_url

Account = Mapping[str, Any]


@dataclass
class Route:
    """Without secrets: URLs as they may be shown."""

    own: str | None = None
    waba: str | None = None
    destinations: dict[str, str] = field(default_factory=dict)

    @property
    def main(self) -> tuple[str, str] | None:
        """Which webhook takes the events, and its URL; None: they are lost."""
        if self.own is not None:
            return ("own webhook", self.own)
        return None if self.waba is None else ("WABA's webhook", self.waba)


class Routes:
    """Of the accounts of one document; those that share `webhooks` and profiles."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._webhooks = document.get("webhooks") or {}
        self._profiles = document.get("profiles") or {}
        self._accounts = {account["name"]: account for account in document["accounts"]}

    def there(self, name: str) -> Route | None:
        """What an exported document says; None where the account could not be read."""
        account = self._accounts.get(name)
        return None if account is None else self._over(account, Route())

    def wanted(self, name: str, now: Route | None) -> Route:
        """What the document says; what it does not manage stays as it is."""
        return self._over(self._accounts[name], now or Route())

    def _over(self, account: Account, now: Route) -> Route:
        sections = {**self._profiles.get(account.get("profile"), {}), **account}
        own, waba = now.own, now.waba
        if "customer_webhook" in sections:
            own = self._url(sections["customer_webhook"])
        if "waba_webhook" in sections:
            waba = self._url(sections["waba_webhook"])
        destinations = dict(now.destinations)
        multi = sections.get("multi_webhook")
        if multi is not None:
            if not multi.get("enabled", True):
                destinations = {}
            else:
                kept = {} if multi.get("prune") else destinations
                given = {one["name"]: self._url(one) or "" for one in multi.get("destinations") or ()}
                destinations = {**kept, **given}
        return Route(own, waba, destinations)

    def _url(self, webhook: Mapping[str, Any] | None) -> str | None:
        if webhook is None:
            return None
        found = self._webhooks[webhook["use"]] if "use" in webhook else webhook
        return shown_url(found["url"])
