"""The wheel of the daemon's program, the extra d360webhook[daemon]: in bare Debians 12 and 13, beside the package itself."""

import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from Peers.certificates import Authority, Identity
from support.documents import programs
from support.postgres import Cluster

from .binary import SYSTEM, output
from .place import PYTHON, TOP, Place, listed

DAEMON = "/venv/bin/d360-webhookd"
CALL = """
def test_it(d360_daemon):
    d360_daemon.channel().customer_webhook_set("https://a.example.com")
    assert d360_daemon.channel().customer_webhook_get()["url"] == "https://a.example.com"
"""
#: Starts the daemon with TLS, sets and reads over it, and says what it agrees to with old and new clients.
OVER_TLS = """
import json, pathlib, socket, ssl, sys, tempfile
from d360webhook import Client
from pytest_d360webhook._starting import end, start
folder = pathlib.Path(tempfile.mkdtemp())
channel = {"phone_number_id": "106540352242922", "phone_number": "+4930901820", "waba_id": 123065260884961, "api_key": "key"}
channels = folder / "channels.json"
channels.touch(mode=0o600)
channels.write_text(json.dumps({"channels": [channel]}))
port_file, log_file = folder / "port", folder / "log"
process, port = start(
    ["/venv/bin/d360-webhookd", "--service", "sqlite::memory:", "--listen", "127.0.0.1:0", "--port-file", str(port_file),
     "--channels", str(channels), "--tls-cert", "/tmp/daemon.pem", "--tls-key", "/tmp/daemon.key"], port_file, log_file)
try:
    with Client(f"https://127.0.0.1:{port}", url_policy="local", ca_file="/tmp/authority.pem") as client:
        client.channel("key").customer_webhook_set("https://a.example.com")
        print(client.channel("key").customer_webhook_get()["url"])
    for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile="/tmp/authority.pem")
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        try:
            with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="127.0.0.1") as connection:
                print(connection.version())
        except ssl.SSLError:
            print("refused")
finally:
    end(process)
"""


@pytest.fixture(scope="session")
def wheel(wheels: Path) -> Path:
    (found,) = wheels.glob("d360webhook_daemon-*.whl")
    return found


@pytest.fixture(scope="session")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("daemon")
    shutil.unpack_archive(wheel, folder, "zip")
    (found,) = folder.glob("*.data/scripts/d360-webhookd")
    return found


def run_pytest(place: Place, test: str, **environment: str) -> str:
    """What pytest printed, with the plugin as pip installed it. The environment is not activated; no bytecode is left."""
    folder = place.root.folder / "tests"
    folder.mkdir(exist_ok=True)
    (folder / "test_it.py").write_text(test)
    command = (PYTHON, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "/tests/test_it.py")
    return place.root.try_to(*command, **environment).stdout


def test_it_needs_nothing_but_glibc_of_the_age_that_its_tag_says(wheel: Path, program: Path) -> None:
    dynamic = output("readelf", "-dW", program)
    needed = {name for name in re.findall(r"NEEDED.*\[(.*)\]", dynamic) if not name.startswith("ld-linux")}
    assert needed <= {*SYSTEM, "libutil.so.1"} and "libc.so.6" in needed
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"@GLIBC_([\d.]+)", output("nm", "-D", program))}
    assert wheel.stem.rpartition("-")[2].startswith("manylinux_{}_{}_".format(*max(versions)))


def test_it_is_hardened_and_has_nothing_of_the_machine_that_built_it(program: Path) -> None:
    dynamic, segments = output("readelf", "-dW", program), output("readelf", "-lW", program)
    assert "GNU_RELRO" in segments and re.search(r"GNU_STACK.* RW +0", segments)
    assert re.search(r"FLAGS_1.*NOW.*PIE", dynamic)
    assert "__stack_chk_fail" in output("nm", "-D", program)
    content = program.read_bytes()
    assert str(TOP).encode() not in content and b"/usr/lib/swift" not in content


