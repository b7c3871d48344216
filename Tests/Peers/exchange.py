"""One request on one connection: what a fault may do with it, byte by byte."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from http.client import responses

from .model import Answer
from .recorder import Received


class Exchange:
    """`perform` has the service take a request; `stopping` is set when the peer is being closed."""

    def __init__(
        self,
        connection: socket.socket,
        request: Received,
        perform: Callable[[Received], Answer],
        stopping: threading.Event,
    ) -> None:
        self.connection = connection
        self.request = request
        self._perform = perform
        self._stopping = stopping
        self.is_open = True

    def take(self) -> Answer:
        """Has the service take the request; its answer is for whoever asks to send."""
        return self._perform(self.request)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def answer(self, answer: Answer) -> None:
        self.send(render(answer, with_body=self.request.method != "HEAD"))

    def unasked(self, answer: Answer) -> bytes:
        """The bytes of one more answer, which a client may take for that to its next request."""
        return render(answer)

    def hang_up(self) -> None:
        """Ends the connection in order."""
        self.is_open = False
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Ends it with a TCP reset: unsent and unread bytes are lost."""
        self.is_open = False
        linger = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            socket.close(self.connection.detach())

    def sleep(self, seconds: float) -> bool:
        """Waits; False once the peer is being closed."""
        return not self._stopping.wait(seconds)

    def wait_for_hang_up(self) -> None:
        """Returns when the client has ended the connection, or the peer is being closed."""
        self.is_open = False
        with contextlib.suppress(OSError):
            while self.connection.recv(65_536):
                pass


def render(answer: Answer, with_body: bool = True) -> bytes:
    """An HTTP/1.1 response; Content-Length is added where the answer names no framing of its own."""
    names = {name.lower() for name, _ in answer.headers}
    headers = list(answer.headers)
    if not names & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(answer.body))))
    lines = [f"HTTP/1.1 {answer.code} {responses.get(answer.code, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + (answer.body if with_body else b"")
