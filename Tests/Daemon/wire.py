"""HTTP/1.1 on a socket, byte by byte: a client library would correct the faults under test."""

import json
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

SECONDS = 20
JSON = ("Content-Type", "application/json")

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    version: str
    code: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for one, value in self.headers if one.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        values = self.values(name)
        assert len(values) < 2, values
        return values[0] if values else None

    @property
    def json(self) -> Any:
        assert self.header("Content-Type") == "application/json", self.headers
        return json.loads(self.body)

    @property
    def ends_connection(self) -> bool:
        return (self.header("Connection") or "").lower() == "close"

    def must_be(self, document: Any) -> Self:
        assert (self.code, self.json) == (200, document), self
        return self

    def must_fail(self, code: int, status: str, path: str | None = None) -> Self:
        """The exact shape of an error's body; its text is the rules' own matter."""
        assert self.code == code, self
        document = self.json
        message = document.pop("error")
        assert isinstance(message, str) and message
        expected = {"status": status}
        if code == 409:
            expected["message"] = message
        if path is not None:
            expected["path"] = path
        assert document == expected, self
        return self


def request(method: str, target: str, headers: Headers = (), body: bytes | None = None, version: str = "HTTP/1.1") -> bytes:
    """The bytes of a request; of its framing only Content-Length is added, where there is a body and no framing yet."""
    lines = [f"{method} {target} {version}", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None and not {name.lower() for name, _ in headers} & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


class Wire:
    """One connection."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1")
            except BaseException:
                self.socket.close()
                raise
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, method: str, target: str, headers: Headers = (), body: bytes | None = None) -> Answer:
        self.send(request(method, target, headers, body))
        return self.answer(with_body=method != "HEAD")

    def answer(self, *, with_body: bool = True) -> Answer:
        """The next answer; an interim one, 100, counts."""
        while b"\r\n\r\n" not in self._rest:
            self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, code, _ = first.split(" ", 2)
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        answer = Answer(version, int(code), headers, b"")
        if not with_body or answer.code < 200:
            return answer
        length = answer.header("Content-Length")
        assert length is not None, f"the end of this answer is not known: {answer}"
        while len(self._rest) < int(length):
            self._receive()
        body, self._rest = self._rest[: int(length)], self._rest[int(length) :]
        return Answer(version, int(code), headers, body)

    def _receive(self) -> None:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError(f"the connection ended after {self._rest!r}")
        self._rest += data

    def must_be_silent(self, seconds: float = 0.3) -> None:
        """Nothing comes, and the connection stays."""
        assert not self._rest, self._rest
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(65_536)
        except TimeoutError:
            return
        finally:
            self.socket.settimeout(SECONDS)
        raise AssertionError(f"there came {data!r}")

    def rest(self) -> bytes:
        """Everything until the peer ends the connection, in order or by a reset; fails where it does not."""
        end = time.monotonic() + SECONDS
        try:
            while data := self.socket.recv(65_536):
                self._rest += data
                assert time.monotonic() < end, "the connection does not end"
        except ConnectionError:
            pass
        rest, self._rest = self._rest, b""
        return rest

    def must_be_closed(self) -> None:
        assert self.rest() == b""

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def wires(port: int) -> Iterator[Wire]:
    """One connection after another, each closed before the next, until nobody listens any more."""
    while True:
        try:
            wire = Wire(port)
        except ConnectionRefusedError:
            return
        with wire:
            yield wire
