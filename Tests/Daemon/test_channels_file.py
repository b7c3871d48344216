"""--channels: loaded at every start, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.daemon import Daemon

from .accounts import URL
from .test_command_line import must_not_start
from .wire import JSON, Wire

CHANNELS = [
    {"phone_number_id": str(n), "phone_number": f"+4930{n}", "waba_id": 10**14 + n // 2, "api_key": f"secret-key-{n}"}
    for n in range(1, 21)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, {"channels": CHANNELS})


def written(folder: Path, document: Any) -> Path:
    path = folder / "channels.json"
    path.write_text(json.dumps(document))
    return path


def shown(daemon: Daemon) -> list[dict[str, Any]]:
    with Wire(daemon.port) as wire:
        answer = wire.ask("GET", "/admin/channels", [("Authorization", f"Bearer {daemon.admin_token}")])
        channels: list[dict[str, Any]] = answer.json["channels"]
        return channels


def without_keys(channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "api_key"} for one in channels]


def test_channels_are_there_from_the_first_request_on(file: Path) -> None:
    with Daemon("sqlite::memory:", ["--channels", str(file)]) as daemon:
        assert shown(daemon) == without_keys(CHANNELS)
        with Wire(daemon.port) as wire:
            for channel in CHANNELS:
                assert wire.ask("GET", "/multi_webhook", [("D360-API-KEY", str(channel["api_key"]))]).code == 200
        assert f"20 channels of {file} are registered" in daemon.log


def test_loading_them_again_changes_nothing(storage: str, file: Path) -> None:
    with Daemon(storage, ["--channels", str(file)]) as daemon, Wire(daemon.port) as wire:
        headers = [("D360-API-KEY", "secret-key-7"), JSON]
        assert wire.ask("POST", "/v1/configs/webhook", headers, json.dumps({"url": URL}).encode()).code == 200
        assert daemon.stop() == 0
    for _ in range(2):
        with Daemon(storage, ["--channels", str(file)]) as daemon, Wire(daemon.port) as wire:
            assert shown(daemon) == without_keys(CHANNELS)
            wire.ask("GET", "/v1/configs/webhook", headers).must_be({"url": URL})


def test_a_changed_file_changes_its_channels_and_leaves_the_others(storage: str, tmp_path: Path, file: Path) -> None:
    with Daemon(storage, ["--channels", str(file)]):
        pass
    changed = [{**CHANNELS[0], "api_key": "new"}, {"phone_number_id": "99", "waba_id": 7, "api_key": "ninety-nine"}]
    with Daemon(storage, ["--channels", str(written(tmp_path, {"channels": changed}))]) as daemon, Wire(daemon.port) as wire:
        assert len(shown(daemon)) == 21
        codes = [
            wire.ask("GET", "/multi_webhook", [("D360-API-KEY", key)]).code
            for key in ("secret-key-1", "new", "ninety-nine", "secret-key-2")
        ]
        assert codes == [401, 200, 200, 200]


def test_a_file_without_channels_is_fine(tmp_path: Path) -> None:
    with Daemon("sqlite::memory:", ["--channels", str(written(tmp_path, {"channels": []}))]) as daemon:
        assert shown(daemon) == []


FLAWED: list[tuple[Any, str]] = [
    ([], "channels"), ({}, "channels"), ({"channels": {}}, "channels"), ({"channels": None}, "channels"),
    ({"channels": CHANNELS, "more": 1}, "channels"),
    ({"channels": [*CHANNELS, "x"]}, "/channels/20"),
    ({"channels": [*CHANNELS, {**CHANNELS[0], "waba_id": "1"}]}, "/channels/20/waba_id"),
    ({"channels": [*CHANNELS, {"phone_number_id": "9", "waba_id": 1}]}, "/channels/20"),
    ({"channels": [*CHANNELS, {"phone_number_id": "9", "api_key": "new"}]}, "/channels/20"),
    ({"channels": [{**CHANNELS[0], "api_key": "a b"}]}, "/channels/0/api_key"),
    ({"channels": [{**CHANNELS[0], "typo": 1}]}, "/channels/0/typo"),
    ({"channels": [*CHANNELS, {**CHANNELS[0], "phone_number_id": "new"}]}, "/channels/20/api_key"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "place"), FLAWED)
def test_a_flawed_file_changes_nothing_and_names_the_member(storage: str, tmp_path: Path, document: Any, place: str) -> None:
    with Daemon(storage):
        pass
    path = written(tmp_path, document)
    must_not_start(["--service", storage, "--channels", str(path)], str(path), place)
    with Daemon(storage) as daemon:
        assert shown(daemon) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"channels": [{"api_key": "secret-key-1", "api_key": "x"}]}', b"secret-key-1"]
)
def test_a_file_that_is_no_json_is_said_without_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "channels.json"
    path.write_bytes(content)
    must_not_start(["--service", "sqlite::memory:", "--channels", str(path)], str(path))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    must_not_start(["--service", "sqlite::memory:", "--channels", f"{tmp_path}/none"], f"{tmp_path}/none")
