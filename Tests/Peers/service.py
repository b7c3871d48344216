"""A peer: the vendor's service on a real socket, with faults on demand. Also a command; see --help."""

import argparse
import contextlib
import json
import os
import signal
import ssl
import tempfile
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from . import faults
from .model import Answer, Service
from .recorder import Received, Record
from .server import Fault, Server


class Script:
    """Which request fails how: queues for writes and for readings, consumed in order; None lets one through."""

    def __init__(self) -> None:
        self._writes: deque[Fault | None] = deque()
        self._readings: deque[Fault | None] = deque()
        self._always: list[tuple[Callable[[Received], bool], Fault]] = []

    def writes(self, *some: Fault | None) -> Self:
        self._writes.extend(some)
        return self

    def readings(self, *some: Fault | None) -> Self:
        self._readings.extend(some)
        return self

    def every_write(self, fault: Fault) -> Self:
        return self.when(lambda request: not request.is_reading, fault)

    def every_reading(self, fault: Fault) -> Self:
        return self.when(lambda request: request.is_reading, fault)

    def when(self, applies: Callable[[Received], bool], fault: Fault) -> Self:
        """Once the queues are empty, every request for which `applies` is true fails; the first such rule counts."""
        self._always.append((applies, fault))
        return self

    def always(self, fault: Fault) -> Self:
        """Every request from now on, in place of all rules before."""
        self._always = [(lambda request: True, fault)]
        return self

    def next(self, request: Received) -> Fault | None:
        queue = self._readings if request.is_reading else self._writes
        if queue:
            return queue.popleft()
        return next((fault for applies, fault in self._always if applies(request)), None)


class Peer:
    """`with Peer(…) as peer:` serves until the end; `peer.url`, `peer.record`, `peer.script`, `peer.service`.

    Further arguments are those of `model.Service`: channels, voice, base, url_policy, max_destinations, show_after_ms,
    apply_delay_ms, answers. `tls` is a server context (see certificates.py); `on_accept` may refuse a connection by False;
    `server` may be that of http2.py.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        on_accept: Callable[[Any], bool] | None = None,
        server: type[Server] = Server,
        **options: Any,
    ) -> None:
        self.service = Service(**options)
        self.script = Script()
        self._server = server(self._perform, self.script.next, tls, (host, port), on_accept)
        scheme = "https" if tls else "http"
        place = f"[{host}]" if ":" in host else host
        self.port = self._server.port
        self.url = f"{scheme}://{place}:{self.port}{options.get('base', '')}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._server.close()

    @property
    def record(self) -> Record:
        return self._server.record

    def register(self, channel: dict[str, Any]) -> None:
        self.service.register(channel)

    def remove(self, phone_number_id: str) -> None:
        self.service.remove(phone_number_id)

    def drop_idle(self) -> None:
        """Ends the connections that clients keep open."""
        self._server.drop_idle()

    def _perform(self, request: Received) -> Answer:
        return self.service.perform(request.method, request.target, request.fields, request.body)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m Peers.service", description=__doc__)
    parser.add_argument("--port-file", required=True, help="gets the port once the peer listens")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--voice", choices=["vendor", "ours"], default="vendor")
    parser.add_argument("--channels", type=json.loads, help='[{"phone_number_id", "phone_number"?, "waba_id", "api_key"}, …]')
    parser.add_argument("--base", default="", help="path before every other, such as /v1")
    parser.add_argument("--url-policy", choices=["cloud", "local"], default="cloud")
    parser.add_argument("--show-after-ms", type=int, default=0, help="a change shows in readings only so much later")
    parser.add_argument("--apply-delay-ms", type=int, default=0, help="the same for WABA webhooks alone")
    parser.add_argument("--answer-after-ms", type=int, default=0, help="every answer comes only so much later")
    parser.add_argument("--cut-first", metavar="METHOD", help="take the first request of this method and cut its answer")
    given = vars(parser.parse_args())
    port_file, cut, late_ms = given.pop("port_file"), given.pop("cut_first"), given.pop("answer_after_ms")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    with Peer(**given) as peer:
        if cut:
            pending = [True]
            peer.script.when(
                lambda request: request.method == cut and bool(pending) and pending.pop(), faults.cut_before_status(taken=True)
            )
        if late_ms:
            peer.script.when(lambda request: True, faults.late(late_ms / 1000))
        _write_whole(port_file, f"{peer.port}\n")
        signal.sigwait([signal.SIGTERM, signal.SIGINT])


def _write_whole(path: str, text: str) -> None:
    """Nobody reads half a port."""
    directory = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as file:
        file.write(text)
    try:
        os.replace(file.name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(file.name)
        raise


if __name__ == "__main__":
    main()
