"""One call of the library, as it went: what it was asked, what it said, and what the service was sent meanwhile."""

import json
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from Remote.lag import Lag
from support import raw

from .journal import Sending, told
from .operations import Operation

#: A busy machine is late by milliseconds all the time; a stall is more.
stalls = Lag(tolerated=0.02)


@dataclass
class Call:
    writer: str
    operation: Operation
    key: str
    mark: str
    begun: float
    ended: float
    status: str
    text: str
    state: dict[str, Any] = field(default_factory=dict)
    """The service held this when it returned."""
    is_cancelled: bool = False
    """True if somebody cancelled it."""
    stalled: float = 0
    """Seconds in which the machine let nothing run meanwhile: an answer that went out may have come too late."""
    sendings: list[Sending] = field(default_factory=list)
    """All requests that it led to, readings included."""

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = json.loads(self.text)["error"]
        return error

    @property
    def sent(self) -> list[Sending]:
        """How often the operation itself was sent."""
        return [one for one in self.sendings if one.line == (self.operation.method, self.operation.target)]

    def readings_since(self, sending: Sending | None = None) -> list[dict[str, Any]]:
        """The bodies of whole answers, after a sending's, to readings of what the operation is about."""
        since = sending.number if sending else 0
        whole = [one for one in self.sendings if one.kind == "done" and one.number > since]
        return [json.loads(one.content) for one in whole if one.line == ("GET", self.operation.reading)]

    def __str__(self) -> str:
        said = "" if self.status == "D360_OK" and not self.operation.is_reading else f" {self.text[:400]}"
        cancelled = ", cancelled" if self.is_cancelled else ""
        took = f"{self.ended - self.begun:.3f} s"
        return f"    {self.writer} {self.key} {self.operation}{cancelled} → {self.status}{said} ({took})\n{told(self.sendings)}"


class Writer:
    """A client with a name of its own in what it sends, and the lines of its log."""

    def __init__(self, name: str, url: str, **options: Any) -> None:
        self.name, self.timeout = name, options["timeout_ms"] / 1_000
        status, handle, error = raw.open_client(url, {"user_agent": name, **options})
        assert status == "D360_OK" and handle is not None, error
        self.handle: int = handle
        self.lines: list[str] = []
        self._calls = 0
        self._log = raw.LOG(lambda level, line, context: self.lines.append(line.decode()))
        raw.library.d360_set_log(self.handle, self._log, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        raw.library.d360_set_log(self.handle, None, None)
        raw.close(self.handle)

    def call(self, operation: Operation, key: str, cancel_after: float | None = None) -> Call:
        timer = None
        if cancel_after is not None:
            timer = threading.Timer(cancel_after, raw.library.d360_cancel, [self.handle])
            timer.start()
        self._calls += 1
        mark = f"{self.name}{self._calls}"
        begun, stalled = time.monotonic(), stalls.total
        status, text = raw.call(f"d360_{operation.function}", self.handle, f"{key}.{mark}", *operation.arguments)
        ended = time.monotonic()
        if timer:
            timer.cancel()
            timer.join()
        assert text is not None, status
        is_cancelled, stalled = timer is not None, stalls.total - stalled
        return Call(self.name, operation, key, mark, begun, ended, status, text, is_cancelled=is_cancelled, stalled=stalled)
