"""Ways of answering badly. Each returns what a script takes; `taken` says whether the service does the request first."""

import email.utils
import functools
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterable

from .exchange import Exchange, render
from .model import Answer
from .server import Fault

JSON = [("Content-Type", "application/json")]
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


def _prepare(exchange: Exchange, taken: bool) -> Answer:
    """The service's own answer, or one of a service that did nothing."""
    return exchange.take() if taken else Answer(200, b'{"message":"Operation started successfully"}', list(JSON))


# Nothing, or not in time


def silent(taken: bool = False) -> Fault:
    """Reads the request and says nothing, for as long as the client waits."""

    def fault(exchange: Exchange) -> None:
        _prepare(exchange, taken)
        exchange.wait_for_hang_up()

    return fault


def late(seconds: float, taken: bool = True) -> Fault:
    """The service's own answer, after a while."""

    def fault(exchange: Exchange) -> None:
        answer = _prepare(exchange, taken)
        if exchange.sleep(seconds):
            exchange.answer(answer)

    return fault


def drip(taken: bool = False, seconds: float = 1.0) -> Fault:
    """A byte a second."""

    def fault(exchange: Exchange) -> None:
        for byte in render(_prepare(exchange, taken)):
            exchange.send(bytes([byte]))
            if not exchange.sleep(seconds) or _has_gone(exchange.connection):
                break
        exchange.hang_up()

    return fault


def _has_gone(connection: socket.socket) -> bool:
    connection.settimeout(0.001)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(None)


# Cuts


def _cut(taken: bool, keep: Callable[[bytes], int], reset: bool) -> Fault:
    def fault(exchange: Exchange) -> None:
        whole = render(_prepare(exchange, taken))
        part = whole[: keep(whole)]
        if part:
            exchange.send(part)
            # A reset makes the other side drop what it has not read yet.
            exchange.sleep(0.02)
        if reset:
            exchange.reset()
        else:
            exchange.hang_up()

    return fault


def cut_before_status(taken: bool = False, reset: bool = False) -> Fault:
    """Ends the connection without a byte of an answer."""
    return _cut(taken, lambda whole: 0, reset)


def cut_in_status(taken: bool = False, reset: bool = False) -> Fault:
    return _cut(taken, lambda whole: len(b"HTTP/1.1 2"), reset)


def cut_in_headers(taken: bool = False, reset: bool = False) -> Fault:
    return _cut(taken, lambda whole: whole.index(b"\r\n") + 10, reset)


def cut_in_body(taken: bool = False, reset: bool = False) -> Fault:
    return _cut(taken, lambda whole: whole.index(b"\r\n\r\n") + 4 + 5, reset)


def cut_kept(taken: bool = False) -> Fault:
    """Ends a connection that has served a request before, under the next one; what comes on a new one is served."""
    served: set[int] = set()

    def fault(exchange: Exchange) -> None:
        if exchange.request.connection in served:
            cut_before_status(taken)(exchange)
        else:
            served.add(exchange.request.connection)
            exchange.answer(exchange.take())

    return fault


# Framing


def content_length(difference: int, taken: bool = True, hold: bool = False) -> Fault:
    """Claims so many bytes more or fewer than the body has; then ends the connection, or holds it open."""

    def fault(exchange: Exchange) -> None:
        answer = _prepare(exchange, taken)
        answer.headers.append(("Content-Length", str(len(answer.body) + difference)))
        exchange.answer(answer)
        if hold:
            exchange.wait_for_hang_up()
        else:
            exchange.hang_up()

    return fault


# Bodies of a 200


def body(content: bytes, taken: bool = True, headers: Iterable[tuple[str, str]] = JSON) -> Fault:
    """A complete 200 with this body."""
    return status(200, content, headers, taken)


def changed(change: Callable[[bytes], bytes], taken: bool = True) -> Fault:
    """The service's own answer with its body changed."""

    def fault(exchange: Exchange) -> None:
        answer = _prepare(exchange, taken)
        answer.body = change(answer.body)
        exchange.answer(answer)

    return fault


def big(size: int = 2 * 1_048_576, taken: bool = True) -> Fault:
    return body(json.dumps({"message": "x" * size}).encode(), taken)


def gzip_bomb(size: int = 128 * 1_048_576, taken: bool = True) -> Fault:
    """Small on the wire, huge after decompression."""
    return body(_bomb(size), taken, [*JSON, ("Content-Encoding", "gzip")])


@functools.cache
def _bomb(size: int) -> bytes:
    """One gzip stream: libcurl takes no second one after it."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(b'{"message":"')]
    parts += [packer.compress(b" " * 1_048_576) for _ in range(size // 1_048_576)]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])


def html(taken: bool = True, code: int = 200) -> Fault:
    return status(code, HTML, [("Content-Type", "text/html")], taken)


def broken_gzip(taken: bool = True) -> Fault:
    """Says gzip and is not."""
    return body(b"no gzip", taken, [*JSON, ("Content-Encoding", "gzip")])


# Codes


def status(code: int, content: bytes = b"", headers: Iterable[tuple[str, str]] = JSON, taken: bool = False) -> Fault:
    """A complete answer with this code."""

    def fault(exchange: Exchange) -> None:
        if taken:
            exchange.take()
        exchange.answer(Answer(code, content, list(headers)))

    return fault


def error(code: int, text: str = "no", headers: Iterable[tuple[str, str]] = (), taken: bool = False) -> Fault:
    """As the vendor words errors."""
    member = "message" if code == 409 else "error"
    return status(code, json.dumps({member: text}).encode(), [*JSON, *headers], taken)


def ours(code: int, our_status: str, text: str = "no", path: str | None = None, headers: Iterable[tuple[str, str]] = ()) -> Fault:
    """As the daemon words errors."""
    members = {"error": text, "status": our_status} | ({"message": text} if code == 409 else {})
    return status(code, json.dumps(members | ({} if path is None else {"path": path})).encode(), [*JSON, *headers])


def redirect(to: str, code: int = 302) -> Fault:
    return status(code, b"", [("Location", to)])


def retry_after(value: str, code: int = 429) -> Fault:
    return error(code, "slow down", [("Retry-After", value)])


def http_date(seconds: float) -> str:
    """So many seconds from now, as Retry-After may say it."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


# Sockets that never serve


class ClosedPort:
    """A port of this machine that refuses connections, for as long as the object is open."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ClosedPort":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


class FullBacklog:
    """A port whose queue of connections is full: a further one waits in the middle of TCP's handshake."""

    def __init__(self) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._fillers: list[socket.socket] = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
        time.sleep(0.05)

    def __enter__(self) -> "FullBacklog":
        return self

    def __exit__(self, *_: object) -> None:
        for one in [*self._fillers, self._listener]:
            one.close()


class Listener:
    """Accepts connections and says nothing."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self._connection: socket.socket | None = None

    def accept(self) -> socket.socket:
        return self._listener.accept()[0]

    def is_spoken_to(self) -> bool:
        """Whether somebody has connected and sent a first byte."""
        if self._connection is None:
            self._listener.settimeout(0)
            try:
                self._connection = self.accept()
            except BlockingIOError:
                return False
            finally:
                self._listener.settimeout(None)
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        if self._connection is not None:
            self._connection.close()
