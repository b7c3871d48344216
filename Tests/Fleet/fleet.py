"""A service with channels, a client of it, and the four calls."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from Conformance.services import KINDS, Remote
from Peers.service import Peer
from support import raw

WABA = 123065260884961
MAIN = "https://hooks.example.com/main"
HOOK = "https://hooks.example.com/waba"
CRM = {"name": "crm", "url": "https://hooks.example.com/crm"}
FOLDER = Path(__file__).parent

Progress = Callable[[dict[str, Any]], int]


class Fleet:
    def __init__(self, kind: str, options: dict[str, Any], folder: Path) -> None:
        self.kind = kind
        self.service = KINDS[kind](options, folder)
        self.client: int = self.service.client
        self._derived: list[int] = []

    @property
    def has_peer(self) -> bool:
        return isinstance(self.service, Remote)

    @property
    def peer(self) -> Peer:
        assert isinstance(self.service, Remote)
        return self.service.peer

    def register(self, name: str, number: str | None = None, waba_id: int = WABA, key: str | None = None) -> None:
        """A channel whose key is key-NAME."""
        digits = "".join(str(byte) for byte in name.encode())[:30]
        channel = {"phone_number_id": f"1{digits}", "phone_number": number, "waba_id": waba_id, "api_key": key or f"key-{name}"}
        self.service.register({member: value for member, value in channel.items() if value is not None})

    def derive(self, **options: Any) -> None:
        """Calls go to a derived client from here on."""
        status, client, error = raw.derive(self.service.client, options)
        assert status == "D360_OK" and client, error
        self._derived.append(client)
        self.client = client

    def do(self, operation: str, key: str, *arguments: Any) -> Any:
        """An operation that must succeed, by the service's own client."""
        status, text = raw.call(f"d360_{operation}", self.service.client, key, *arguments)
        assert status == "D360_OK", text
        return json.loads(text or "")

    def call(self, function: str, document: Any, progress: Progress | None = None, **options: Any) -> tuple[str, Any]:
        return raw.fleet(function, self.client, document, options or None, progress)

    def report(self, function: str, document: Any, progress: Progress | None = None, **options: Any) -> Any:
        status, report = self.call(function, document, progress, **options)
        assert status == "D360_OK", report
        return report

    def plan(self, document: Any, **options: Any) -> Any:
        return self.report("plan", document, **options)

    def apply(self, document: Any, **options: Any) -> Any:
        return self.report("apply", document, **options)

    def audit(self, document: Any, **options: Any) -> Any:
        return self.report("audit", document, **options)

    def export(self, *names: str, **options: Any) -> Any:
        return self.report("export", {"accounts": [{"name": name, "api_key": f"key-{name}"} for name in names]}, **options)

    def customer(self, name: str) -> str | None:
        return self.do("customer_webhook_get", f"key-{name}").get("url")

    def waba(self, name: str) -> str | None:
        return self.do("waba_webhook_get", f"key-{name}").get("url")

    def destinations(self, name: str) -> dict[str, str]:
        shown = self.do("multi_webhook_get", f"key-{name}")
        return {one["name"]: one["url"] for one in shown["destinations"]} if shown["enabled"] else {}

    def close(self) -> None:
        for client in self._derived:
            raw.close(client)
        self.service.close()


def account(name: str, **sections: Any) -> dict[str, Any]:
    return {"name": name, "api_key": f"key-{name}", **sections}


def document(*accounts: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {**further, "accounts": list(accounts)}


def rows(report: Any) -> dict[str, Any]:
    return {row["name"]: row for row in report["accounts"]}


def codes(report: Any) -> dict[str, list[str]]:
    """By account: its findings' codes, where it has any."""
    return {row["name"]: [one["code"] for one in row["findings"]] for row in report["accounts"] if row["findings"]}


def lines(row: Any) -> list[str]:
    """A row's actions, each as "operation status"."""
    return [f"{action['operation']} {action['status']}" for action in row["actions"]]


def counts(report: Any) -> dict[str, int]:
    """The totals that are not 0, without those of findings."""
    return {name: count for name, count in report["summary"].items() if name not in ("accounts", "findings") and count}