def test_what_its_list_says_is_inside_is_inside(program: Path) -> None:
    """By the texts that some libraries have of their own versions, those of others are not linked in."""
    version = {name: version.partition("-")[0] for name, version in listed("library", "daemon").items()}
    content = program.read_bytes()
    for text in (f"OpenSSL {version['openssl']} ", f"GnuTLS {version['gnutls28']} ", f"{version['sqlite3']}\0"):
        assert text.encode() in content, text


def test_the_extra_puts_the_program_on_the_environments_path(place: Place) -> None:
    version = place.root.run("d360-webhookd", "--version", PATH="/venv/bin:/usr/sbin:/usr/bin")
    assert version == f"d360-webhookd {place.python('import d360webhook; print(d360webhook.__version__)')}"
    assert not [name for name in place.root.installed() if name.startswith(("libmicrohttpd", "libpq"))]
    assert "d360-webhookd" in place.root.text("/venv/share/man/man8/d360-webhookd.8")


def test_the_plugins_own_example_passes_though_the_environment_is_not_activated(place: Place) -> None:
    (example,) = [one for one in programs(TOP / "bindings" / "python" / "README.md") if "D360Daemon" in one]
    assert "2 passed" in run_pytest(place, example)


def test_the_plugin_takes_the_extras_program_before_the_one_on_the_path(place: Place) -> None:
    other = place.root.folder / "other/d360-webhookd"
    other.parent.mkdir(exist_ok=True)
    other.write_text("#!/bin/sh\nexit 7\n")
    other.chmod(0o755)
    assert "1 passed" in run_pytest(place, CALL, PATH="/other:/usr/sbin:/usr/bin")
    assert "the daemon ended with 7" in run_pytest(place, CALL, D360_WEBHOOKD="/other/d360-webhookd")


def test_it_speaks_tls_1_2_and_1_3(place: Place, authority: Authority) -> None:
    identity = authority.identity()
    place.put(authority.bundle, "/tmp/authority.pem")
    place.put(identity.certificate, "/tmp/daemon.pem")
    place.put(identity.key, "/tmp/daemon.key")
    (place.root.folder / "tmp/daemon.key").chmod(0o600)
    assert place.python(OVER_TLS).split() == ["https://a.example.com", "refused", "TLSv1.2", "TLSv1.3"]


@pytest.fixture(scope="module")
def cluster(authority: Authority) -> Iterator[Cluster]:
    """PostgreSQL on loopback, with TLS and a role whose password is needed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Cluster({"listen_addresses": "127.0.0.1", "port": port, "log_connections": "on"}) as cluster:
        protect(cluster, authority.identity())
        cluster.execute("CREATE ROLE guarded LOGIN PASSWORD 'of-guarded'")
        yield cluster


def protect(cluster: Cluster, identity: Identity) -> None:
    for source, name in ((identity.certificate, "server.crt"), (identity.key, "server.key")):
        target = cluster.data / name
        shutil.copy(source, target)
        target.chmod(0o600)
        if cluster.user:
            shutil.chown(target, cluster.user)
    cluster.execute("ALTER SYSTEM SET ssl = on")
    cluster.restart()


def test_it_stores_in_postgresql_over_tls_with_a_password(place: Place, cluster: Cluster, authority: Authority) -> None:
    place.put(authority.bundle, "/tmp/authority.pem")
    database = f"of_{place.root.folder.name}"
    cluster.execute(f"CREATE DATABASE {database} OWNER guarded")
    url = (
        f"postgresql://guarded:of-guarded@127.0.0.1:{cluster.port}/{database}?sslmode=verify-full&sslrootcert=/tmp/authority.pem"
    )
    test = f"import pytest\n@pytest.mark.d360(service={url!r}){CALL}"
    assert "1 passed" in run_pytest(place, test)
    assert re.search(rf"connection authorized: user=guarded database={database} .*SSL enabled \(protocol=TLSv1.3", cluster.log())
    refused = run_pytest(place, test.replace("of-guarded@", "wrong@"))
    assert "1 passed" not in refused and "password authentication failed" in refused
