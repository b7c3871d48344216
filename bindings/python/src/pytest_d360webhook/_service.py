# SPDX-License-Identifier: Apache-2.0
"""The services that the fixtures return."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from d360webhook import Channel, Client

URL_POLICY: Final = "local"


@dataclass(frozen=True)
class D360Channel:
    """A registered channel."""

    phone_number_id: str
    phone_number: str
    waba_id: int
    api_key: str = field(repr=False)


CHANNELS = (
    D360Channel("106540352242922", "+4930901820", 123065260884961, "d360-test-key-of-berlin"),
    D360Channel("106540352242923", "+4989233000", 123065260884961, "d360-test-key-of-munich"),
)


@dataclass(frozen=True, kw_only=True)
class D360Service:
    """A service of the test's own.

    url       opens it, in any number of clients and processes; they need url_policy="local" for http, ports and IP addresses
    client    a Client of it with this policy; closed at the end of the test
    channels  the two that are registered, on one WhatsApp Business Account
    """

    url: str
    client: Client
    channels: tuple[D360Channel, D360Channel] = CHANNELS

    def channel(self, number: int = 0) -> Channel:
        """One of the channels, its key bound."""
        return self.client.channel(self.channels[number].api_key)

    def reset(self) -> None:
        """Removes every channel with its configuration, and registers the two again."""
        for registered in self.client.channel_list()["channels"]:
            self.client.channel_remove(registered["phone_number_id"])
        for channel in self.channels:
            self.client.channel_register(**asdict(channel))


@contextmanager
def embedded(folder: Path, options: Mapping[str, Any]) -> Iterator[D360Service]:
    """A service in a database file, opened with options of Client."""
    url = f"sqlite:{folder / 'd360-webhooks.db'}"
    chosen: dict[str, Any] = {"url_policy": URL_POLICY, **options}
    with Client(url, **chosen) as client:
        service = D360Service(url=url, client=client)
        service.reset()
        yield service
