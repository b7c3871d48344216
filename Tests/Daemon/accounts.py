"""Phone numbers registered at a daemon, and requests with their keys."""

import json
from dataclasses import dataclass
from typing import Any

from support.daemon import Daemon

from .wire import JSON, Answer, Headers, Wire

URL = "https://hooks.example.com/crm"
STARTED = {"message": "Operation started successfully"}


def destination(name: str) -> dict[str, str]:
    return {"name": name, "url": URL}


@dataclass(frozen=True)
class Account:
    """One registered phone number."""

    daemon: Daemon
    number: int

    def register(self) -> "Account":
        self.daemon.register(self.registration)
        return self

    def at(self, daemon: Daemon) -> "Account":
        """The same at another daemon, or at the one that came after."""
        return Account(daemon, self.number)

    @property
    def registration(self) -> dict[str, Any]:
        return {"phone_number_id": str(10**14 + self.number), "waba_id": 2 * 10**14 + self.number, "api_key": self.key}

    @property
    def key(self) -> str:
        return f"key-{self.number}-secret"

    @property
    def headers(self) -> Headers:
        return [("D360-API-KEY", self.key)]

    @property
    def json_headers(self) -> Headers:
        return [*self.headers, JSON]

    def ask(self, method: str, target: str, document: Any = None, *, wire: Wire | None = None) -> Answer:
        """On a connection of its own, where none is given."""
        body = None if document is None else json.dumps(document).encode()
        headers = self.headers if body is None else self.json_headers
        if wire:
            return wire.ask(method, target, headers, body)
        with Wire(self.daemon.port) as own:
            return own.ask(method, target, headers, body)

    def ask_as_admin(self, method: str, target: str, document: Any = None, *, wire: Wire) -> Answer:
        body = None if document is None else json.dumps(document).encode()
        return wire.ask(method, target, [("Authorization", f"Bearer {self.daemon.admin_token}"), JSON], body)

    def enable(self, *names: str) -> "Account":
        document: dict[str, Any] = {"enabled": True}
        if names:
            document["destinations"] = [destination(name) for name in names]
        self.ask("POST", "/multi_webhook", document).must_be(STARTED)
        return self

    def append(self, *names: str, wire: Wire | None = None) -> Answer:
        return self.ask("PUT", "/multi_webhook", {"destinations": [destination(name) for name in names]}, wire=wire)

    def names(self) -> list[str]:
        answer = self.ask("GET", "/multi_webhook")
        assert answer.code == 200, answer
        return [one["name"] for one in answer.json["destinations"]]
