"""The services that the suite runs against. One more kind is one more class here and its line in KINDS."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from Peers.service import Peer
from support import postgres, raw
from support.daemon import Daemon

Options = dict[str, Any]


class Service:
    """An open client of some service. `options` are d360_open's; what concerns the service itself must reach it too."""

    #: Registered and listed through the client, else from outside.
    is_embedded = False
    #: Error bodies hold our status, path and message; else only what the contract promises for any service is compared.
    says_our_status = True
    #: One of `Peers.styles.STYLES`.
    style = "specification"

    def __init__(self, url: str, options: Options) -> None:
        self.url, self.options = url, options
        status, client, error = raw.open_client(url, options)
        assert status == "D360_OK" and client, error
        self.client: int = client

    def call(self, function: str, *arguments: Any) -> tuple[str, str | None]:
        return raw.call(function, self.client, *arguments)

    def register(self, channel: dict[str, Any]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raw.close(self.client)


class Embedded(Service):
    is_embedded = True

    def register(self, channel: dict[str, Any]) -> None:
        status, text = self.call("d360_channel_register", channel)
        assert status == "D360_OK", text


class Memory(Embedded):
    def __init__(self, options: Options, folder: Path) -> None:
        super().__init__("sqlite::memory:", options)


class File(Embedded):
    def __init__(self, options: Options, folder: Path) -> None:
        super().__init__(f"sqlite:{folder}/webhooks.db", options)


class Remote(Service):
    voice = "ours"

    def __init__(self, options: Options, folder: Path) -> None:
        self.peer = Peer(
            voice=self.voice,
            channels=[],
            url_policy=options.get("url_policy", "cloud"),
            max_destinations=options.get("max_destinations", 3),
            apply_delay_ms=options.get("apply_delay_ms", 0),
            show_after_ms=options.get("multi_apply_delay_ms", 0),
            answers=options.get("answers", self.style),
        )
        try:
            super().__init__(self.peer.url, options)
        except BaseException:
            self.peer.close()
            raise

    def register(self, channel: dict[str, Any]) -> None:
        self.peer.register(channel)

    def close(self) -> None:
        super().close()
        self.peer.close()


class RemoteVendor(Remote):
    voice = "vendor"
    says_our_status = False


class Served(Service):
    """d360-webhookd, by a client of it."""

    #: How many daemons share one storage; channels are registered at each in turn, and calls go to each in turn.
    daemons = 1

    def __init__(self, options: Options, folder: Path) -> None:
        self.running: list[Daemon] = []
        try:
            storage = self.storage(folder)
            for _ in range(self.daemons):
                self.running.append(Daemon(storage, [f"--answers={self.style}", *_flags(options)]))
            super().__init__(self.running[0].url, options)
            self.others = [self._another(daemon) for daemon in self.running[1:]]
            self.turn = 0
        except BaseException:
            self._stop()
            raise

    def storage(self, folder: Path) -> str:
        raise NotImplementedError

    def _another(self, daemon: Daemon) -> int:
        status, client, error = raw.open_client(daemon.url, self.options)
        assert status == "D360_OK" and client, error
        return client

    def call(self, function: str, *arguments: Any) -> tuple[str, str | None]:
        self.turn += 1
        return raw.call(function, [self.client, *self.others][self.turn % self.daemons], *arguments)

    def register(self, channel: dict[str, Any]) -> None:
        self.turn += 1
        self.running[self.turn % self.daemons].register(channel)

    def close(self) -> None:
        for client in [self.client, *self.others]:
            raw.close(client)
        self._stop()

    def _stop(self) -> None:
        for daemon in self.running:
            daemon.close()


def _flags(options: Options) -> Iterator[str]:
    """The daemon's, for what concerns the service itself."""
    for name in ("url_policy", "max_destinations", "apply_delay_ms", "multi_apply_delay_ms"):
        if name in options:
            yield f"--{name.replace('_', '-')}={options[name]}"


class DaemonMemory(Served):
    def storage(self, folder: Path) -> str:
        return "sqlite::memory:"


class DaemonObserved(DaemonMemory):
    style = "observed"


class DaemonNotFound(DaemonMemory):
    style = "not_found"


class DaemonFile(Served):
    def storage(self, folder: Path) -> str:
        return f"sqlite:{folder}/webhooks.db"


class DaemonPostgreSQL(Served):
    def storage(self, folder: Path) -> str:
        return postgres.fresh_database(f"conformance-{uuid.uuid4()}")


class TwoDaemons(DaemonPostgreSQL):
    daemons = 2


#: The first is the reference: every other that says our status must answer the same calls as it did.
KINDS: dict[str, Any] = {
    "memory": Memory,
    "file": File,
    "remote": Remote,
    "remote-vendor": RemoteVendor,
    "daemon-memory": DaemonMemory,
    "daemon-observed": DaemonObserved,
    "daemon-not-found": DaemonNotFound,
    "daemon-file": DaemonFile,
    "daemon-postgresql": DaemonPostgreSQL,
    "two-daemons": TwoDaemons,
}
REFERENCE = next(iter(KINDS))
