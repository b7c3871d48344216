"""Connections: kept and reused, never through a proxy where it is loopback, never without the TLS that was asked for."""

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.service import Peer
from support import raw
from support.descriptors import open_files

from Remote.calling import (
    CRM,
    CUSTOMER,
    READING,
    VISIBLE,
    WRITES,
    Client,
    Operation,
    between,
    failed,
    is_done,
    succeeded,
)  # fmt: skip
from Remote.proxy import Proxy

TESTS = Path(__file__).parent.parent


def test_one_connection_serves_many_calls_one_after_another() -> None:
    with Peer() as peer, Client(peer.url) as client:
        for _ in range(20):
            succeeded(client.call("multi_webhook_get"))
            succeeded(client.call("customer_webhook_set", {"url": CRM["url"]}))
            succeeded(client.call("waba_webhook_get"))
        assert len(peer.record) == 60
        assert peer.record.connections == 1


def test_one_tls_connection_serves_many_calls(authority: Authority) -> None:
    with Peer(tls=authority.identity().context()) as peer, Client(peer.url, ca_file=str(authority.bundle)) as client:
        for _ in range(10):
            succeeded(client.call("multi_webhook_get"))
        assert peer.record.connections == 1


def test_a_refusing_answer_keeps_the_connection() -> None:
    with Peer() as peer, Client(peer.url) as client:
        for _ in range(5):
            assert client.call("multi_webhook_get", key="nobodys").status == "D360_UNAUTHORIZED"
        assert peer.record.connections == 1


def test_derived_clients_share_the_connection() -> None:
    with Peer() as peer, Client(peer.url) as client:
        succeeded(client.call("multi_webhook_get"))
        for _ in range(5):
            _, derived, _ = raw.derive(client.handle, {"timeout_ms": 1_000})
            assert raw.call("d360_multi_webhook_get", derived, "key-berlin")[0] == "D360_OK"
            raw.close(derived)
        assert peer.record.connections == 1


def test_calls_at_once_take_no_more_connections_than_threads() -> None:
    with Peer() as peer, Client(peer.url) as client:
        results: list[str] = []

        def work() -> None:
            results.extend(client.call("multi_webhook_get").status for _ in range(10))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == ["D360_OK"] * 80
        assert 1 <= peer.record.connections <= 8


def test_no_descriptor_is_left_after_close() -> None:
    with Peer() as peer:
        with Client(peer.url) as client:
            succeeded(client.call("multi_webhook_get"))
        before = _own_sockets(peer)
        assert before == 0


