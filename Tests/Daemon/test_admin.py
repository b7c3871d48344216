"""/admin/channels: who may, and what it does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.daemon import Daemon

from .accounts import Account
from .wire import JSON, Answer, Headers, Wire, request

REGISTERED = {"message": "Channel registered"}
REMOVED = {"message": "Channel removed"}
CHANNEL = {"phone_number_id": "1", "phone_number": "+4930901820", "waba_id": 123065260884961, "api_key": "berlin"}
SHOWN = {name: CHANNEL[name] for name in ("phone_number_id", "phone_number", "waba_id")}


class Admin:
    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.headers: Headers = [("Authorization", f"Bearer {daemon.admin_token}")]

    def ask(self, method: str, path: str, document: Any = None) -> Answer:
        body = None if document is None else json.dumps(document).encode()
        with Wire(self.daemon.port) as wire:
            return wire.ask(method, path, [*self.headers, *([JSON] if body else [])], body)

    def list(self) -> list[dict[str, Any]]:
        answer = self.ask("GET", "/admin/channels")
        assert answer.code == 200 and list(answer.json) == ["channels"]
        channels: list[dict[str, Any]] = answer.json["channels"]
        return channels


@pytest.fixture
def admin() -> Iterator[Admin]:
    """Of a daemon without any channel."""
    with Daemon("sqlite::memory:") as daemon:
        yield Admin(daemon)


def test_a_channel_is_registered_listed_and_removed(admin: Admin) -> None:
    assert admin.list() == []
    admin.ask("POST", "/admin/channels", CHANNEL).must_be(REGISTERED)
    assert admin.list() == [SHOWN]
    with Wire(admin.daemon.port) as wire:
        assert wire.ask("GET", "/multi_webhook", [("D360-API-KEY", "berlin")]).code == 200
        admin.ask("DELETE", "/admin/channels/1").must_be(REMOVED)
        wire.ask("GET", "/multi_webhook", [("D360-API-KEY", "berlin")]).must_fail(401, "D360_UNAUTHORIZED")
    assert admin.list() == []
    admin.ask("DELETE", "/admin/channels/1").must_fail(404, "D360_NOT_FOUND")


def test_registering_again_changes_what_is_given(admin: Admin) -> None:
    admin.ask("POST", "/admin/channels", CHANNEL).must_be(REGISTERED)
    admin.ask("POST", "/admin/channels", CHANNEL).must_be(REGISTERED)
    admin.ask("POST", "/admin/channels", {"phone_number_id": "1", "api_key": "new"}).must_be(REGISTERED)
    assert admin.list() == [SHOWN]
    with Wire(admin.daemon.port) as wire:
        assert [wire.ask("GET", "/waba_webhook", [("D360-API-KEY", key)]).code for key in ("berlin", "new")] == [401, 200]
    admin.ask("POST", "/admin/channels", {"phone_number_id": "1", "waba_id": 5}).must_be(REGISTERED)
    assert admin.list() == [{**SHOWN, "waba_id": 5}]


@pytest.mark.parametrize("identifier", ["a/b", "..", "ä", "1%2F"])
def test_a_channel_is_removed_by_its_encoded_identifier(admin: Admin, identifier: str) -> None:
    admin.ask("POST", "/admin/channels", {**CHANNEL, "phone_number_id": identifier}).must_be(REGISTERED)
    path = "".join(f"%{byte:02x}" for byte in identifier.encode())
    admin.ask("DELETE", f"/admin/channels/{path}").must_be(REMOVED)
    assert admin.list() == []


def test_a_key_that_belongs_to_another_number_is_a_conflict(admin: Admin) -> None:
    admin.ask("POST", "/admin/channels", CHANNEL).must_be(REGISTERED)
    other = {"phone_number_id": "2", "waba_id": 1, "api_key": "berlin"}
    admin.ask("POST", "/admin/channels", other).must_fail(409, "D360_CONFLICT", "/api_key")
    assert admin.list() == [SHOWN]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"api_key": None}, "/api_key"), ({"api_key": ""}, "/api_key"), ({"api_key": "a b"}, "/api_key"),
        ({"waba_id": "1"}, "/waba_id"),
        ({"waba_id": 0}, "/waba_id"), ({"waba_id": 1.5}, "/waba_id"), ({"phone_number_id": ""}, "/phone_number_id"),
        ({"phone_number_id": 1}, "/phone_number_id"), ({"unknown": 1}, "/unknown"),
    ],
)  # fmt: skip
def test_a_flawed_channel_is_refused_with_the_member_to_blame(admin: Admin, change: dict[str, Any], path: str) -> None:
    admin.ask("POST", "/admin/channels", {**CHANNEL, **change}).must_fail(400, "D360_INVALID_REQUEST", path)
    assert admin.list() == []


@pytest.mark.parametrize("missing", ["phone_number_id", "waba_id", "api_key"])
def test_a_channel_that_lacks_a_member_is_refused(admin: Admin, missing: str) -> None:
    channel = {name: value for name, value in CHANNEL.items() if name != missing}
    admin.ask("POST", "/admin/channels", channel).must_fail(400, "D360_INVALID_REQUEST", "")
    assert admin.list() == []


@pytest.mark.parametrize("document", [[CHANNEL], {"channels": [CHANNEL]}])
def test_one_request_registers_one_channel(admin: Admin, document: Any) -> None:
    assert admin.ask("POST", "/admin/channels", document).code == 400
    assert admin.list() == []


def test_a_body_that_is_no_json_or_too_long_is_refused(admin: Admin) -> None:
    with Wire(admin.daemon.port) as wire:
        wire.ask("POST", "/admin/channels", [*admin.headers, JSON], b"{").must_fail(400, "D360_MALFORMED_JSON")
        wire.ask("POST", "/admin/channels", admin.headers, b"{}").must_fail(415, "D360_INVALID_REQUEST")
        body = b" " * 1_048_577
        wire.send(request("POST", "/admin/channels", [*admin.headers, ("Content-Length", str(len(body)))]))
        wire.answer().must_fail(413, "D360_INVALID_REQUEST", "")


ENDPOINTS = [("GET", "/admin/channels"), ("POST", "/admin/channels"), ("DELETE", "/admin/channels/1")]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_the_token_nothing_is_told_or_changed(daemon: Daemon, account: Account, method: str, path: str) -> None:
    token = daemon.admin_token
    values = [
        None, "", token, "Bearer", "Bearer ", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Bearer {token.upper()}",
        f"Basic {token}",
        f"Bearer {token} {token}", f'Bearer "{token}"', f"Bearer {token},", f"Token {token}", "Bearer \xff",
    ]  # fmt: skip
    body = json.dumps(CHANNEL).encode() if method == "POST" else None
    with Wire(daemon.port) as wire:
        for value in values:
            headers = [JSON] if value is None else [JSON, ("Authorization", value)]
            answer = wire.ask(method, path, headers, body).must_fail(401, "D360_UNAUTHORIZED")
            assert answer.header("WWW-Authenticate") == "Bearer"
        right = ("Authorization", f"Bearer {token}")
        wire.ask(method, path, [JSON, right, right], body).must_fail(401, "D360_UNAUTHORIZED")
        wire.ask(method, path, [JSON, ("D360-API-KEY", token)], body).must_fail(401, "D360_UNAUTHORIZED")
        wire.ask("GET", "/multi_webhook", [("D360-API-KEY", "berlin")]).must_fail(401, "D360_UNAUTHORIZED")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_case_of_the_scheme_does_not_matter(daemon: Daemon, wire: Wire, scheme: str) -> None:
    assert wire.ask("GET", "/admin/channels", [("Authorization", f"{scheme} {daemon.admin_token}")]).code == 200


def test_the_token_opens_nothing_but_admin(daemon: Daemon, wire: Wire) -> None:
    token = daemon.admin_token
    headers = [("D360-API-KEY", token), ("Authorization", f"Bearer {token}")]
    wire.ask("GET", "/multi_webhook", headers).must_fail(401, "D360_UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), [*ENDPOINTS, ("OPTIONS", "/admin/channels"), ("GET", "/admin")])
def test_without_a_token_file_there_is_no_admin(method: str, path: str) -> None:
    with Daemon("sqlite::memory:", has_admin=False) as daemon, Wire(daemon.port) as wire:
        wire.ask(method, path, [("Authorization", f"Bearer {daemon.admin_token}")]).must_fail(404, "D360_NOT_FOUND")
        wire.ask(method, path, [("Authorization", "Bearer ")]).must_fail(404, "D360_NOT_FOUND")
