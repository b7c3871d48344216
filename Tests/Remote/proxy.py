"""An HTTP proxy that records what it is asked, and tunnels every CONNECT to one port of this machine, or refuses."""

import contextlib
import socket
import threading


class Proxy:
    def __init__(self, tunnel_to: int | None = None) -> None:
        self.requests: list[str] = []
        self._tunnel_to = tunnel_to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        for one in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._sockets.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(4_096)
                if not data:
                    return
                head += data
            self.requests.append(head.decode("latin-1"))
            if self._tunnel_to is None or not head.startswith(b"CONNECT "):
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                connection.shutdown(socket.SHUT_RDWR)
                return
            service = socket.create_connection(("127.0.0.1", self._tunnel_to))
            self._sockets.append(service)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_copy, args=(service, connection), daemon=True).start()
            _copy(connection, service)


def _copy(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
