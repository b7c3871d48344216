# SPDX-License-Identifier: Apache-2.0
"""Services on loopback: one that answers what a test says, one that accepts and says nothing."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from Peers import faults
from Peers import model as wire
from Peers.exchange import Exchange
from Peers.recorder import Received
from Peers.server import Server


@dataclass
class Request:
    """What arrived."""

    method: str
    path: str
    key: str | None
    body: Any
    connection: int  # counted from 1


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: Any


class Loopback:
    """A server of this process."""

    def __init__(self, fault: Callable[[Exchange], None] | None = None) -> None:
        self._server = Server(self.perform, lambda _: fault)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def perform(self, received: Received) -> wire.Answer:
        """The answer to a request."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()


class Peer(Loopback):
    """An HTTP service that answers from `answers` in turn, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Answer(200, {"message": "Operation started successfully"})]
        self.before_answer: Callable[[], object] = lambda: None
        super().__init__()

    @property
    def requests(self) -> list[Request]:
        """All requests, in the order in which they arrived."""
        return [
            Request(r.method, r.target, r.fields.get("d360-api-key"), json.loads(r.body) if r.body else None, r.connection)
            for r in self._server.record
        ]

    def perform(self, received: Received) -> wire.Answer:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.before_answer()
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        return wire.Answer(answer.status, body)


class SilentPeer(Loopback):
    """Accepts connections, reads, and never answers."""

    def __init__(self) -> None:
        self._arrived = threading.Semaphore(0)
        super().__init__(self._say_nothing)

    def wait_for_request(self) -> None:
        """Returns once a request that no earlier wait has seen has arrived."""
        assert self._arrived.acquire(timeout=10), "no request arrived"

    def _say_nothing(self, exchange: Exchange) -> None:
        self._arrived.release()
        faults.silent()(exchange)
