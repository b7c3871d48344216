"""The nine operations, listed once: whatever offers them offers just these."""

import inspect
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from Peers.service import Peer
from support import raw
from support.daemon import Daemon

from d360webhook import AsyncChannel, Channel

TOP = Path(__file__).parent.parent.parent
URL = "https://hooks.example.com/main"
CRM = {"name": "crm", "url": URL}
CHANNEL = {"phone_number_id": "106540352242922", "waba_id": 123065260884961, "api_key": "key"}


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    request: Any  # of the C function, beside client and key; None: it has none
    commands: tuple[str, ...]


#: In an order in which all of them succeed on a channel without webhooks.
OPERATIONS = [
    Operation("multi_webhook_set", "POST", "/multi_webhook", {"enabled": True}, ("multi enable", "multi disable")),
    Operation("multi_webhook_append", "PUT", "/multi_webhook", {"destinations": [CRM]}, ("multi append",)),
    Operation("multi_webhook_update", "PATCH", "/multi_webhook", CRM, ("multi update",)),
    Operation("multi_webhook_get", "GET", "/multi_webhook", None, ("multi get",)),
    Operation("multi_webhook_delete", "DELETE", "/multi_webhook/{dest_name}", "crm", ("multi delete",)),
    Operation("customer_webhook_set", "POST", "/v1/configs/webhook", {"url": URL}, ("customer set",)),
    Operation("customer_webhook_get", "GET", "/v1/configs/webhook", None, ("customer get",)),
    Operation("waba_webhook_set", "POST", "/waba_webhook", {"url": URL}, ("waba set",)),
    Operation("waba_webhook_get", "GET", "/waba_webhook", None, ("waba get",)),
]
NAMES = {operation.name for operation in OPERATIONS}
ROUTES = {(operation.method, operation.path) for operation in OPERATIONS}
#: Reads again and again; it is none of the service's operations.
WAITING = "waba_webhook_wait"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def route(request_line: str) -> tuple[str, str]:
    method, path, _ = request_line.split(" ")
    return method, re.sub(r"^/multi_webhook/[^/]+$", "/multi_webhook/{dest_name}", path)


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with Daemon("sqlite::memory:") as running:
        running.register(CHANNEL)
        yield running


def asked(daemon: Daemon, method: str, path: str, body: Any = None, key: str = "key") -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"D360-API-KEY": key, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{daemon.url}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_library_exports_just_these() -> None:
    command = ["nm", "--dynamic", "--defined-only", os.environ["D360WEBHOOK_LIBRARY"]]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    exported = set(re.findall(r" T d360_((?:\w+_)?webhook_(?:get|set|append|update|delete|wait)\w*)", text))
    assert exported == NAMES | {WAITING}


@pytest.mark.parametrize("channel", [Channel, AsyncChannel])
def test_a_channel_in_python_has_just_these_methods(channel: type) -> None:
    methods = {name for name, _ in inspect.getmembers(channel, inspect.isfunction) if not name.startswith("_")}
    assert methods == NAMES | {WAITING}


def test_a_channel_in_node_has_just_these_methods() -> None:
    types = (TOP / "bindings" / "node" / "index.d.ts").read_text()
    methods = re.findall(r"^  (\w+)\(", types.split("interface Operations<")[1].split("\n}")[0], re.M)
    assert {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", method) for method in methods} == NAMES | {WAITING}


def test_the_command_line_has_just_these_commands() -> None:
    def commands(group: str) -> set[str]:
        command = [sys.executable, "-m", "d360webhook.cli", group, "--help"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        listed = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.M)
        assert listed, text
        return {f"{group} {name}" for name in re.findall(r"^  (\w+)", listed[1], re.M)}

    expected = {command for operation in OPERATIONS for command in operation.commands}
    assert commands("multi") | commands("customer") | commands("waba") == expected


def test_the_openapi_document_has_just_these(daemon: Daemon) -> None:
    status, text = asked(daemon, "GET", "/openapi.json")
    assert status == 200
    described = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in json.loads(text)["paths"].items()
        if "webhook" in path
        for method, operation in methods.items()
        if method.upper() in METHODS
    }
    assert described == {operation.name: (operation.method, operation.path) for operation in OPERATIONS}


def test_the_daemon_has_just_these_routes(daemon: Daemon) -> None:
    """A key that nobody has is answered 401 where there is an operation, and a method that is none by 405."""
    paths = {operation.path for operation in OPERATIONS}
    for path in paths:
        for method in METHODS:
            status, _ = asked(daemon, method, path.replace("{dest_name}", "crm"), {} if method != "GET" else None, key="unknown")
            assert status == (401 if (method, path) in ROUTES else 405), (method, path)


def test_a_remote_client_sends_just_these() -> None:
    with Peer(channels=[CHANNEL]) as peer:
        status, client, error = raw.open_client(peer.url)
        assert status == "D360_OK" and client, error
        sent = {}
        for operation in OPERATIONS:
            before = len(peer.record.requests)
            more = [] if operation.request is None else [operation.request]
            status, answer = raw.call(f"d360_{operation.name}", client, "key", *more)
            assert status == "D360_OK", (operation.name, answer)
            sent[operation.name] = {route(request.line) for request in peer.record.requests[before:]}
        raw.close(client)
    assert sent == {operation.name: {(operation.method, operation.path)} for operation in OPERATIONS}
