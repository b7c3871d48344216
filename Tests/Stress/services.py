"""The three kinds of service, with channels 0 to `count` - 1; channel n has the key "key-n"."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from Peers.certificates import Authority
from Peers.service import Peer

KINDS = ["memory", "file", "remote"]


def channels(count: int) -> list[dict[str, Any]]:
    return [{"phone_number_id": f"10654035{n:07}", "waba_id": 123065260884961, "api_key": f"key-{n}"} for n in range(count)]


@contextlib.contextmanager
def service(kind: str, folder: Path, authority: Authority, count: int) -> Iterator[tuple[str, str]]:
    """A service's URL and options. Programs register the channels of an embedded one themselves."""
    if kind == "remote":
        tls = authority.identity().context()
        with Peer(tls=tls, channels=channels(count), max_destinations=1000, voice="ours") as peer:
            yield peer.url, json.dumps({"ca_file": str(authority.bundle)})
        return
    url = "sqlite::memory:" if kind == "memory" else f"sqlite:{folder}/webhooks.db"
    yield url, json.dumps({"max_destinations": 1000})
