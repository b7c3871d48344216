"""Messages end where lengths, chunks, pipelines and versions say so."""

import json
from contextlib import suppress

import pytest
from support.daemon import Daemon

from .accounts import STARTED, Account, destination
from .wire import JSON, Wire, chunked, request

MIB = 1_048_576
ENABLE = b'{"enabled":true}'
CHUNKED = ("Transfer-Encoding", "chunked")
TOO_LONG = (413, "D360_INVALID_REQUEST", "")


def enabling(account: Account, *headers: tuple[str, str], body: bytes | None = ENABLE) -> bytes:
    return request("POST", "/multi_webhook", [*account.json_headers, *headers], body)


def reading(account: Account) -> bytes:
    return request("GET", "/multi_webhook", account.headers)


def test_a_connection_serves_one_request_after_another(account: Account, wire: Wire) -> None:
    for _ in range(100):
        wire.send(enabling(account) + reading(account))
        wire.answer().must_be(STARTED)
        wire.answer().must_be({"enabled": True, "destinations": []})


def test_pipelined_requests_are_answered_in_order(account: Account, wire: Wire) -> None:
    account.enable()
    names = ["a", "b", "c"]
    requests = [
        request("PUT", "/multi_webhook", account.json_headers, json.dumps({"destinations": [destination(name)]}).encode())
        for name in names
    ]
    unknown = request("GET", "/nowhere")
    wire.send(b"".join(one + reading(account) + unknown for one in requests))
    for count in range(1, 4):
        wire.answer().must_be(STARTED)
        assert [one["name"] for one in wire.answer().json["destinations"]] == names[:count]
        wire.answer().must_fail(404, "D360_NOT_FOUND")


def test_a_request_may_come_a_byte_at_a_time(account: Account, wire: Wire) -> None:
    for byte in enabling(account) + reading(account):
        wire.send(bytes([byte]))
    wire.answer().must_be(STARTED)
    wire.answer().must_be({"enabled": True, "destinations": []})


@pytest.mark.parametrize("pieces", [[ENABLE], [ENABLE[:1], ENABLE[1:]], [bytes([byte]) for byte in ENABLE]])
def test_a_chunked_body_is_one_body(account: Account, wire: Wire, pieces: list[bytes]) -> None:
    wire.send(enabling(account, CHUNKED, body=chunked(*pieces)) + reading(account))
    wire.answer().must_be(STARTED)
    wire.answer().must_be({"enabled": True, "destinations": []})


def test_chunk_extensions_and_trailers_change_nothing(account: Account, wire: Wire) -> None:
    body = b"10;name=value\r\n" + ENABLE + b"\r\n0\r\nD360-API-KEY: another\r\nX-Sum: 1\r\n\r\n"
    wire.send(enabling(account, CHUNKED, body=body) + reading(account))
    wire.answer().must_be(STARTED)
    wire.answer().must_be({"enabled": True, "destinations": []})


def test_a_chunked_body_over_1_mib_is_refused_at_its_end(account: Account, wire: Wire) -> None:
    head = enabling(account, CHUNKED, body=None)
    piece = b"%x\r\n%s\r\n" % (MIB, b" " * MIB)
    wire.send(head + piece)
    wire.must_be_silent()
    wire.send(chunked(ENABLE) + reading(account))
    wire.answer().must_fail(*TOO_LONG)
    wire.answer().must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_of_1_mib_is_fine(account: Account, wire: Wire, framing: str) -> None:
    body = ENABLE + b" " * (MIB - len(ENABLE))
    wire.send(enabling(account, body=body) if framing == "length" else enabling(account, CHUNKED, body=chunked(body)))
    wire.answer().must_be(STARTED)


def test_a_chunked_body_beyond_16_mib_ends_the_connection(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, CHUNKED, body=None))
    piece = b"%x\r\n%s\r\n" % (MIB, b" " * MIB)
    with pytest.raises(ConnectionError):
        for _ in range(64):
            wire.send(piece)
    wire.must_be_closed()
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize("length", [MIB + 1, 2**31, 2**32 + 16, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1])
@pytest.mark.parametrize("path", ["/multi_webhook", "/admin/channels"])
def test_a_body_announced_over_1_mib_is_refused_before_it_comes(account: Account, wire: Wire, path: str, length: int) -> None:
    token = ("Authorization", f"Bearer {account.daemon.admin_token}")
    wire.send(request("POST", path, [*account.json_headers, token, ("Content-Length", str(length))]))
    answer = wire.answer().must_fail(*TOO_LONG)
    assert answer.ends_connection
    wire.must_be_closed()


