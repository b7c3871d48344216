"""docs/troubleshooting.md: each message is provoked, and printed as the page quotes it."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.server import Fault
from Peers.service import Peer
from support.daemon import PROGRAM, Daemon

from d360webhook import Client, D360Error

TOP = Path(__file__).resolve().parents[2]
TEXT = (TOP / "docs" / "troubleshooting.md").read_text()
MESSAGES = re.findall(r"^\| `([^`]+)` \|", TEXT, re.M)
CHANNEL: dict[str, Any] = {"phone_number_id": "1061", "waba_id": 7001, "api_key": "key-1"}
URL = "https://hooks.example.com/"
CRM = {"name": "crm", "url": URL}

Provoke = Callable[[Path], str]


def said(call: Callable[[Client], object], service: str = "sqlite::memory:", **options: Any) -> str:
    """The message of a call that fails."""
    with pytest.raises(D360Error) as failed, Client(service, **options) as client:
        if service.startswith("sqlite::"):
            client.channel_register(**CHANNEL)
        call(client)
    return failed.value.message


def opening(service: str, **options: Any) -> Provoke:
    return lambda folder: said(lambda client: None, service.replace("FOLDER", str(folder)), **options)


def calling(call: Callable[[Client], object], **options: Any) -> Provoke:
    return lambda folder: said(call, **options)


def setting(url: str = URL, headers: dict[str, str] | None = None) -> Provoke:
    return calling(lambda client: client.customer_webhook_set("key-1", url, headers))


def answered(fault: Fault | None, base: str = "", *, is_write: bool = False) -> Provoke:
    """A call to a service that answers so."""

    def provoke(folder: Path) -> str:
        with Peer(channels=[CHANNEL]) as peer:
            if fault:
                peer.script.when(lambda request: True, fault)

            def call(client: Client) -> object:
                return client.customer_webhook_set("key-1", URL) if is_write else client.multi_webhook_get("key-1")

            return said(call, peer.url + base, timeout_ms=1_000)

    return provoke


def secured(*, expired: bool = False, names: str = "IP:127.0.0.1", is_trusted: bool = True) -> Provoke:
    def provoke(folder: Path) -> str:
        authority = Authority(folder)
        options = {"ca_file": str(authority.bundle)} if is_trusted else {}
        with Peer(tls=authority.identity(names, expired=expired).context(), channels=[CHANNEL]) as peer:
            return said(lambda client: client.multi_webhook_get("key-1"), peer.url, timeout_ms=5_000, **options)

    return provoke


def foreign(folder: Path) -> str:
    (folder / "text").write_text("x" * 2_000)
    return opening("sqlite:FOLDER/text")(folder)


def other_program(folder: Path) -> str:
    with sqlite3.connect(folder / "other.db") as database:
        database.execute("CREATE TABLE theirs (name)")
    return opening("sqlite:FOLDER/other.db")(folder)


def moved(folder: Path) -> str:
    def call(client: Client) -> object:
        client.channel_register(**CHANNEL)
        (folder / "moved.db").rename(folder / "elsewhere.db")
        return client.customer_webhook_set("key-1", URL)

    return said(call, f"sqlite:{folder / 'moved.db'}")


def failing(program: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """What a program that fails says on standard error."""
    done = subprocess.run(
        program, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    return done.stderr


def command_line(*arguments: str, files: dict[str, str] | None = None, key: str = "key-1", **environment: str) -> Provoke:
    def provoke(folder: Path) -> str:
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        program = [sys.executable, "-m", "d360webhook.cli", *arguments]
        whole = {**os.environ, "D360_SERVICE": "sqlite::memory:", "D360_API_KEY": key, **environment}
        done = subprocess.run(
            program, cwd=folder, env=whole, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        assert done.returncode != 0
        return done.stderr

    return provoke


def document(*lines: str) -> dict[str, str]:
    return {"fleet.yaml": "accounts:\n- name: berlin\n" + "".join(f"  {line}\n" for line in lines)}


def daemon(*arguments: str) -> Provoke:
    """A daemon that does not start."""
    service = () if "--service" in arguments else ("--service", "sqlite::memory:")

    def provoke(folder: Path) -> str:
        done = subprocess.run(
            [PROGRAM, *service, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode in (1, 64)
        return done.stderr

    return provoke


def port_in_use(folder: Path) -> str:
    with Daemon("sqlite::memory:") as other:
        return daemon("--listen", f"127.0.0.1:{other.port}")(folder)


def readable_token(folder: Path) -> str:
    token = folder / "token"
    token.write_text("token\n")
    token.chmod(0o644)
    with Daemon("sqlite::memory:", ["--admin-token-file", str(token)], has_admin=False) as running:
        end = time.monotonic() + 10
        while "chmod" not in running.log and time.monotonic() < end:
            time.sleep(0.01)
        return running.log


NAMES = [{"name": str(number), "url": URL} for number in range(4)]
PROVOCATIONS: list[Provoke] = [
    calling(lambda client: client.multi_webhook_get("k"), service="https://nowhere.invalid", max_attempts=1, timeout_ms=5_000),
    calling(lambda client: client.multi_webhook_get("k"), service="http://127.0.0.1:9", max_attempts=1),
    answered(faults.silent()),
    secured(is_trusted=False),
    secured(expired=True),
    secured(names="DNS:other.example.com"),
    opening("http://hooks.example.com"),
    opening("ftp://hooks.example.com"),
    opening("https://user:pass@hooks.example.com"),
    opening("sqlite://webhooks.db"),
    answered(faults.error(401, "Invalid API key")),
    calling(lambda client: client.multi_webhook_get("other")),
    calling(lambda client: client.multi_webhook_get("key-1\n")),
    answered(None, "/api"),
    answered(faults.html(code=403)),
    answered(faults.retry_after("60")),
    answered(faults.error(500, "oops")),
    answered(faults.redirect(URL)),
    answered(faults.body(b"hello")),
    answered(faults.big()),
    answered(faults.cut_before_status(), is_write=True),
    calling(lambda client: client.waba_webhook_wait("key-1", URL, timeout_ms=50)),
    calling(lambda client: client.channel_list(), service="http://127.0.0.1:9"),
    setting("https://hooks.example.com:3000/"),
    setting("http://hooks.example.com/"),
    setting("https://your_webhook.example.com/"),
    setting("https://10.0.0.1/"),
    setting("https://localhost/"),
    setting(headers={"Host": "other"}),
    setting(headers={"X-Token": "t0ken\n"}),
    calling(lambda client: client.multi_webhook_append("key-1", [CRM])),
    calling(lambda client: (client.multi_webhook_set("key-1", True), client.multi_webhook_set("key-1", True, [CRM]))),
    calling(lambda client: (client.multi_webhook_set("key-1", True, [CRM]), client.multi_webhook_append("key-1", [CRM]))),
    calling(lambda client: client.multi_webhook_set("key-1", True, NAMES)),
    calling(lambda client: (client.multi_webhook_set("key-1", True), client.multi_webhook_delete("key-1", "crm"))),
    calling(lambda client: client.channel_register("1062", waba_id=7001, api_key="key-1")),
    opening("sqlite:FOLDER/none/webhooks.db"),
    opening("sqlite:FOLDER"),
    foreign,
    other_program,
    moved,
    command_line("customer", "get", key=""),
    command_line("customer", "get", D360WEBHOOK_LIBRARY="/nowhere/libd360webhook.so.0"),
    command_line("fleet", "audit", "fleet.yaml", files=document("api_key: ${BERLIN_KEY}")),
    command_line("fleet", "check", "fleet.yaml", files=document("api_key: key", "custmer_webhook: null")),
    command_line("fleet", "check", "fleet.yaml", files=document("api_key: key", "api_key: other")),
    command_line("fleet", "apply", "fleet.yaml", files=document("api_key: key")),
    command_line(
        "fleet", "export", "keys.csv", "--out", "fleet.yaml", "--secrets-out", "secrets",
        files={**document("api_key: key"), "keys.csv": "name,api_key\nberlin,key\n", "secrets": "A: b\n"},
    ),
    command_line("fleet", "export", "keys.csv", files={"keys.csv": "berlin,key\n"}),
    command_line("customer", "set", URL, "--header", "X-Token"),
    port_in_use,
    daemon("--listen", "0.0.0.0:0"),
    daemon("--listen", "8360"),
    daemon("--service", "mysql://localhost/d360"),
    daemon("--service", "postgresql://d360@127.0.0.1:9/d360"),
    readable_token,
]  # fmt: skip


def test_every_message_has_its_provocation() -> None:
    assert len(MESSAGES) == len(set(MESSAGES)) == len(PROVOCATIONS)


@pytest.mark.parametrize(("message", "provoke"), list(zip(MESSAGES, PROVOCATIONS, strict=False)), ids=MESSAGES)
def test_a_message_is_one_that_is_printed(message: str, provoke: Provoke, tmp_path: Path) -> None:
    printed = provoke(tmp_path)
    # "…" inside of a message that says "https://…" itself is a part of it.
    assert re.search(re.escape(message).replace("…", ".+?"), printed), printed
