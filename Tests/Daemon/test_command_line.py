"""Flags, and what keeps the daemon from starting."""

import re
import socket
from pathlib import Path

import pytest
from support.daemon import Daemon

from .starting import MEMORY, must_not_start, run
from .wire import Wire

FLAGS = [
    "--service", "--listen", "--port-file", "--admin-token-file", "--channels", "--url-policy", "--max-destinations",
    "--apply-delay-ms",
    "--multi-apply-delay-ms", "--answers", "--threads", "--tls-cert", "--tls-key",
    "--insecure-listen", "--access-log", "--log-format",
    "--help", "--version",
]  # fmt: skip


def test_help_shows_every_flag() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  (--[a-z-]+)", done.stdout, re.MULTILINE) == FLAGS
    assert max(map(len, done.stdout.splitlines())) <= 130


def test_version_is_a_name_and_a_number() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"d360-webhookd \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--service"), (["--service"], "--service"), (["--service="], "--service"), (["--servise", "x"], "--servise"),
        (["x"], "'x'"), (["-h"], "-h"),
        ([*MEMORY, "--threads", "0"], "--threads"), ([*MEMORY, "--threads", "65"], "--threads"),
        ([*MEMORY, "--threads", "two"], "--threads"),
        ([*MEMORY, "--max-destinations", "0"], "--max-destinations"),
        ([*MEMORY, "--max-destinations", "1001"], "--max-destinations"),
        ([*MEMORY, "--apply-delay-ms", "-1"], "--apply-delay-ms"),
        ([*MEMORY, "--multi-apply-delay-ms", "9" * 30], "--multi-apply-delay-ms"),
        ([*MEMORY, "--url-policy", "none"], "--url-policy"), ([*MEMORY, "--url-policy", "Cloud"], "--url-policy"),
        ([*MEMORY, "--log-format", "xml"], "--log-format"), ([*MEMORY, "--access-log=yes"], "--access-log"),
        ([*MEMORY, "--insecure-listen=1"], "--insecure-listen"),
        ([*MEMORY, "--tls-cert", "a"], "--tls-key"), ([*MEMORY, "--tls-key", "a"], "--tls-cert"), ([*MEMORY, ""], "''"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_said_in_one_line(arguments: list[str], word: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("d360-webhookd: ") and done.stderr.count("\n") == 1
    assert word in done.stderr and "--help" in done.stderr


def test_a_value_may_follow_an_equals_sign_and_may_hold_one(tmp_path: Path) -> None:
    with Daemon(f"sqlite:{tmp_path}/a=b.db", ["--threads=1", "--url-policy=local", "--max-destinations=1000"]) as daemon:
        assert daemon.stop() == 0
    assert (tmp_path / "a=b.db").exists()


@pytest.mark.parametrize(
    "service", ["http://127.0.0.1", "sqlite:", "sqlite", "mysql://h/d", "/tmp/w.db", "https://waba-v2.360dialog.io"]
)
def test_a_service_of_no_known_kind_is_refused(service: str) -> None:
    must_not_start(["--service", service], "sqlite:")


@pytest.mark.parametrize("name", ["", "missing/w.db", "."])
def test_a_database_that_cannot_be_opened_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("no folder")
    must_not_start(["--service", f"sqlite:{tmp_path}/{name}"])
    must_not_start(["--service", f"sqlite:{tmp_path}/file/w.db"])


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("not a database\n" * 1_000)
    must_not_start(["--service", f"sqlite:{path}"])
    assert path.read_text() == "not a database\n" * 1_000


@pytest.mark.parametrize(
    "listen",
    ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.1:-1", "host.invalid:0", "127.0.0.1:http"],
)
def test_an_address_that_is_none_is_said(listen: str) -> None:
    must_not_start([*MEMORY, "--listen", listen], "--listen")


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        must_not_start([*MEMORY, "--listen", f"127.0.0.1:{port}"], f"127.0.0.1:{port}", "in use")


def test_a_port_is_free_at_once_after_the_daemon_has_ended() -> None:
    with Daemon("sqlite::memory:") as daemon:
        port = daemon.port
        with Wire(port) as wire:
            wire.ask("GET", "/healthz").must_be({"status": "ok"})
            assert daemon.stop() == 0
    with Daemon("sqlite::memory:", ["--listen", f"127.0.0.1:{port}"]) as daemon, Wire(port) as wire:
        wire.ask("GET", "/healthz").must_be({"status": "ok"})


def test_a_host_may_be_a_name_or_an_ipv6_address() -> None:
    for listen in ("localhost:0", "[::1]:0"):
        with Daemon("sqlite::memory:", ["--listen", listen]) as daemon:
            with socket.create_connection((listen.rpartition(":")[0].strip("[]"), daemon.port), timeout=20):
                assert f"listening on http://{'[::1]' if '::1' in listen else '127.0.0.1'}:{daemon.port}" in daemon.log


@pytest.mark.parametrize("listen", ["localhost:0", ":0"])
def test_every_address_is_listened_on_and_named(listen: str) -> None:
    with Daemon("sqlite::memory:", ["--listen", listen, "--insecure-listen"]) as daemon:
        # A machine may have no IPv6 name for localhost; without a host both families are always there.
        local = {str(found[4][0]) for found in socket.getaddrinfo("localhost", None)}
        for host in local if listen == "localhost:0" else ("127.0.0.1", "::1"):
            socket.create_connection((host, daemon.port), timeout=20).close()
        for host in local if listen == "localhost:0" else ("0.0.0.0", "::"):
            shown = f"[{host}]" if ":" in host else host
            assert f"listening on http://{shown}:{daemon.port}\n" in daemon.log


@pytest.mark.parametrize("listen", ["0.0.0.0:0", ":0", "[::]:0"])
def test_listening_beyond_loopback_needs_tls_or_a_word(listen: str) -> None:
    must_not_start([*MEMORY, "--listen", listen], "--tls-cert", "--insecure-listen")
    with Daemon("sqlite::memory:", ["--listen", listen, "--insecure-listen"]) as daemon, Wire(daemon.port) as wire:
        wire.ask("GET", "/healthz").must_be({"status": "ok"})


def test_the_port_file_holds_the_port_and_is_there_only_once_it_listens(tmp_path: Path) -> None:
    path = tmp_path / "port"
    must_not_start(["--service", "sqlite:", "--port-file", str(path)])
    must_not_start([*MEMORY, "--port-file", f"{tmp_path}/missing/port"], "missing/port")
    assert not list(tmp_path.iterdir())
    with Daemon("sqlite::memory:", ["--port-file", str(path)], has_admin=False, port_file=path) as daemon:
        assert path.read_text() == f"{daemon.port}\n"
        with Wire(daemon.port) as wire:
            wire.ask("GET", "/healthz").must_be({"status": "ok"})


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"two words\n", b"two\nlines\n", b"\xff\n", "schlüssel\n".encode(), b"a" * 5_000]
)
def test_a_token_file_that_holds_no_token_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_bytes(content)
    must_not_start([*MEMORY, "--admin-token-file", str(path)], str(path))


def test_a_missing_token_file_is_said(tmp_path: Path) -> None:
    must_not_start([*MEMORY, "--admin-token-file", f"{tmp_path}/none"], f"{tmp_path}/none")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_line_end_of_a_token_file_does_not_belong_to_the_token(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text("secret" + ending, newline="")
    with Daemon("sqlite::memory:", ["--admin-token-file", str(path)], has_admin=False) as daemon, Wire(daemon.port) as wire:
        assert wire.ask("GET", "/admin/channels", [("Authorization", "Bearer secret")]).code == 200


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o620, True)])
def test_a_token_file_that_others_can_read_is_warned_of(tmp_path: Path, mode: int, warns: bool) -> None:
    path = tmp_path / "token"
    path.write_text("secret\n")
    path.chmod(mode)
    with Daemon("sqlite::memory:", ["--admin-token-file", str(path)], has_admin=False) as daemon:
        assert (" warning " in daemon.log) == warns
        assert (f"chmod 600 {path}" in daemon.log) == warns
        assert "secret" not in daemon.log