def test_a_refused_body_that_comes_all_the_same_is_no_request(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, ("Content-Length", str(MIB + 1))) + b"x" + enabling(account))
    wire.answer().must_fail(*TOO_LONG)
    wire.must_be_closed()
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


def test_a_client_that_sends_a_refused_body_to_its_end_gets_the_answer(account: Account, wire: Wire) -> None:
    # It may be told to stop in the midst of it.
    with suppress(BrokenPipeError, ConnectionResetError):
        wire.send(enabling(account, body=b" " * (MIB + 1)))
    wire.answer().must_fail(*TOO_LONG)


@pytest.mark.parametrize(
    ("method", "path", "code"), [("POST", "/nowhere", 404), ("DELETE", "/multi_webhook", 405), ("TRACE", "/healthz", 405)]
)
def test_what_nobody_asks_for_is_refused_before_its_body_comes(wire: Wire, method: str, path: str, code: int) -> None:
    wire.send(request(method, path, [("Content-Length", str(10 * MIB))]))
    assert wire.answer().code == code
    wire.must_be_closed()


def test_a_client_that_waits_for_100_gets_it(account: Account, wire: Wire) -> None:
    head = enabling(account, ("Expect", "100-continue"), ("Content-Length", str(len(ENABLE))), body=None)
    wire.send(head)
    assert wire.answer().code == 100
    wire.must_be_silent()
    wire.send(ENABLE)
    wire.answer().must_be(STARTED)


def test_a_client_that_does_not_wait_for_100_is_answered(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, ("Expect", "100-continue")))
    answer = wire.answer()
    (wire.answer() if answer.code == 100 else answer).must_be(STARTED)


def test_a_client_that_waits_with_a_body_that_is_too_long_gets_413_and_no_100(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, ("Expect", "100-continue"), ("Content-Length", str(MIB + 1)), body=None))
    wire.answer().must_fail(*TOO_LONG)
    wire.must_be_closed()


def test_an_http_1_0_client_is_answered_and_the_connection_ends(account: Account, wire: Wire) -> None:
    wire.send(request("GET", "/multi_webhook", account.headers, version="HTTP/1.0"))
    wire.answer().must_be({"enabled": False, "destinations": []})
    wire.must_be_closed()


def test_an_http_1_0_client_may_keep_the_connection(account: Account, wire: Wire) -> None:
    keep = ("Connection", "keep-alive")
    for _ in range(3):
        wire.send(request("POST", "/multi_webhook", [*account.json_headers, keep], ENABLE, version="HTTP/1.0"))
        answer = wire.answer().must_be(STARTED)
        assert (answer.header("Connection") or "").lower() == "keep-alive"


def test_a_connection_ends_where_the_client_says_so(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, ("Connection", "close")) + reading(account))
    assert wire.answer().must_be(STARTED).ends_connection
    wire.must_be_closed()


def test_a_client_that_ends_its_sending_is_answered(account: Account, wire: Wire) -> None:
    wire.send(enabling(account))
    wire.socket.shutdown(1)
    wire.answer().must_be(STARTED)
    wire.must_be_closed()


@pytest.mark.parametrize("framing", [("Content-Length", str(len(ENABLE) + 1)), CHUNKED])
def test_a_body_that_ends_too_early_changes_nothing(account: Account, framing: tuple[str, str]) -> None:
    body = ENABLE if framing != CHUNKED else b"10\r\n" + ENABLE + b"\r\n"
    with Wire(account.daemon.port) as wire:
        wire.send(enabling(account, framing, body=body))
        wire.must_be_silent()
    for _ in range(10):
        account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


def test_what_follows_a_body_is_the_next_request(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, ("Content-Length", str(len(ENABLE)))) + request("GET", "/nowhere") + b"\r\n")
    wire.answer().must_be(STARTED)
    wire.answer().must_fail(404, "D360_NOT_FOUND")
    wire.send(reading(account))
    wire.answer().must_be({"enabled": True, "destinations": []})


