"""A proxy before a PostgreSQL server that cuts every connection once it is told to."""

import contextlib
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

NAME = ".s.PGSQL.5432"


class CuttingProxy:
    """Listens on a Unix socket in `folder`, for the server whose socket is in `server`."""

    def __init__(self, server: Path) -> None:
        self.server = server
        self.folder = Path(tempfile.mkdtemp(prefix="d360-proxy-", dir="/tmp"))
        self._clients: list[socket.socket] = []
        self._is_cut = False
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / NAME))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends every connection for the client and lets in no new one. The server goes on with what it was sent."""
        with self._lock:
            self._is_cut = True
            for client in self._clients:
                _end(client)

    def heal(self) -> None:
        with self._lock:
            self._is_cut = False

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    if self._is_cut:
                        client.close()
                        continue
                    self._clients.append(client)
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server / NAME))
                threading.Thread(target=self._copy, args=(client, server), daemon=True).start()
                threading.Thread(target=self._copy, args=(server, client), daemon=True).start()

    def _copy(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                to.sendall(data)
        # A server that learns that its client has gone would give up what it does.
        if not self._is_cut:
            _end(to)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()
        _end(self._listener)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
