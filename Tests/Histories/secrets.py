"""Texts that nothing but a successful answer may repeat, each made so that no other text holds it."""

import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote


class Secrets:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._known: list[str] = []

    def make(self, kind: str) -> str:
        self._known.append(f"{kind}-{self._chance.getrandbits(48):012x}")
        return self._known[-1]

    def within(self, texts: Iterable[str]) -> list[str]:
        """The secrets that these texts repeat."""
        whole = "\n".join(texts)
        return [secret for secret in self._known if secret in whole or quote(secret, safe="").replace("-", "%2D") in whole]


class Vocabulary:
    """The few names, URLs and headers of one history: the same ones meet again and again."""

    def __init__(self, chance: random.Random, secrets: Secrets, host: str) -> None:
        self._chance = chance
        self.names = ["crm", "bi", "a/b", "Ärger 2", "audit"][: chance.randint(2, 5)]
        paths = [f"{host}/{name}" for name in ("one", "two", "three")]
        self._urls = [*paths, *(f"{paths[0]}?token={secrets.make('query')}" for _ in range(2))]
        values = [secrets.make("value") for _ in range(3)]
        self._headers = [{}, {"Authorization": f"Bearer {values[0]}"}, {"Authorization": f"Bearer {values[1]}"}]
        self._headers.append({"X-Team": values[2], "authorization": f"Bearer {values[0]}"})

    def url(self) -> str:
        return self._chance.choice(self._urls)

    def webhook(self) -> dict[str, Any]:
        """With headers, with none, or without saying."""
        webhook: dict[str, Any] = {"url": self.url()}
        if self._chance.random() < 0.7:
            webhook["headers"] = self.headers()
        return webhook

    def headers(self) -> dict[str, str]:
        return dict(self._chance.choice(self._headers))

    def destination(self, name: str) -> dict[str, Any]:
        return {"name": name, **self.webhook()}

    def some_names(self, least: int = 0) -> list[str]:
        """In any order, some of them or all."""
        return self._chance.sample(self.names, self._chance.randint(least, len(self.names)))
