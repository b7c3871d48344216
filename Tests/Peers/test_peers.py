"""The peers themselves, over plain sockets: what a test relies on must not be the peer's mistake."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from Peers import faults
from Peers.server import Fault
from Peers.service import Peer

TESTS = Path(__file__).parent.parent
DESTINATION = {"name": "crm", "url": "https://hooks.example.com/crm"}
APPEND = json.dumps({"destinations": [DESTINATION]})
ENABLE = json.dumps({"enabled": True})


def raw(peer: Peer, method: str, path: str, body: str = "", key: str = "key-berlin") -> bytes:
    """Everything that comes back until the peer ends the connection, or a second passes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nD360-API-KEY: {key}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", peer.port)) as connection:
        connection.settimeout(1)
        connection.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        received = b""
        try:
            while data := connection.recv(65_536):
                received += data
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def ask(peer: Peer, method: str, path: str, body: str = "", key: str = "key-berlin") -> tuple[int, object]:
    head, _, content = raw(peer, method, path, body, key).partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(content)


RULES = [
    ("GET", "/nowhere", "", 404, "D360_NOT_FOUND", None),
    ("PUT", "/waba_webhook", "{}", 405, "D360_INVALID_REQUEST", None),
    ("POST", "/multi_webhook", "{", 400, "D360_MALFORMED_JSON", None),
    ("POST", "/multi_webhook", '{"enabled":true,"enabled":true}', 400, "D360_MALFORMED_JSON", None),
    ("POST", "/multi_webhook", '{"enabled":null}', 400, "D360_INVALID_REQUEST", "/enabled"),
    ("POST", "/multi_webhook", "{}", 400, "D360_INVALID_REQUEST", ""),
    ("POST", "/multi_webhook", '{"enabled":false,"destinations":[]}', 400, "D360_INVALID_REQUEST", "/destinations"),
    ("PUT", "/multi_webhook", APPEND, 409, "D360_NOT_ENABLED", None),
    ("PATCH", "/multi_webhook", '{"name":"crm"}', 400, "D360_INVALID_REQUEST", ""),
    ("DELETE", "/multi_webhook/crm", "", 409, "D360_NOT_ENABLED", None),
    ("POST", "/v1/configs/webhook", '{"url":"https://h.example.com:443"}', 400, "D360_INVALID_REQUEST", "/url"),
    ("POST", "/v1/configs/webhook", '{"url":"https://h.de","headers":{"Host":""}}', 400, "D360_INVALID_REQUEST", "/headers/Host"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "code", "status", "pointer"), RULES)
def test_a_broken_rule_is_answered_in_either_voice(
    method: str, path: str, body: str, code: int, status: str, pointer: str | None
) -> None:
    with Peer(voice="ours") as peer:
        got, answer = ask(peer, method, path, body)
        assert isinstance(answer, dict)
        assert (got, answer["status"], answer.get("path")) == (code, status, pointer)
        assert ("message" in answer) == (code == 409)
    with Peer(voice="vendor") as peer:
        got, answer = ask(peer, method, path, body)
        assert isinstance(answer, dict)
        assert got == code
        assert list(answer) == ["message" if code == 409 else "error"]


def test_a_wrong_key_is_401_before_the_body_is_judged() -> None:
    with Peer() as peer:
        assert ask(peer, "POST", "/multi_webhook", "{", key="other")[0] == 401


def test_siblings_lose_their_own_webhook_when_override_all_is_applied() -> None:
    with Peer(apply_delay_ms=200) as peer:
        own = '{"url":"https://hooks.example.com/own"}'
        ask(peer, "POST", "/v1/configs/webhook", own, key="key-munich")
        code, answer = ask(peer, "POST", "/waba_webhook", '{"url":"https://hooks.example.com/all","override_all":true}')
        assert (code, answer) == (200, {"message": "Webhook will be set for waba_id: 123065260884961"})
        assert ask(peer, "GET", "/v1/configs/webhook", key="key-munich")[1] == json.loads(own)
        time.sleep(0.25)
        assert ask(peer, "GET", "/v1/configs/webhook", key="key-munich")[1] == {}