AMBIGUOUS: dict[str, list[tuple[str, str]]] = {
    "two lengths": [("Content-Length", "16"), ("Content-Length", "17")],
    "one length twice": [("Content-Length", "16"), ("content-length", "16")],
    "a length and chunks": [("Content-Length", "16"), CHUNKED],
    "chunks and a length": [CHUNKED, ("Content-Length", "16")],
    "a coding before chunks": [("Transfer-Encoding", "gzip, chunked")],
    "a coding without chunks": [("Transfer-Encoding", "gzip")],
    "chunks that are not last": [("Transfer-Encoding", "chunked, identity")],
    "two codings": [CHUNKED, ("Transfer-Encoding", "identity")],
    "a list of lengths": [("Content-Length", "16, 16")],
    "a negative length": [("Content-Length", "-16")],
    "a length with a plus": [("Content-Length", "+16")],
    "a length in hexadecimal": [("Content-Length", "0x10")],
    "an empty length": [("Content-Length", "")],
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_body_whose_length_is_not_clear_is_refused_and_nothing_behind_it_is_a_request(
    account: Account, wire: Wire, headers: list[tuple[str, str]]
) -> None:
    """Else a proxy in front may see other requests than the daemon does: RFC 9112, 6.3 and 11.2."""
    wire.send(enabling(account, *headers) + enabling(account))
    received = wire.rest()
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"Connection: close" in received and b"Operation started" not in received
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


@pytest.mark.parametrize("size", [b"zz", b"-10", b"", b"1 0", b"0x10", b"F" * 17])
def test_a_chunk_whose_size_is_no_number_is_refused(account: Account, wire: Wire, size: bytes) -> None:
    wire.send(enabling(account, CHUNKED, body=size + b"\r\n" + ENABLE + b"\r\n0\r\n\r\n") + reading(account))
    received = wire.rest()
    assert received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ")) and received.count(b"HTTP/1.1 ") == 1
    account.ask("GET", "/multi_webhook").must_be({"enabled": False, "destinations": []})


def test_a_chunk_longer_than_its_size_is_refused(account: Account, wire: Wire) -> None:
    wire.send(enabling(account, CHUNKED, body=b"10\r\n" + ENABLE + b"xx\r\n0\r\n\r\n") + reading(account))
    assert wire.rest().startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("where", ["path", "query", "header", "headers", "unfinished"])
def test_100_000_bytes_before_a_body_are_refused(daemon: Daemon, wire: Wire, where: str) -> None:
    long = "a" * 100_000
    heads = {
        "path": request("GET", f"/multi_webhook/{long}"),
        "query": request("GET", f"/multi_webhook?{long}"),
        "header": request("GET", "/healthz", [("X-Long", long)]),
        "headers": request("GET", "/healthz", [(f"X-{number}", "a" * 90) for number in range(1_000)]),
        "unfinished": f"GET /healthz HTTP/1.1\r\nX-Long: {long}".encode(),
    }
    wire.send(heads[where])
    received = wire.rest()
    assert received == b"" or received.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 414 "))
    with Wire(daemon.port) as another:
        another.ask("GET", "/healthz").must_be({"status": "ok"})


def test_a_head_of_12_000_bytes_is_fine(daemon: Daemon, wire: Wire) -> None:
    wire.ask("GET", "/healthz", [("X-Long", "a" * 12_000)]).must_be({"status": "ok"})


@pytest.mark.parametrize(
    "garbage",
    [
        b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n",
        b"\xff\x00" * 4_096 + b"\r\n\r\n",
        b"GET /healthz\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_not_http_is_refused_and_ends_its_connection(daemon: Daemon, wire: Wire, garbage: bytes) -> None:
    wire.send(garbage)
    received = wire.rest()
    assert received == b"" or received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 ")), received
    with Wire(daemon.port) as another:
        another.ask("GET", "/healthz").must_be({"status": "ok"})


def test_an_upgrade_is_not_taken(daemon: Daemon, wire: Wire) -> None:
    headers = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        JSON,
    ]
    wire.ask("GET", "/healthz", headers).must_be({"status": "ok"})
