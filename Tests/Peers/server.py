"""HTTP/1.1 on real sockets, by hand: a library server would mend what the faults break."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from .exchange import Exchange
from .model import Answer
from .recorder import Received, Record

Fault = Callable[[Exchange], None]


class Server:
    """Accepts connections, one thread each; requests go to the next fault, else to `perform`."""

    def __init__(
        self,
        perform: Callable[[Received], Answer],
        next_fault: Callable[[Received], Fault | None],
        tls: ssl.SSLContext | None = None,
        address: tuple[str, int] = ("127.0.0.1", 0),
        on_accept: Callable[[socket.socket], bool] | None = None,
    ) -> None:
        self.record = Record()
        self._perform, self._next_fault, self._tls, self._on_accept = perform, next_fault, tls, on_accept
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def drop_idle(self) -> None:
        """Ends every connection that is open now, as a server does with kept ones after a while."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = self.record.connected()
            with self._lock:
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _serve(self, raw: socket.socket, number: int) -> None:
        connection = raw
        try:
            if self._on_accept is not None and not self._on_accept(raw):
                return
            if self._tls is not None:
                # The raw socket stays ours to shut down; the TLS one works on a duplicate.
                connection = self._tls.wrap_socket(raw.dup(), server_side=True)
            self._requests(connection, number)
        except ssl.SSLError as error:
            self.record.handshake_failed(error.reason or str(error))
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(raw)
            for one in {connection, raw}:
                with contextlib.suppress(OSError):
                    one.close()

    def _requests(self, connection: socket.socket, number: int) -> None:
        buffer = b""
        while not self._stopping.is_set():
            received, buffer = self._read(connection, number, buffer)
            if received is None:
                return
            exchange = Exchange(connection, received, self._perform, self._stopping)
            self._answer(exchange)
            if not exchange.is_open or received.fields.get("connection", "").lower() == "close":
                exchange.hang_up()
                return

    def _answer(self, exchange: Exchange) -> None:
        self.record.add(exchange.request)
        fault = self._next_fault(exchange.request)
        if fault is None:
            exchange.answer(exchange.take())
        else:
            fault(exchange)

    def _read(self, connection: socket.socket, number: int, buffer: bytes) -> tuple[Received | None, bytes]:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65_536)
            if not data:
                return None, buffer
            buffer += data
        head, _, rest = buffer.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (one.partition(":") for one in lines)]
        length = int({name.lower(): value for name, value in headers}.get("content-length", "0"))
        while len(rest) < length:
            data = connection.recv(65_536)
            if not data:
                return None, buffer
            rest += data
        return Received(number, line, headers, rest[:length], head + b"\r\n\r\n"), rest[length:]
