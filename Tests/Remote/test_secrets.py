"""Peers that repeat what they were told: neither errors nor the log nor last_seen pass it on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from Peers import faults
from Peers.exchange import Exchange
from Peers.model import Answer
from Peers.server import Fault
from Peers.service import Peer
from support import raw

from Remote.calling import Client
from Remote.proxy import Proxy

KEY = "live_8f2bA0c4-secret-key"
VALUE = 'Bearer h3ader-v\u00e4lue/"quoted"'
QUERY = "token=qu3ry-secret&x=1"
URL = f"https://hooks.example.com/main?{QUERY}"
SECRETS = [KEY, VALUE, json.dumps(VALUE)[1:-1], "h3ader-v", QUERY, "qu3ry-secret", "us3r-info", "fr4gment"]
CHANNELS = [{"phone_number_id": "1", "waba_id": 1, "api_key": KEY}]
DESTINATION = {"name": "crm", "url": URL, "headers": {"Authorization": VALUE}}

CALLS = [
    ("multi_webhook_get", []),
    ("multi_webhook_set", [{"enabled": True, "destinations": [DESTINATION]}]),
    ("multi_webhook_append", [{"destinations": [DESTINATION]}]),
    ("multi_webhook_update", [DESTINATION]),
    ("multi_webhook_delete", ["crm"]),
    ("customer_webhook_get", []),
    ("customer_webhook_set", [{"url": URL, "headers": {"Authorization": VALUE}}]),
    ("waba_webhook_get", []),
    ("waba_webhook_set", [{"url": URL, "headers": {"Authorization": VALUE}, "override_all": True}]),
    ("waba_webhook_wait", [{"url": URL, "headers": {"Authorization": VALUE}}, 300]),
]
WRITES = [call for call in CALLS if call[0].endswith(("set", "append", "update"))]
each_call = pytest.mark.parametrize(("function", "arguments"), CALLS, ids=[name for name, _ in CALLS])
each_write = pytest.mark.parametrize(("function", "arguments"), WRITES, ids=[name for name, _ in WRITES])


def _told(exchange: Exchange, knows_more: bool) -> str:
    """All that the call told the peer, in several ways, and a URL with everything that URLs lose."""
    body = exchange.request.body.decode()
    secret_url = f"see https://us3r-info:pw@hooks.example.com/a?{QUERY}#fr4gment."
    values = f", header '{VALUE}', {QUERY}" if body or knows_more else ""
    return f"key {exchange.request.fields['d360-api-key']} sent {body}; {secret_url} Key={KEY}{values}"


def _telling(code: int, render: str, knows_more: bool = False) -> Fault:
    """`knows_more`: a reading repeats what a write told before it."""

    def fault(exchange: Exchange) -> None:
        text = _told(exchange, knows_more)
        body = {
            "error": lambda: json.dumps({"error": text}),
            "object": lambda: json.dumps({"error": {"message": text, "code": 1}}, ensure_ascii=False),
            "errors": lambda: json.dumps({"meta": {}, "errors": [{"title": text, "details": text}]}),
            "message": lambda: json.dumps({"message": text}),
            "ours": lambda: json.dumps({"error": text, "message": text, "status": "D360_CONFLICT", "path": f"/{KEY}/x"}),
            "plain": lambda: text,
            "html": lambda: f"<html><body>{text}</body></html>",
            "answer": lambda: json.dumps({"url": 7, text: text, "message": 7, "enabled": text}),
        }[render]()
        exchange.answer(Answer(code, body.encode(), [*faults.JSON, ("Location", URL), ("X-Key", KEY)]))

    return fault


@contextmanager
def _watched(peer: Peer, **options: object) -> Iterator[tuple[Client, list[str]]]:
    """A client and the lines of its log, every level."""
    lines: list[str] = []
    sink = raw.LOG(lambda level, line, context: lines.append(line.decode()))
    with Client(peer.url, timeout_ms=600, max_attempts=2, **options) as client:
        raw.library.d360_set_log(client.handle, sink, None)
        yield client, lines
        raw.library.d360_set_log(client.handle, None, None)


def _assert_clean(*texts: str | None) -> None:
    for text in texts:
        # Escapes of JSON hide nothing.
        plain = text or ""
        if plain.startswith("{"):
            plain += repr(json.loads(plain))
        for secret in SECRETS:
            assert secret not in plain, f"{secret!r} is in {text}"


RENDERINGS = ["error", "object", "errors", "message", "plain", "html"]


@each_call
@pytest.mark.parametrize("render", RENDERINGS)
@pytest.mark.parametrize("code", [400, 401, 404, 409, 429, 500, 501, 302])
def test_a_refusal_that_repeats_secrets_is_passed_on_without_them(
    code: int, render: str, function: str, arguments: list[object]
) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.when(lambda request: True, _telling(code, render))
        result = client.call(function, *arguments, key=KEY)
        assert result.status != "D360_OK"
        _assert_clean(result.text, *lines)


@each_call
def test_our_status_with_secrets_in_it_is_passed_on_without_them(function: str, arguments: list[object]) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.when(lambda request: True, _telling(409, "ours"))
        result = client.call(function, *arguments, key=KEY)
        assert result.status == "D360_CONFLICT" or function == "waba_webhook_wait", result.text
        _assert_clean(result.text, *lines)


@each_call
def test_an_unusable_answer_that_repeats_secrets_is_not_passed_on(function: str, arguments: list[object]) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.when(lambda request: True, _telling(200, "answer"))
        result = client.call(function, *arguments, key=KEY)
        assert result.status != "D360_OK"
        _assert_clean(result.text, *lines)


@each_write
@pytest.mark.parametrize("render", RENDERINGS)
@pytest.mark.parametrize("code", [400, 500])
def test_a_reading_back_that_repeats_the_writes_secrets_passes_nothing_on(
    code: int, render: str, function: str, arguments: list[object]
) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.every_write(faults.cut_before_status()).every_reading(_telling(code, render, knows_more=True))
        result = client.call(function, *arguments, key=KEY)
        assert result.status == "D360_OUTCOME_UNKNOWN"
        assert lines
        _assert_clean(result.text, *lines)


@pytest.mark.parametrize("render", [*RENDERINGS, "ours"])
@pytest.mark.parametrize("code", [400, 401, 409, 503])
def test_a_reading_of_a_wait_that_repeats_what_is_waited_for_passes_nothing_on(code: int, render: str) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.every_reading(_telling(code, render, knows_more=True))
        result = client.call("waba_webhook_wait", {"url": URL, "headers": {"Authorization": VALUE}}, 300, key=KEY)
        status = {400: "D360_INVALID_REQUEST", 401: "D360_UNAUTHORIZED"}.get(code, "D360_TIMEOUT")
        if render == "html" and code < 500:
            status = "D360_PROTOCOL_ERROR"
        assert result.status == status, result.text
        assert lines
        _assert_clean(result.text, *lines)


@each_write
def test_a_settled_write_leaves_no_secret_in_the_log(function: str, arguments: list[object]) -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.writes(faults.cut_before_status(taken=True))
        client.call(function, *arguments, key=KEY)
        assert lines
        _assert_clean(*lines)


@pytest.mark.parametrize("filler", [*range(270, 310), *range(1_170, 1_210)])
@pytest.mark.parametrize("secret", [KEY, "h3ader-value-0123456789"], ids=["key", "header"])
def test_a_long_text_is_not_cut_in_the_middle_of_a_secret(filler: int, secret: str) -> None:
    page = b"x" * filler + b" " + secret.encode() + b" and more " * 200
    request = {"url": URL, "headers": {"Authorization": secret}}
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        peer.script.every_write(faults.status(400, page, [("Content-Type", "text/html")]))
        result = client.call("customer_webhook_set", request, key=KEY)
        for text in [result.text or "", *lines]:
            assert secret[:8] not in text


def test_what_a_wait_last_saw_has_no_secrets() -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        shown = {
            "url": f"https://us3r-info:pw@hooks.example.com/a?{QUERY}#fr4gment",
            "headers": {"Authorization": VALUE}, "waba_id": 1, "numbers_on_this_waba": ["+49"], "token": KEY, "note": VALUE,
        }  # fmt: skip
        peer.script.every_reading(faults.body(json.dumps(shown).encode()))
        result = client.call("waba_webhook_wait", {"url": "https://hooks.example.com/b"}, 200, key=KEY)
        assert result.status == "D360_TIMEOUT"
        assert result.error["last_seen"]["url"] == "https://hooks.example.com/a"
        assert result.error["last_seen"]["headers"] == {"Authorization": "***"}
        _assert_clean(result.text, *lines)


def test_a_request_that_is_refused_here_keeps_its_secrets() -> None:
    with Peer(channels=CHANNELS) as peer, _watched(peer) as (client, lines):
        for body in [
            {"url": f"http://hooks.example.com/?{QUERY}", "headers": {"A": VALUE}},
            {"url": URL, "headers": {"Authorization": VALUE + "\n"}},
            {"url": f"https://us3r-info@hooks.example.com/?{QUERY}#fr4gment"},
        ]:
            result = client.call("customer_webhook_set", body, key=KEY)
            assert result.status == "D360_INVALID_REQUEST"
            _assert_clean(result.text, *lines)
        result = client.call("customer_webhook_set", f'{{"url": "{URL}", "headers": {{"A": "{KEY}"', key=KEY)
        assert result.status == "D360_MALFORMED_JSON"
        _assert_clean(result.text, *lines)


def test_a_proxys_password_is_no_part_of_an_error() -> None:
    with Proxy() as proxy, Peer(channels=CHANNELS) as peer:
        url = proxy.url.replace("http://", "http://us3r-info:pr0xy-password@")
        peer.url = "https://service.example.com"
        with _watched(peer, proxy=url) as (client, lines):
            result = client.call("multi_webhook_get", key=KEY)
            assert result.status == "D360_NETWORK_ERROR"
            _assert_clean(result.text, *lines)
            assert "pr0xy-password" not in (result.text or "") + "".join(lines)


WRONG_PROXIES = [
    "foo://us3r-info:pr0xy-password@127.0.0.1:1",
    "socks9://us3r-info:pr0xy-password@127.0.0.1:1",
    "http://us3r-info:pr0xy-password@127.0.0.1:port",
    "http://us3r-info:pr0xy-password@[::1",
    "us3r-info:pr0xy-password@127.0.0.1:port",
    "http://us3r-info:pr0xy-password with blanks@127.0.0.1:port",
]


@pytest.mark.parametrize("proxy", WRONG_PROXIES)
@pytest.mark.parametrize(("function", "arguments"), [CALLS[0], CALLS[6]], ids=["a reading", "a write"])
def test_a_proxy_that_libcurl_does_not_take_fails_at_once_and_repeats_no_password(
    proxy: str, function: str, arguments: list[object]
) -> None:
    with Peer(channels=CHANNELS) as peer:
        peer.url = "https://service.example.com"
        with _watched(peer, proxy=proxy) as (client, lines):
            result = client.call(function, *arguments, key=KEY)
            assert result.status == "D360_NETWORK_ERROR", result.text
            assert "proxy" in result.error["message"]
            assert result.error["outcome"] == "not_applied"
            _assert_clean(result.text, *lines)
            assert lines
            assert "pr0xy-password" not in (result.text or "") + "".join(lines)
