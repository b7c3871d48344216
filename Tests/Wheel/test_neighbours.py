"""In one process with packages from PyPI that have an OpenSSL, a libcurl or a libpq of their own inside."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator

import pytest
from Peers.certificates import Authority
from Peers.service import Peer

from .place import CHANNEL, Place

#: Of PostgreSQL's protocol.
SSL_REQUEST = struct.pack("!II", 8, 80877103)
#: What each does with its own copy; all of it twice, in turn, after all were imported in the order that is given.
USES = {
    "d360webhook": """
import d360webhook
def use():
    with d360webhook.Client(URL, ca_file=CA) as client:
        client.channel("key").customer_webhook_set("https://hooks.example.com/main")
        return client.channel("key").customer_webhook_get()["url"]
""",
    "pycurl": """
import io, pycurl
def use():
    curl, body = pycurl.Curl(), io.BytesIO()
    for option, value in ((curl.URL, URL + "/v1/configs/webhook"), (curl.CAINFO, CA), (curl.WRITEDATA, body),
                          (curl.HTTPHEADER, ["D360-API-KEY: key"])):
        curl.setopt(option, value)
    curl.perform()
    return curl.getinfo(curl.RESPONSE_CODE)
""",
    "cryptography": """
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives import hashes
def use():
    key = ec.generate_private_key(ec.SECP256R1())
    key.public_key().verify(key.sign(b"text", ec.ECDSA(hashes.SHA256())), b"text", ec.ECDSA(hashes.SHA256()))
    return x509.load_pem_x509_certificate(open(CA, "rb").read()).subject.rfc4514_string()
""",
    "psycopg": """
import psycopg
def use():
    try:
        psycopg.connect(f"host=127.0.0.1 port={DATABASE} sslmode=verify-full sslrootcert={CA} connect_timeout=5")
    except psycopg.OperationalError as error:
        return "no database" in str(error)
""",
    "ssl": """
import ssl, urllib.request
def use():
    request = urllib.request.Request(URL + "/v1/configs/webhook", headers={"D360-API-KEY": "key"})
    return urllib.request.urlopen(request, context=ssl.create_default_context(cafile=CA)).status
""",
}
EXPECTED = {
    "cryptography": "CN=Test Authority", "d360webhook": "https://hooks.example.com/main", "psycopg": True, "pycurl": 200,
    "ssl": 200,
}  # fmt: skip
PROGRAM = """
import sys, threading
URL, DATABASE, CA = *sys.argv[1:], "/tmp/authority.pem"
uses = {}
for name, text in SOURCES.items():
    exec(text, globals())
    uses[name] = use
for _ in range(2):
    for name, one in uses.items():
        answer = one()
        assert answer == EXPECTED[name], (name, answer)
failures = []
def work(one, expected):
    for _ in range(20):
        answer = one()
        if answer != expected: failures.append(answer)
threads = [threading.Thread(target=work, args=(uses[name], EXPECTED[name])) for name in ("d360webhook", "pycurl", "ssl") * 2]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not failures, failures[:3]
print("all well")
"""


@pytest.fixture
def peer(authority: Authority) -> Iterator[Peer]:
    with Peer(tls=authority.identity().context(), channels=[CHANNEL]) as peer:
        yield peer


@pytest.fixture
def database(authority: Authority) -> Iterator[int]:
    """The port of one that speaks PostgreSQL's protocol over TLS so far that it can say that it has no database."""
    context = authority.identity().context()
    context.set_alpn_protocols(["postgresql"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    text = b"SFATAL\0VFATAL\0C3D000\0Mno database\0\0"
    with contextlib.suppress(OSError):  # the listener's end
        while True:
            connection, _ = listener.accept()
            while connection.recv(8) != SSL_REQUEST:  # an encryption by Kerberos is asked for first
                connection.sendall(b"N")
            connection.sendall(b"S")
            with context.wrap_socket(connection, server_side=True) as encrypted:
                encrypted.recv(1024)
                encrypted.sendall(b"E" + struct.pack("!I", len(text) + 4) + text)


@pytest.mark.parametrize("names", [list(USES), list(reversed(USES))], ids=["first", "last"])
def test_each_uses_its_own_copy(place: Place, peer: Peer, database: int, authority: Authority, names: list[str]) -> None:
    place.put(authority.bundle, "/tmp/authority.pem")
    sources = {name: USES[name] for name in names}
    head = f"SOURCES = {sources!r}\nEXPECTED = {EXPECTED!r}\n"
    assert place.python(head + PROGRAM, peer.url, str(database)).strip() == "all well"


def test_there_are_two_versions_of_openssl_and_of_libcurl_in_that_process(place: Place) -> None:
    program = """
import pycurl, d360webhook
from cryptography.hazmat.backends.openssl import backend
inside = d360webhook.bundled_versions
print(f"OpenSSL {inside['openssl']} " in backend.openssl_version_text(), f"/{inside['curl']} " in pycurl.version)
"""
    assert place.python(program).split() == ["False", "False"]
