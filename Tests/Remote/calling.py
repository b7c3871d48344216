"""Calls of the library with a stopwatch, and the operations that the tests of this folder run."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from Peers.service import Peer
from support import raw

from Remote.lag import lag

KEY = "key-berlin"
TEAM = {"X-Team": "header-value-4711"}
CRM = {"name": "crm", "url": "https://hooks.example.com/crm", "headers": TEAM}
AUDIT = {"name": "audit", "url": "https://hooks.example.com/audit", "headers": {}}
MAIN = "https://hooks.example.com/main"
TIMEOUT = 1_500
ATTEMPTS = 3


@dataclass
class Result:
    status: str
    text: str | None
    seconds: float
    """That it took, without those in which the machine did not let it run."""

    @property
    def json(self) -> Any:
        return json.loads(self.text or "null")

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error


class Stopwatch:
    def __init__(self) -> None:
        self._begun, self._lag = time.monotonic(), lag.total

    @property
    def seconds(self) -> float:
        """Since it was made, without those in which the machine did not let it run."""
        return time.monotonic() - self._begun - (lag.total - self._lag)


class Client:
    """A client of a service URL. Every call is held to the time limit of the contract: timeout_ms and a tenth of it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.timeout = options.get("timeout_ms", 30_000) / 1_000
        status, handle, error = raw.open_client(url, options)
        assert status == "D360_OK", error
        assert handle is not None
        self.handle: int = handle
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            raw.close(self.handle)

    def cancel(self) -> None:
        raw.library.d360_cancel(self.handle)

    def call(self, function: str, *arguments: Any, key: str = KEY) -> Result:
        stopwatch = Stopwatch()
        status, text = raw.call(f"d360_{function}", self.handle, key, *arguments)
        seconds = stopwatch.seconds
        if function != "waba_webhook_wait":
            assert seconds <= self.timeout * 1.1, f"{function} took {seconds:.3f} s, its limit is {self.timeout} s"
        return Result(status, text, seconds)

    def run(self, operation: "Operation") -> Result:
        return self.call(operation.function, *operation.arguments)


@dataclass(frozen=True)
class Operation:
    name: str
    function: str
    method: str
    target: str
    """The path of its request on a base URL without one."""
    arguments: tuple[Any, ...] = ()
    body: str | None = None
    enabled: bool = True
    """Whether multi-webhook is on before it, with the destination `audit`."""
    is_done: Callable[[dict[str, Any]], bool] = field(default=lambda state: True)
    """Whether the service's state shows that it was done."""
    is_hidden: bool = False
    """Whether no reading can show that it was done."""

    def __str__(self) -> str:
        return self.name

    @property
    def request(self) -> tuple[str, str, Any]:
        """The arguments that `do` takes for it."""
        return self.method, self.target, json.loads(self.body or "null")

    def prepare(self, peer: Peer, key: str = KEY) -> None:
        if self.enabled:
            do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [AUDIT]}, key)


def do(peer: Peer, method: str, path: str, body: Any = None, key: str = KEY) -> None:
    """Changes a peer's state at once, past its socket, its record and its delays."""
    service = peer.service
    delays = service.show_after, service.apply_delay
    service.show_after = service.apply_delay = 0
    headers = {"d360-api-key": key, "content-type": "application/json"}
    answer = service.perform(method, service.base + path, headers, json.dumps(body).encode())
    service.show_after, service.apply_delay = delays
    assert answer.code == 200, answer


def _write(name: str, function: str, method: str, target: str, body: Any, **more: Any) -> Operation:
    text = json.dumps(body)
    return Operation(name, function, method, target, (text,), text, **more)


def names(state: dict[str, Any]) -> list[str]:
    return [destination["name"] for destination in state["multi"]["destinations"]]


READING = Operation("reading", "multi_webhook_get", "GET", "/multi_webhook")
READINGS = [
    READING,
    Operation("customer reading", "customer_webhook_get", "GET", "/v1/configs/webhook"),
    Operation("WABA reading", "waba_webhook_get", "GET", "/waba_webhook"),
]
ENABLE = _write(
    "enable", "multi_webhook_set", "POST", "/multi_webhook", {"enabled": True, "destinations": [CRM]},
    enabled=False, is_done=lambda state: state["multi"] == {"enabled": True, "destinations": [CRM]},
)  # fmt: skip
APPEND = _write(
    "append", "multi_webhook_append", "PUT", "/multi_webhook", {"destinations": [CRM]},
    is_done=lambda state: CRM in state["multi"]["destinations"],
)  # fmt: skip
UPDATE = _write(
    "update", "multi_webhook_update", "PATCH", "/multi_webhook",
    {"name": "audit", "url": "https://hooks.example.com/other", "headers": TEAM},
    is_done=lambda state: {**AUDIT, "url": "https://hooks.example.com/other", "headers": TEAM} in state["multi"]["destinations"],
)  # fmt: skip
DELETE = Operation(
    "delete", "multi_webhook_delete", "DELETE", "/multi_webhook/audit", ("audit",),
    is_done=lambda state: "audit" not in names(state),
)  # fmt: skip
CUSTOMER = _write(
    "customer", "customer_webhook_set", "POST", "/v1/configs/webhook", {"url": MAIN, "headers": TEAM},
    is_done=lambda state: state["customer"] == {"url": MAIN, "headers": TEAM}, is_hidden=True,
)  # fmt: skip
WABA = _write(
    "WABA", "waba_webhook_set", "POST", "/waba_webhook", {"url": MAIN, "headers": TEAM},
    is_done=lambda state: state["waba"] == {"url": MAIN, "headers": TEAM},
)  # fmt: skip
OVERRIDE = _write(
    "override", "waba_webhook_set", "POST", "/waba_webhook", {"url": MAIN, "headers": TEAM, "override_all": True},
    is_done=lambda state: state["waba"] == {"url": MAIN, "headers": TEAM}, is_hidden=True,
)  # fmt: skip
DISABLE = Operation(
    "disable", "multi_webhook_set", "POST", "/multi_webhook", ({"enabled": False},),
    is_done=lambda state: not state["multi"]["enabled"],
)  # fmt: skip
WRITES = [ENABLE, APPEND, UPDATE, DELETE, CUSTOMER, WABA]
VISIBLE = [ENABLE, APPEND, UPDATE, DELETE, WABA]


def failed(result: Result, status: str, outcome: str = "not_applied", retryable: bool | None = None) -> dict[str, Any]:
    """The error, once it is what it should be; every member that is always there is."""
    assert result.status == status, result.text
    error = result.error
    assert {"status", "code", "message", "retryable", "outcome", "attempts"} <= error.keys()
    assert error["status"] == status
    assert error["outcome"] == outcome, result.text
    if retryable is not None:
        assert error["retryable"] is retryable, result.text
    return error


def succeeded(result: Result) -> Any:
    assert result.status == "D360_OK", result.text
    return result.json


@contextmanager
def between(operation: Operation, peer: Peer | None = None, **options: Any) -> Iterator[tuple[Peer, Client]]:
    """A peer that the operation has something to do on, and a client of it with short limits."""
    with peer or Peer() as peer:
        operation.prepare(peer)
        with Client(peer.url, **{"timeout_ms": TIMEOUT, "max_attempts": ATTEMPTS, **options}) as client:
            yield peer, client


def is_done(peer: Peer, write: Operation) -> bool:
    return write.is_done(peer.service.state(KEY))
