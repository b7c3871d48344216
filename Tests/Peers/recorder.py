"""What a peer received, as it came over the wire."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

READINGS = ("GET", "HEAD")


@dataclass
class Received:
    connection: int
    """Counted from 1 in the order in which connections were accepted."""
    line: str
    headers: list[tuple[str, str]]
    """In order, names as they were written."""
    body: bytes
    head: bytes
    """Everything before the body."""
    at: float = field(default_factory=time.monotonic)

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def is_reading(self) -> bool:
        return self.method in READINGS

    @property
    def fields(self) -> dict[str, str]:
        """Header values by name in lower case."""
        return {name.lower(): value for name, value in self.headers}


class Record:
    """Every request in the order in which it was complete."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Received] = []
        self.connections = 0
        self.failed_handshakes: list[str] = []

    def connected(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def handshake_failed(self, why: str) -> None:
        with self._lock:
            self.failed_handshakes.append(why)

    def add(self, received: Received) -> None:
        with self._lock:
            self._requests.append(received)

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()

    @property
    def requests(self) -> list[Received]:
        with self._lock:
            return list(self._requests)

    @property
    def writes(self) -> list[Received]:
        return [request for request in self.requests if not request.is_reading]

    @property
    def readings(self) -> list[Received]:
        return [request for request in self.requests if request.is_reading]

    def __iter__(self) -> Iterator[Received]:
        return iter(self.requests)

    def __len__(self) -> int:
        return len(self.requests)
