"""What the program `writer` said that was acknowledged, and what is there."""

import json
from collections import defaultdict
from collections.abc import Iterable

from support import raw


class Acknowledged:
    """What writers printed, by what it says."""

    def __init__(self) -> None:
        self.channels: set[str] = set()
        self.webhooks: dict[str, int] = {}
        self.destinations: defaultdict[str, list[str]] = defaultdict(list)

    def read(self, writer: str, lines: Iterable[str]) -> None:
        """A line that a kill has cut says nothing: a pipe takes a short line whole."""
        for line in lines:
            match line.split():
                case ["channel", key]:
                    self.channels.add(key)
                case ["webhook", name, number]:
                    self.webhooks[name] = int(number)
                case ["destination", name]:
                    self.destinations[writer].append(name)
                case words:
                    assert words == ["ready"], line


def get(client: int, function: str, *arguments: str) -> str:
    status, text = raw.call(function, client, *arguments)
    assert status == "D360_OK" and text, text
    return text


def phone_numbers(client: int) -> set[str]:
    channels = json.loads(get(client, "d360_channel_list"))["channels"]
    numbers = {channel["phone_number"] for channel in channels}
    assert len(numbers) == len(channels)
    return numbers


def destinations(client: int, key: str) -> list[str]:
    return [destination["name"] for destination in json.loads(get(client, "d360_multi_webhook_get", key))["destinations"]]
