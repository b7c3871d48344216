"""--channels: loaded at every start, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.daemon import Daemon

from .accounts import URL
from .starting import must_not_start
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
    ({"channels": CHANNELS, "more": 1}, "/more"),
    ({"channels": [*CHANNELS, {**CHANNELS[0], "customer_webhook": {"url": "ftp://x"}}]}, "/channels/20/customer_webhook/url"),
    ({"channels": [*CHANNELS, {**CHANNELS[0], "multi_webhook": {"enabled": 1}}]}, "/channels/20/multi_webhook/enabled"),
    ({"channels": CHANNELS, "wabas": [{"waba_id": 1, "url": URL}]}, "/wabas/0/waba_id"),
    ({"channels": CHANNELS, "wabas": [{"waba_id": 10**14, "url": "x"}]}, "/wabas/0/url"),
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


WABA = "https://waba.example.com/hook"
CRM = {"name": "crm", "url": URL, "headers": {"X-A": "1"}}
STATE = {
    "channels": [
        {**CHANNELS[0], "customer_webhook": {"url": URL}, "multi_webhook": {"enabled": True, "destinations": [CRM]}},
        *CHANNELS[1:3],
    ],
    "wabas": [{"waba_id": CHANNELS[0]["waba_id"], "url": WABA}],
}


def key(number: int) -> list[tuple[str, str]]:
    return [("D360-API-KEY", f"secret-key-{number}"), JSON]


def must_be_in_the_initial_state(daemon: Daemon) -> None:
    assert shown(daemon) == without_keys(CHANNELS[:3])
    with Wire(daemon.port) as wire:
        wire.ask("GET", "/v1/configs/webhook", key(1)).must_be({"url": URL})
        wire.ask("GET", "/multi_webhook", key(1)).must_be({"enabled": True, "destinations": [CRM]})
        wire.ask("GET", "/multi_webhook", key(2)).must_be({"enabled": False, "destinations": []})
        assert wire.ask("GET", "/waba_webhook", key(1)).json["url"] == WABA
        assert "url" not in wire.ask("GET", "/waba_webhook", key(2)).json


def change_everything(daemon: Daemon) -> None:
    admin = [("Authorization", f"Bearer {daemon.admin_token}"), JSON]
    other = json.dumps({"url": "https://other.example.com/"}).encode()
    added = json.dumps({"phone_number_id": "new", "waba_id": 7, "api_key": "new"}).encode()
    with Wire(daemon.port) as wire:
        assert wire.ask("DELETE", "/multi_webhook/crm", key(1)).code == 200
        assert wire.ask("POST", "/multi_webhook", key(2), b'{"enabled":true}').code == 200
        for target in ("/v1/configs/webhook", "/waba_webhook"):
            assert wire.ask("POST", target, key(1), other).code == 200
            assert wire.ask("POST", target, key(2), other).code == 200
        assert wire.ask("DELETE", "/admin/channels/3", admin).code == 200
        assert wire.ask("POST", "/admin/channels", admin, added).code == 200


def reset(daemon: Daemon, token: str) -> int:
    with Wire(daemon.port) as wire:
        return wire.ask("POST", "/admin/reset", [("Authorization", f"Bearer {token}")]).code


def test_a_file_sets_webhooks_and_a_reset_puts_them_back(storage: str, tmp_path: Path) -> None:
    path = written(tmp_path, STATE)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with Daemon(storage, ["--channels", str(path)]) as daemon:
        must_be_in_the_initial_state(daemon)
        for _ in range(2):
            change_everything(daemon)
            assert reset(daemon, "wrong") == 401
            assert reset(daemon, daemon.admin_token) == 200
            must_be_in_the_initial_state(daemon)
        change_everything(daemon)
    with Daemon(storage, ["--channels", str(path)]) as daemon, Wire(daemon.port) as wire:
        wire.ask("GET", "/v1/configs/webhook", key(1)).must_be({"url": URL})
        assert len(shown(daemon)) == 4


def test_a_reset_without_a_file_empties_the_service(storage: str, file: Path) -> None:
    with Daemon(storage, ["--channels", str(file)]):
        pass
    with Daemon(storage) as daemon:
        assert len(shown(daemon)) == 20
        assert reset(daemon, daemon.admin_token) == 200
        assert shown(daemon) == []


@pytest.mark.parametrize(("answers", "code"), [("specification", 200), ("observed", 200), ("not_found", 404)])
def test_the_style_of_answers_decides_how_an_unset_webhook_reads(file: Path, answers: str, code: int) -> None:
    with Daemon("sqlite::memory:", ["--channels", str(file), "--answers", answers]) as daemon, Wire(daemon.port) as wire:
        answer = wire.ask("GET", "/v1/configs/webhook", key(1))
        assert answer.code == code
        if code == 404:
            assert answer.json == {"error": "Webhook not found", "status": "D360_NOT_FOUND"}
        else:
            assert answer.json == ({} if answers == "specification" else {"url": None, **answer.json})
        assert wire.ask("POST", "/v1/configs/webhook", key(1), json.dumps({"url": URL}).encode()).code == 200
        assert wire.ask("GET", "/v1/configs/webhook", key(1)).json["url"] == URL