def test_late_showing_judges_writes_by_the_newest_state() -> None:
    with Peer(show_after_ms=300) as peer:
        ask(peer, "POST", "/multi_webhook", ENABLE)
        assert ask(peer, "PUT", "/multi_webhook", APPEND)[0] == 200
        assert ask(peer, "GET", "/multi_webhook")[1] == {"enabled": False, "destinations": []}
        assert ask(peer, "PUT", "/multi_webhook", APPEND)[0] == 409
        time.sleep(0.35)
        assert ask(peer, "GET", "/multi_webhook")[1] == {"enabled": True, "destinations": [{**DESTINATION, "headers": {}}]}


OK = b"HTTP/1.1 200 OK\r\n"
SENT: list[tuple[Fault, bytes, bytes]] = [
    (faults.silent(), b"", b""),
    (faults.drip(seconds=2), b"H", b""),
    (faults.cut_before_status(), b"", b""),
    (faults.cut_in_status(), b"HTTP/1.1 2", b""),
    (faults.cut_in_headers(), OK + b"Content-", b""),
    (faults.cut_in_body(), OK, b'\r\n\r\n{"mes'),
    (faults.content_length(5, taken=False), OK, b'\r\nContent-Length: 49\r\n\r\n{"message":"Operation started successfully"}'),
    (faults.html(), OK, faults.HTML),
    (faults.redirect("https://other.example.com/"), b"HTTP/1.1 302 Found\r\nLocation: https://other.example.com/\r\n", b""),
    (faults.retry_after("7"), b"HTTP/1.1 429 Too Many Requests\r\n", b""),
    (faults.ours(409, "D360_CONFLICT", "no", "/x"), b"HTTP/1.1 409 Conflict\r\n", b'"message": "no", "path": "/x"}'),
]


@pytest.mark.parametrize(("fault", "start", "end"), SENT)
def test_a_fault_sends_what_it_says(fault: Fault, start: bytes, end: bytes) -> None:
    with Peer() as peer:
        peer.script.readings(fault)
        received = raw(peer, "GET", "/multi_webhook")
        assert received.startswith(start)
        assert received.endswith(end)
        assert len(peer.record) == 1


@pytest.mark.parametrize("taken", [False, True])
def test_a_cut_happens_before_or_after_the_service_took_the_request(taken: bool) -> None:
    with Peer() as peer:
        peer.script.writes(faults.cut_before_status(taken))
        assert raw(peer, "POST", "/multi_webhook", ENABLE) == b""
        assert ask(peer, "GET", "/multi_webhook")[1] == {"enabled": taken, "destinations": []}


def test_a_gzip_bomb_is_small_on_the_wire_and_huge_after() -> None:
    with Peer() as peer:
        peer.script.readings(faults.gzip_bomb(8 * 1_048_576))
        body = raw(peer, "GET", "/multi_webhook").partition(b"\r\n\r\n")[2]
        assert len(body) < 100_000
        assert len(zlib.decompress(body, wbits=31)) > 8 * 1_048_576


def test_a_record_has_every_request_as_it_came() -> None:
    with Peer() as peer:
        connection = http.client.HTTPConnection("127.0.0.1", peer.port)
        for index in range(2):
            connection.request("GET", "/multi_webhook", headers={"D360-API-KEY": "key-berlin", "X-Index": str(index)})
            connection.getresponse().read()
        connection.close()
        assert [request.connection for request in peer.record] == [1, 1]
        assert ("X-Index", "1") in peer.record.requests[1].headers


def test_the_command_writes_its_port_serves_and_ends_on_sigterm(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    arguments = ["--port-file", str(port_file), "--voice", "ours", "--base", "/v1", "--cut-first", "PUT"]
    process = subprocess.Popen([sys.executable, "-m", "Peers.service", *arguments], env={**os.environ, "PYTHONPATH": str(TESTS)})
    try:
        limit = time.monotonic() + 20
        while not port_file.exists():
            assert process.poll() is None and time.monotonic() < limit
            time.sleep(0.02)
        connection = http.client.HTTPConnection("127.0.0.1", int(port_file.read_text()))
        headers = {"D360-API-KEY": "key-berlin", "Content-Type": "application/json"}
        connection.request("POST", "/v1/multi_webhook", ENABLE, headers)
        assert connection.getresponse().read() == b'{"message":"Operation started successfully"}'
        connection.request("PUT", "/v1/multi_webhook", APPEND, headers)
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.request("PUT", "/v1/multi_webhook", APPEND, headers)
        assert json.loads(connection.getresponse().read())["status"] == "D360_CONFLICT"
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
