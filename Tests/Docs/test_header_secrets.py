"""docs/header-secrets.md: every command, while events arrive with the headers that the service has at that moment."""

import shutil
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.documents import sections
from support.reader import Reader

from d360webhook import Client

from .ports import free_port

TOP = Path(__file__).resolve().parents[2]
PAGE = sections(TOP / "docs" / "header-secrets.md")
ROTATION = "Change the secret, with no event rejected"


class Sender:
    """Sends events as the service would: to the URL and with the headers that are set now, one after the other."""

    def __init__(self, service: str) -> None:
        self.statuses: Counter[int] = Counter()
        self._client = Client(service, url_policy="local", answers="observed")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        with self._client as client:
            while not self._ended.is_set():
                for webhook in (client.customer_webhook_get("key-1"), client.waba_webhook_get("key-2")):
                    self.statuses[post(webhook["url"], webhook["headers"])] += 1

    def close(self) -> None:
        self._ended.set()
        self._thread.join(30)


def post(url: Any, headers: Any) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, b'{"entry": []}', headers or {}), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """The page up to the rotation has been typed."""
    shutil.copy(TOP / "examples" / "receiver.py", tmp_path)
    with Reader(tmp_path, {"receiver.secrets > ": f"receiver.secrets {free_port()} > ", "8360": free_port()}) as reader:
        reader.replacements["8090"] = reader.replacements["receiver.secrets > "].split()[1]
        for title, blocks in PAGE.items():
            if title == ROTATION:
                break
            for block in blocks:
                if block.language == "json":
                    (tmp_path / "channels.json").write_text(block.text)
            assert reader.read(blocks)
        yield reader


def test_every_command_prints_what_is_below_it_and_no_event_is_rejected_during_the_rotation(reader: Reader) -> None:
    sender = Sender(f"sqlite:{reader.folder / 'webhooks.db'}")
    try:
        for block in PAGE[ROTATION]:
            before = sender.statuses[200]
            assert reader.read([block])
            wait_for_events(sender, before + 4)
    finally:
        sender.close()
    assert set(sender.statuses) == {200}
    assert {"POST /events 200: secret 1", "POST /events 200: secret 2"} <= set(lines(reader))
    assert reader.read(PAGE["If it went wrong"])


def test_an_event_is_rejected_if_the_receiver_drops_the_old_secret_first(reader: Reader) -> None:
    sender = Sender(f"sqlite:{reader.folder / 'webhooks.db'}")
    try:
        reader.type("openssl rand -hex 32 > secret.2; cp secret.2 receiver.new && mv receiver.new receiver.secrets")
        wait_for_events(sender, 4, status=401)
    finally:
        sender.close()


def test_no_line_of_a_log_or_of_a_command_has_a_secret(reader: Reader) -> None:
    printed = "".join(reader.type(command) for block in PAGE[ROTATION] for command, _ in block.commands)
    printed += "".join((reader.folder / name).read_text() for name in ("receiver.log", "daemon.log"))
    for name in ("secret.1", "secret.2"):
        assert (reader.folder / name).read_text().strip() not in printed


def lines(reader: Reader) -> list[str]:
    return (reader.folder / "receiver.log").read_text().splitlines()


def wait_for_events(sender: Sender, count: int, status: int = 200) -> None:
    end = time.monotonic() + 20
    while sender.statuses[status] < count:
        assert time.monotonic() < end, sender.statuses
        time.sleep(0.01)
