"""Records what the service was sent, what it did, and what went back: the truth to which a history is held."""

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from Peers.model import Answer
from Peers.recorder import Received

#: A request that met this has not been done and may be sent again.
LATER = {429, 408}
#: A request that met this is not on its way any more; a reading says whether it was done.
CLEAR = {500, 503}
REJECTED_5XX = {501, 505}


@dataclass
class Sending:
    """One request as the service met it."""

    number: int
    received: Received
    is_on_kept: bool = False
    """True if its connection has served a request before."""
    taken: Answer | None = None
    """The service's own answer, once it took the request; it may never do so."""
    code: int | None = None
    """Of the answer that went back whole; None where none did."""
    content: bytes = b""
    is_usable: bool = True
    """False for a 200 with a body that the specification does not show."""

    @property
    def writer(self) -> str:
        return self.received.fields.get("user-agent", "").partition(" ")[0]

    @property
    def key(self) -> str:
        """Without the mark of its call, which the service does not see."""
        return self._marked_key.partition(".")[0]

    @property
    def mark(self) -> str:
        return self._marked_key.partition(".")[2]

    @property
    def _marked_key(self) -> str:
        return self.received.fields.get("d360-api-key", "")

    @property
    def line(self) -> tuple[str, str]:
        return self.received.method, self.received.target

    @property
    def body(self) -> Any:
        return json.loads(self.received.body or b"null")

    @property
    def was_applied(self) -> bool:
        return not self.received.is_reading and self.taken is not None and self.taken.code == 200

    @property
    def status(self) -> str | None:
        """Our status, where the answer says one."""
        try:
            said = json.loads(self.content)
        except ValueError:
            return None
        return said.get("status") if isinstance(said, dict) else None

    @property
    def is_in_doubt(self) -> bool:
        """True if a daemon answered that its storage was lost amid the commit."""
        return self.code == 503 and b'"outcome":"unknown"' in self.content

    @property
    def kind(self) -> str:
        """The meaning of the answer for its receiver: done, unusable, accepted, later, rejected, clear or lost."""
        code = self.code
        if code is None or self.is_in_doubt:
            return "lost"
        if code == 200:
            return "done" if self.is_usable else "unusable"
        if 200 < code < 300:
            return "accepted"
        if code in LATER or self.status == "D360_STORAGE_ERROR":
            return "later"
        if code < 500 or code in REJECTED_5XX or self.status:
            return "rejected"
        return "clear" if code in CLEAR else "lost"

    @property
    def may_have_been_done(self) -> bool:
        """True if the answer says, or leaves open, that a write was done."""
        return not self.received.is_reading and self.kind not in ("rejected", "later")

    @property
    def is_page(self) -> bool:
        return self.content.startswith(b"<")

    def __str__(self) -> str:
        method, target = self.line
        went = f"{self.code} {self.content[:100]!r}" if self.code else "no whole answer"
        took = "not taken" if self.taken is None else f"taken: {self.taken.code}"
        return f"#{self.number} {self.key} {method} {target} {self.received.body.decode()[:160]} → {took}; {went}"


class Journal:
    """Which call a request belongs to is in the request, not in its time: a key's mark, or the writer's name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sendings: list[Sending] = []
        self._connections: set[int] = set()

    def add(self, received: Received) -> Sending:
        with self._lock:
            sending = Sending(len(self._sendings) + 1, received, received.connection in self._connections)
            self._sendings.append(sending)
            self._connections.add(received.connection)
            return sending

    def of_call(self, mark: str) -> list[Sending]:
        """All that a call of one operation sent, in order."""
        with self._lock:
            return [one for one in self._sendings if one.mark == mark]

    def of_writer(self, writer: str) -> list[Sending]:
        """All that a writer sent, in order."""
        with self._lock:
            return [one for one in self._sendings if one.writer == writer]


def told(sendings: Iterable[Sending]) -> str:
    return "\n".join(f"      {one}" for one in sendings)
