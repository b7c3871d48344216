"""The wheel in bare Debians 12 and 13: no compiler, no Swift, none of the C libraries' own packages."""

import json
import shutil
from collections.abc import Callable, Iterator

import pytest
from Peers.certificates import Authority
from Peers.service import Peer

from .conftest import NAMES
from .place import CHANNEL, PYTHON, TOP, Place

#: Writes to the service that is named and reads it back, with options as JSON.
READ = """
import json, sys
from d360webhook import Client
with Client(sys.argv[1], max_attempts=1, **json.loads(sys.argv[2])) as client:
    client.channel("key").customer_webhook_set("https://a.example.com")
    print(client.channel("key").customer_webhook_get()["url"])
"""
#: Where systems have their certificates: Debian; Red Hat and Amazon; the same without its older link; SUSE; Alpine.
AUTHORITIES = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
]


@pytest.fixture
def peer(authority: Authority) -> Iterator[Peer]:
    with Peer(tls=authority.identity().context(), channels=[CHANNEL]) as peer:
        yield peer


def read(place: Place, url: str, options: dict[str, str] | None = None, **environment: str) -> str:
    return place.python(READ, url, json.dumps(options or {}), **environment).strip()


def test_it_works_where_none_of_its_c_libraries_is(place: Place) -> None:
    installed = place.root.installed()
    assert not [name for name in installed if name.startswith(("libcurl", "libjansson", "libnghttp2"))]
    program = """
import d360webhook
from d360webhook import Client
with Client("sqlite:/tmp/service.db") as client:
    client.channel_register("106540352242922", waba_id=123065260884961, api_key="key")
    client.channel("key").customer_webhook_set("https://hooks.example.com/main")
    print(d360webhook.version() == d360webhook.__version__, sorted(d360webhook.bundled_versions))
"""
    assert place.python(program).strip() == f"True {NAMES}"


def test_the_first_call_over_tls_trusts_a_private_authority_by_option_or_by_variable(
    place: Place, peer: Peer, authority: Authority
) -> None:
    place.put(authority.bundle, "/tmp/authority.pem")
    assert read(place, peer.url, {"ca_file": "/tmp/authority.pem"}) == "https://a.example.com"
    assert read(place, peer.url, SSL_CERT_FILE="/tmp/authority.pem") == "https://a.example.com"


def test_an_authority_that_is_not_trusted_is_a_tls_error(place: Place, peer: Peer) -> None:
    done = place.root.try_to(PYTHON, "-c", READ, peer.url, "{}")
    assert done.returncode == 1 and "TLSError" in done.stderr
    assert not peer.record


@pytest.mark.parametrize("path", AUTHORITIES)
def test_the_machines_authorities_are_found(places: Callable[[str], Place], peer: Peer, authority: Authority, path: str) -> None:
    place = places("bookworm")
    for other in AUTHORITIES:
        (place.root.folder / other[1:]).unlink(missing_ok=True)  # Python's packages bring the first one
    place.put(authority.bundle, path)
    assert read(place, peer.url) == "https://a.example.com"
    (place.root.folder / path[1:]).unlink()
    done = place.root.try_to(PYTHON, "-c", READ, peer.url, "{}")
    assert done.returncode == 1 and "TLSError" in done.stderr


def test_a_child_process_calls_with_the_client_of_its_parent(place: Place, peer: Peer, authority: Authority) -> None:
    place.put(authority.bundle, "/tmp/authority.pem")
    program = """
import os, sys
from d360webhook import Client
with Client(sys.argv[1], ca_file="/tmp/authority.pem") as remote, Client("sqlite:/tmp/fork.db") as embedded:
    embedded.channel_register("106540352242922", waba_id=123065260884961, api_key="key")
    for client in (remote, embedded):
        client.channel("key").customer_webhook_set("https://a.example.com")
        assert client.channel("key").customer_webhook_get()["url"] == "https://a.example.com"
    if os.fork() == 0:
        for client in (remote, embedded):
            assert client.channel("key").customer_webhook_get()["url"] == "https://a.example.com"
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]), remote.channel("key").customer_webhook_get()["url"])
"""
    assert place.python(program, peer.url).strip() == "0 https://a.example.com"


def test_the_suites_core_passes(place: Place) -> None:
    """The suite of rules that every service is held to, and the tests of the package that need no compiler."""
    tree = place.root.folder / "tree"
    if not tree.exists():
        shutil.copytree(TOP / "Tests", tree / "Tests", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(TOP / "include", tree / "include")
    library = place.root.sh("ls /venv/lib/python3*/site-packages/d360webhook/libd360webhook.so.0").strip()
    options = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    environment = {"D360WEBHOOK_LIBRARY": library, "PYTHONPATH": "/tree/Tests", "PYTHONDONTWRITEBYTECODE": "1"}
    rules = place.root.run(PYTHON, *options, "-k", "(memory or file) and not daemon", "/tree/Tests/Conformance", **environment)
    assert " passed" in rules and "skipped" not in rules
    own = [f"/tree/Tests/Python/test_{name}.py" for name in ("arguments", "async", "errors", "fork", "requests", "threads")]
    # That test locks a file by Python's sqlite3, another copy of SQLite in the process: docs/platforms.md.
    package = place.root.run(PYTHON, *options, "-k", "not locked_database_file", *own, **environment)
    assert " passed" in package and "skipped" not in package


def test_uninstalling_leaves_nothing(place: Place) -> None:
    before = place.root.sh("find /venv -path '*d360*' | sort")
    assert "libd360webhook.so.0" in before and "/venv/bin/d360-webhookd" in before
    place.pip("uninstall", "--yes", "d360webhook", "d360webhook-daemon")
    assert place.root.sh("find /venv -path '*d360*'") == ""
    place.install("d360webhook[daemon]")
