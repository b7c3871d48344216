"""Keys, tokens, header values, queries and bodies never get into the log, the metrics or an error."""

import json
import re
from pathlib import Path

import pytest
from support.daemon import Daemon

from .accounts import URL, Account
from .files import spoil
from .wire import JSON, Wire, request

SECRET = "s3cr3t"
BODIES = [
    b'{"url":"%s","headers":{"Authorization":"s3cr3t"}}' % URL.encode(),
    b'{"url":"%s","headers":{"X":"s3cr3t\\n"}}' % URL.encode(),
    b'{"url":"%s","headers":{"X":"s3cr3t","x":"s3cr3t"}}' % URL.encode(), b'{"url":"%s","s3cr3t":"s3cr3t"' % URL.encode(),
    b's3cr3t', b'"s3cr3t"',
    b'{"url":"https://user:s3cr3t@example.com"}',
    b'{"enabled":true,"destinations":[{"name":"a","url":"%s","headers":{"A":"s3cr3t"}}]}' % URL.encode(),
]  # fmt: skip
PATHS = ["/multi_webhook", "/v1/configs/webhook", "/waba_webhook", "/admin/channels", "/healthz", "/nowhere"]


def send_secrets(daemon: Daemon) -> int:
    """Everywhere but in a path, which the log shows; the number of requests."""
    account = Account(daemon, 1)
    account_key = f"{SECRET}-key"
    daemon.register({**account.registration, "api_key": account_key})
    daemon.admin_token = SECRET
    count = 1
    keys = [
        [("D360-API-KEY", key), ("Authorization", f"Bearer {key}"), ("Cookie", f"a={SECRET}")]
        for key in (account_key, f"wrong-{SECRET}", SECRET)
    ]
    with Wire(daemon.port) as wire:
        for path in PATHS:
            for headers in keys:
                for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                    wire.ask(method, f"{path}?key={SECRET}", headers)
                    count += 1
                for body in BODIES:
                    wire.ask("POST", path, [*headers, JSON], body)
                    wire.ask("POST", path, [*headers, ("Content-Type", f"text/{SECRET}")], body)
                    count += 2
    for broken in (
        request("GET", f"/{SECRET}?", keys[0], version="HTTP/7"),
        request("POST", f"/multi_webhook?{SECRET}", [*keys[0], ("Content-Length", SECRET)]),
        request("POST", f"/multi_webhook?{SECRET}", [*keys[0], ("Transfer-Encoding", SECRET)]),
        request("GET", f"/multi_webhook?{SECRET}", [("X-Long", SECRET * 20_000)]),
        f"{SECRET} {SECRET}\r\n\r\n".encode(),
    ):
        with Wire(daemon.port) as wire:
            wire.send(broken)
            wire.rest()
    return count


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("storage_fails", [False, True])
def test_no_secret_gets_into_the_log_or_the_metrics(tmp_path: Path, log_format: str, storage_fails: bool) -> None:
    token = tmp_path / "token"
    token.write_text(SECRET)
    options = ["--access-log", "--log-format", log_format, "--admin-token-file", str(token), "--apply-delay-ms=50"]
    database = tmp_path / "w.db"
    with Daemon(f"sqlite:{database}", options, has_admin=False) as daemon:
        daemon.admin_token = SECRET
        if storage_fails:
            account = Account(daemon, 2).register()
            spoil(database)
            assert account.ask("GET", "/multi_webhook").must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
        count = 50 if storage_fails else send_secrets(daemon)
        if storage_fails:
            with Wire(daemon.port) as wire:
                for body in BODIES:
                    wire.ask("POST", "/waba_webhook", [("D360-API-KEY", SECRET), JSON], body)
        with Wire(daemon.port) as wire:
            metrics = wire.ask("GET", f"/metrics?{SECRET}")
        assert daemon.stop() == 0
        lines = daemon.log.splitlines()
    assert SECRET not in metrics.body.decode()
    assert not [line for line in lines if SECRET in line]
    assert storage_fails or len(lines) > count, "every request was logged"


TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_the_access_log_as_text_has_a_line_for_each_request() -> None:
    with Daemon("sqlite::memory:", ["--access-log"]) as daemon:
        with Wire(daemon.port) as wire:
            body = wire.ask("GET", "/multi_webhook?secret").body
            wire.ask("DELETE", "/multi_webhook/a%2Fb%0Ainfo")
            wire.ask("BREW", "/coffee\xff")
        assert daemon.stop() == 0
        first, *lines = daemon.log.splitlines()
    assert re.fullmatch(rf"{TIME} info listening on {daemon.url}", first)
    # A request is logged after its answer has gone: "stopping" may be there before it.
    get, delete, brew = (line for line in lines if " ms " in line)
    assert re.fullmatch(rf"{TIME} info GET /multi_webhook 401 [0-9.]+ ms {len(body)} bytes 127\.0\.0\.1", get)
    assert re.fullmatch(rf"{TIME} info DELETE /multi_webhook/a%2Fb%0Ainfo 401 [0-9.]+ ms {len(body)} bytes 127\.0\.0\.1", delete)
    assert re.fullmatch(rf"{TIME} info BREW \S+ 404 [0-9.]+ ms \d+ bytes 127\.0\.0\.1", brew)


def test_the_access_log_as_json_has_an_object_for_each_request() -> None:
    with Daemon("sqlite::memory:", ["--access-log", "--log-format=json"]) as daemon:
        with Wire(daemon.port) as wire:
            body = wire.ask("GET", "/multi_webhook?secret").body
        assert daemon.stop() == 0
        lines = [json.loads(line) for line in daemon.log.splitlines()]
    assert all(re.fullmatch(TIME, line.pop("time")) for line in lines)
    assert lines[0] == {"level": "info", "message": f"listening on {daemon.url}"}
    shown = next(line for line in lines if line["message"] == "request")
    assert shown.pop("duration_us") >= 0
    assert shown == {
        "level": "info", "message": "request", "method": "GET", "path": "/multi_webhook", "status": 401, "bytes": len(body),
        "peer": "127.0.0.1",
    }  # fmt: skip


def test_without_the_flag_requests_are_not_logged() -> None:
    with Daemon("sqlite::memory:") as daemon:
        with Wire(daemon.port) as wire:
            wire.ask("GET", "/multi_webhook")
        assert daemon.stop() == 0
        assert "multi_webhook" not in daemon.log


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    with open("/dev/full", "wb") as full, Daemon("sqlite::memory:", ["--access-log"], stderr=full) as daemon:
        account = Account(daemon, 1).register()
        assert [account.ask("GET", "/multi_webhook").code for _ in range(10)] == [200] * 10
