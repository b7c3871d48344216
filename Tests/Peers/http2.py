"""The same peer over HTTP/2: for what only a connection that carries numbered streams can get wrong."""

import contextlib
import socket

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from .exchange import Exchange
from .model import Answer
from .recorder import Received
from .server import Server

HEADERS, DATA = 1, 0
END_STREAM, END_HEADERS = 1, 4
STATUS_200 = b"\x88"
"""A whole header block: RFC 7541, appendix A."""


class HTTP2Exchange(Exchange):
    """`send` writes frames as they are."""

    def __init__(self, stream: int, engine: H2Connection, *rest: object) -> None:
        super().__init__(*rest)  # type: ignore[arg-type]
        self._stream, self._engine = stream, engine

    def answer(self, answer: Answer) -> None:
        headers = [(":status", str(answer.code)), *((name.lower(), value) for name, value in answer.headers)]
        self._engine.send_headers(self._stream, headers)
        self._engine.send_data(self._stream, answer.body, end_stream=True)
        self.send(self._engine.data_to_send())

    def unasked(self, answer: Answer) -> bytes:
        """It bears the number of the stream that the client opens next."""
        stream = self._stream + 2
        return _frame(HEADERS, END_HEADERS, stream, STATUS_200) + _frame(DATA, END_STREAM, stream, answer.body)


class HTTP2Server(Server):
    def _requests(self, connection: socket.socket, number: int) -> None:
        engine = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        engine.initiate_connection()
        connection.sendall(engine.data_to_send())
        open_streams: dict[int, tuple[list[tuple[str, str]], bytes]] = {}
        while not self._stopping.is_set() and (data := connection.recv(65_536)):
            for event in engine.receive_data(data):
                match event:
                    case RequestReceived():
                        open_streams[event.stream_id] = (list(event.headers), b"")
                    case DataReceived():
                        headers, body = open_streams[event.stream_id]
                        open_streams[event.stream_id] = (headers, body + event.data)
                        engine.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    case StreamEnded():
                        received = _received(number, *open_streams.pop(event.stream_id))
                        exchange = HTTP2Exchange(
                            event.stream_id, engine, connection, received, self._perform, self._stopping
                        )  # fmt: skip
                        self._answer(exchange)
                        if not exchange.is_open:
                            return
            with contextlib.suppress(OSError):
                connection.sendall(engine.data_to_send())


def _received(number: int, headers: list[tuple[str, str]], body: bytes) -> Received:
    fields = dict(headers)
    line = f"{fields[':method']} {fields[':path']} HTTP/2"
    return Received(number, line, [(name, value) for name, value in headers if not name.startswith(":")], body, b"")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """RFC 9113, 4.1."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
