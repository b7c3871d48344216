"""A receiver of events that rejects some webhooks, and remembers what it was sent."""

from types import TracebackType
from typing import Any, Self

from Peers.model import Answer
from Peers.recorder import Received
from Peers.server import Server

from .operations import folded

#: A webhook as its receiver sees it: the path, and the headers that the document gives.
Seen = tuple[str, str | None, str | None]


class Receiver:
    def __init__(self) -> None:
        self.refused: set[Seen] = set()
        self._server = Server(self._perform, lambda _: None)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._begun = 0

    def seen(self, webhook: dict[str, Any]) -> Seen:
        headers = folded(webhook.get("headers", {}))
        return webhook["url"].removeprefix(self.url), headers.get("authorization"), headers.get("x-team")

    def begin(self) -> None:
        """Forgets what it was sent."""
        self._begun = len(self._server.record.requests)

    @property
    def received(self) -> list[Received]:
        return self._server.record.requests[self._begun :]

    @property
    def probed(self) -> list[Seen]:
        return [self._of(request) for request in self.received]

    @staticmethod
    def _of(request: Received) -> Seen:
        return request.target, request.fields.get("authorization"), request.fields.get("x-team")

    def _perform(self, request: Received) -> Answer:
        return Answer(401 if self._of(request) in self.refused else 200, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
