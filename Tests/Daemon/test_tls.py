"""--tls-cert and --tls-key."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from Peers.certificates import Authority, Identity
from support import raw
from support.daemon import Daemon

from .accounts import STARTED, Account
from .starting import MEMORY, must_not_start
from .wire import Wire, request

#: Seconds within which a new client is answered, with any number of others connected.
SOON = 1.0


@pytest.fixture(scope="session")
def identity(authority: Authority) -> Identity:
    return authority.identity()


@pytest.fixture(scope="session")
def flags(identity: Identity) -> list[str]:
    identity.key.chmod(0o600)
    return ["--tls-cert", str(identity.certificate), "--tls-key", str(identity.key)]


class SecureDaemon(Daemon):
    def __init__(self, flags: list[str], authority: Authority) -> None:
        super().__init__("sqlite::memory:", flags, scheme="https")
        self.trust = ssl.create_default_context(cafile=authority.bundle)

    def connect(self, context: ssl.SSLContext | None = None) -> Wire:
        return Wire(self.port, tls=context or self.trust)

    def must_serve(self) -> None:
        started = time.monotonic()
        with self.connect() as wire:
            wire.ask("GET", "/healthz").must_be({"status": "ok"})
        assert time.monotonic() - started < SOON


@pytest.fixture(scope="module")
def secure(flags: list[str], authority: Authority) -> Iterator[SecureDaemon]:
    with SecureDaemon(flags, authority) as daemon:
        yield daemon
        assert daemon.stop() == 0, daemon.log


def only(version: ssl.TLSVersion, authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.bundle)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize(("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_tls_1_2_and_1_3_are_spoken(secure: SecureDaemon, authority: Authority, version: ssl.TLSVersion, name: str) -> None:
    with secure.connect(only(version, authority)) as wire:
        assert isinstance(wire.socket, ssl.SSLSocket) and wire.socket.version() == name
        for _ in range(10):
            wire.ask("GET", "/healthz").must_be({"status": "ok"})


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_anything_older_is_refused(secure: SecureDaemon, authority: Authority, option: str) -> None:
    command = [
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{secure.port}",
        "-cipher",
        "ALL:@SECLEVEL=0",
        "-CAfile",
        str(authority.bundle),
    ]
    old = subprocess.run([*command, option], input="", capture_output=True, text=True, timeout=20)
    assert old.returncode != 0 and "Cipher is (NONE)" in old.stdout
    new = subprocess.run([*command, "-tls1_2"], input="", capture_output=True, text=True, timeout=20)
    assert new.returncode == 0 and "Verify return code: 0 (ok)" in new.stdout
    secure.must_serve()


def test_the_librarys_client_works_through_it(secure: SecureDaemon, authority: Authority) -> None:
    account = Account(secure, 1)
    with secure.connect() as wire:
        assert account.ask_as_admin("POST", "/admin/channels", account.registration, wire=wire).code == 200
    status, client, error = raw.open_client(secure.url, {"ca_file": str(authority.bundle)})
    assert status == "D360_OK" and client, error
    try:
        url = "https://hooks.example.com/crm"
        assert (
            raw.call(
                "d360_multi_webhook_set", client, account.key, {"enabled": True, "destinations": [{"name": "a", "url": url}]}
            )[0]
            == "D360_OK"
        )
        assert (
            raw.call("d360_multi_webhook_append", client, account.key, {"destinations": [{"name": "a", "url": url}]})[0]
            == "D360_CONFLICT"
        )
        assert raw.call("d360_multi_webhook_delete", client, account.key, "a") == (
            "D360_OK",
            '{"message":"Destination deleted successfully"}',
        )
        assert raw.call("d360_waba_webhook_get", client, account.key)[0] == "D360_OK"
    finally:
        raw.close(client)


def test_a_client_that_does_not_trust_it_is_told_so(secure: SecureDaemon) -> None:
    status, client, error = raw.open_client(secure.url, {"timeout_ms": 2_000})
    assert status == "D360_OK" and client, error
    assert raw.call("d360_multi_webhook_get", client, "key")[0] == "D360_TLS_ERROR"
    raw.close(client)
    secure.must_serve()


@pytest.mark.parametrize(
    "data", [b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"\x00" * 500, b"\x16\x03\x01", b"\x16\x03\x01\xff\xff" + b"a" * 1_000]
)
def test_what_is_not_tls_keeps_nobody_waiting(secure: SecureDaemon, data: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(Wire(secure.port)).send(data)
        for _ in range(5):
            secure.must_serve()


def test_a_plain_request_is_not_answered(secure: SecureDaemon) -> None:
    with Wire(secure.port) as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"HTTP/" not in wire.rest()


def test_handshakes_that_never_end_keep_nobody_waiting(secure: SecureDaemon) -> None:
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        handshake.do_handshake()
    hello = outgoing.read()
    with ExitStack() as stack:
        dripping = [stack.enter_context(socket.create_connection(("127.0.0.1", secure.port))) for _ in range(200)]
        for position, connection in enumerate(dripping):
            connection.sendall(hello[: position * 3])
        for _ in range(10):
            secure.must_serve()
            for connection in dripping[:50]:
                connection.sendall(b"")


def test_a_body_and_its_answer_may_be_long(secure: SecureDaemon) -> None:
    account = Account(secure, 7)
    with secure.connect() as wire:
        assert account.ask_as_admin("POST", "/admin/channels", account.registration, wire=wire).code == 200
        wire.ask("POST", "/multi_webhook", account.json_headers, b'{"enabled":true}' + b" " * 1_000_000).must_be(STARTED)
        assert len(wire.ask("GET", "/openapi.json").body) > 10_000
        wire.send(request("POST", "/multi_webhook", [*account.json_headers, ("Content-Length", "1048577")]))
        wire.answer().must_fail(413, "D360_INVALID_REQUEST", "")


def test_it_stops_within_10_seconds_whatever_handshakes_are_open(flags: list[str], authority: Authority) -> None:
    with ExitStack() as stack, SecureDaemon(flags, authority) as daemon:
        for data in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n"):
            stack.enter_context(Wire(daemon.port)).send(data)
        stack.enter_context(daemon.connect())
        started = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - started < 10


def test_with_a_certificate_it_may_listen_beyond_loopback(flags: list[str], authority: Authority) -> None:
    with SecureDaemon([*flags, "--listen", "0.0.0.0:0"], authority) as daemon:
        daemon.must_serve()


def test_a_key_that_others_can_read_is_warned_of(authority: Authority, tmp_path: Path, identity: Identity) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(identity.key.read_bytes())
    key.chmod(0o644)
    with SecureDaemon(["--tls-cert", str(identity.certificate), "--tls-key", str(key)], authority) as daemon:
        assert f"chmod 600 {key}" in daemon.log


def test_files_that_are_no_certificate_and_key_are_said(identity: Identity, authority: Authority, tmp_path: Path) -> None:
    other = authority.identity("DNS:other.example")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    empty = tmp_path / "empty.pem"
    empty.touch()
    right = identity.certificate, identity.key
    for certificate, key in [
        (text, right[1]), (right[0], text), (empty, right[1]), (right[0], empty), (right[1], right[0]), (right[0], other.key),
    ]:  # fmt: skip
        must_not_start([*MEMORY, "--tls-cert", str(certificate), "--tls-key", str(key)], "certificate")
    missing = tmp_path / "missing.pem"
    must_not_start([*MEMORY, "--tls-cert", str(missing), "--tls-key", str(right[1])], str(missing))
    must_not_start([*MEMORY, "--tls-cert", str(right[0]), "--tls-key", str(missing)], str(missing))