def _own_sockets(peer: Peer) -> int:
    """Connections of this process to the peer, by the kernel's table: remote port is the peer's."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[2].endswith(f":{peer.port:04X}"):
            inodes.add(f"socket:[{fields[9]}]")
    return sum(link in inodes for link in open_files())


# A write is never sent again behind our back


@pytest.mark.parametrize("write", WRITES, ids=str)
@pytest.mark.parametrize("reset", [False, True], ids=["ended", "reset"])
def test_a_write_on_a_dead_kept_connection_is_not_silently_sent_again(write: Operation, reset: bool) -> None:
    with between(write, max_attempts=1) as (peer, client):
        succeeded(client.run(READING))
        peer.script.every_write(faults.cut_before_status(taken=False, reset=reset))
        failed(client.run(write), "D360_OUTCOME_UNKNOWN", "unknown")
        assert len(peer.record.writes) == 1


@pytest.mark.parametrize("write", VISIBLE, ids=str)
def test_a_write_that_was_taken_on_a_dying_connection_is_done_once(write: Operation) -> None:
    with between(write) as (peer, client):
        succeeded(client.run(READING))
        peer.script.every_write(faults.cut_before_status(taken=True))
        succeeded(client.run(write))
        assert is_done(peer, write)
        assert len(peer.record.writes) == 1


# Plain HTTP


LOOPBACK = ["http://127.0.0.1:8360", "http://127.8.9.10:1", "http://[::1]:8360", "http://localhost", "http://LOCALHOST"]


@pytest.mark.parametrize("url", LOOPBACK)
def test_plain_http_to_loopback_opens(url: str) -> None:
    Client(url).close()


@pytest.mark.parametrize(
    "url",
    [
        "http://waba-v2.360dialog.io", "http://10.0.0.1", "http://128.0.0.1", "http://localhost.example.com", "http://[::2]",
        "http://127.0.0.1.example.com",
    ],
)  # fmt: skip
def test_plain_http_beyond_loopback_is_refused_at_open(url: str) -> None:
    status, client, error = raw.open_client(url)
    assert (status, client) == ("D360_INVALID_ARGUMENT", None)
    assert "allow_insecure_http" in json.loads(error or "")["error"]["message"]
    Client(url, allow_insecure_http=True).close()


def test_an_ipv6_loopback_peer_is_reached() -> None:
    with Peer(host="::1") as peer, Client(peer.url) as client:
        succeeded(client.call("multi_webhook_get"))


NO_SERVICE = ["http://u:p@127.0.0.1", "http://u@127.0.0.1", "http://127.0.0.1/?a=b", "http://127.0.0.1/#f", "ftp://127.0.0.1", ""]


@pytest.mark.parametrize("url", NO_SERVICE)
def test_a_service_url_of_no_known_kind_is_an_invalid_argument(url: str) -> None:
    assert raw.open_client(url)[0] == "D360_INVALID_ARGUMENT"


# Proxies

ASK = """
import json, sys
from support import raw
status, client, error = raw.open_client(sys.argv[1], json.loads(sys.argv[2]))
assert status == "D360_OK", error
print(json.dumps(raw.call("d360_multi_webhook_get", client, "key-berlin")))
raw.close(client)
"""


def ask(url: str, options: Mapping[str, object], environment: dict[str, str]) -> tuple[str, str]:
    """One reading in a process of its own: libcurl reads the environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", ASK, url, json.dumps({"timeout_ms": 3_000, "max_attempts": 1, **options})],
        env={**inherited, **environment, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    status, text = json.loads(done.stdout)
    return status, text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_loopback_is_never_reached_through_a_proxy_of_the_environment(host: str, variable: str) -> None:
    with Peer() as peer, Proxy() as proxy:
        status, text = ask(peer.url.replace("127.0.0.1", host), {}, {variable: proxy.url})
        assert status == "D360_OK", text
        assert proxy.requests == []


def test_loopback_is_never_reached_through_the_proxy_option() -> None:
    with Peer() as peer, Proxy() as proxy, Client(peer.url, proxy=proxy.url) as client:
        succeeded(client.call("multi_webhook_get"))
        assert proxy.requests == []


@pytest.mark.parametrize("source", ["option", "environment"])
def test_a_service_elsewhere_is_reached_through_the_proxy_with_tls_end_to_end(authority: Authority, source: str) -> None:
    identity = authority.identity("DNS:service.example.com")
    with Peer(tls=identity.context()) as peer, Proxy(peer.port) as proxy:
        options = {"ca_file": str(authority.bundle)} | ({"proxy": proxy.url} if source == "option" else {})
        environment = {} if source == "option" else {"https_proxy": proxy.url}
        status, text = ask("https://service.example.com", options, environment)
        assert status == "D360_OK", text
        assert len(peer.record) == 1
        (head,) = proxy.requests
        assert head.startswith("CONNECT service.example.com:443 HTTP/1.1\r\n")
        assert "key-berlin" not in head


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"])
def test_an_empty_proxy_option_keeps_the_environments_proxy_out(authority: Authority, variable: str) -> None:
    tls = authority.identity("IP:0.0.0.0").context() if variable == "https_proxy" else None
    with Peer(tls=tls) as peer, Proxy() as proxy:
        url = peer.url.replace("127.0.0.1", "0.0.0.0")  # this machine's too, but none that counts as loopback
        options = {"allow_insecure_http": True, "ca_file": str(authority.bundle)}
        assert ask(url, options, {variable: proxy.url})[0] != "D360_OK"
        assert len(proxy.requests) == 1
        status, text = ask(url, {**options, "proxy": ""}, {variable: proxy.url})
        assert status == "D360_OK", text
        assert len(proxy.requests) == 1


def test_a_proxy_that_refuses_is_a_network_error_and_gets_no_key() -> None:
    with Proxy() as proxy, Client("https://service.example.com", proxy=proxy.url, timeout_ms=1_200) as client:
        failed(client.run(CUSTOMER), "D360_NETWORK_ERROR", "not_applied", retryable=True)
        assert proxy.requests
        assert all("key-berlin" not in head for head in proxy.requests)


# TLS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(authority: Authority, version: ssl.TLSVersion) -> None:
    context = authority.identity().context()
    context.minimum_version = context.maximum_version = version
    with Peer(tls=context) as peer, Client(peer.url, ca_file=str(authority.bundle)) as client:
        succeeded(client.call("multi_webhook_get"))


def test_a_peer_that_speaks_only_tls_1_1_is_a_tls_error(authority: Authority) -> None:
    context = authority.identity().context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Peer(tls=context) as peer, Client(peer.url, ca_file=str(authority.bundle), timeout_ms=1_200) as client:
        failed(client.run(CUSTOMER), "D360_TLS_ERROR", "not_applied")
        assert len(peer.record) == 0


def test_a_peer_that_does_not_speak_tls_is_a_tls_error(authority: Authority) -> None:
    with Peer() as peer:
        url = peer.url.replace("http:", "https:")
        with Client(url, ca_file=str(authority.bundle), timeout_ms=1_200) as client:
            peer.script.when(lambda request: True, faults.html())
            result = client.run(CUSTOMER)
            assert result.status in ("D360_TLS_ERROR", "D360_TIMEOUT"), result.text
            assert result.error["outcome"] == "not_applied"


def test_without_ca_file_the_systems_authorities_count(authority: Authority) -> None:
    with Peer(tls=authority.identity().context()) as peer, Client(peer.url, timeout_ms=1_200) as client:
        failed(client.run(READING), "D360_TLS_ERROR")
        assert len(peer.record) == 0


def test_http_2_is_offered_where_tls_is_spoken(authority: Authority) -> None:
    seen: list[str | None] = []
    context = authority.identity().context(("h2",))
    listener = faults.Listener()

    def serve() -> None:
        with context.wrap_socket(listener.accept(), server_side=True) as connection:
            seen.append(connection.selected_alpn_protocol())
            seen.append(connection.recv(24).decode("latin-1"))

    thread = threading.Thread(target=serve)
    thread.start()
    with listener, Client(listener.url, ca_file=str(authority.bundle), timeout_ms=1_000, max_attempts=1) as client:
        client.run(READING)
        thread.join()
    assert seen == ["h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
