"""The database file of sqlite:FILE: whose it is, and where."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from support import raw

from . import child
from .answers import check_document
from .files import CHANNEL, done, everything_in, mode, opened, refused

# Whose it is


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_a_new_file_and_its_log_have_mode_0600_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        client = opened(tmp_path / "w.db")
        done(client, "channel_register", CHANNEL)
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    raw.close(client)
    assert "w.db" in modes and set(modes.values()) == {0o600}, modes


def test_a_file_carries_an_application_id_and_a_schema_version(database: Path) -> None:
    header = database.read_bytes()[:100]
    assert header[:16] == b"SQLite format 3\0"
    assert int.from_bytes(header[68:72]) == 0x64333630, "application_id"
    assert int.from_bytes(header[60:64]) == 1, "user_version"


def test_an_existing_empty_file_counts_as_new_and_gets_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    client = opened(path)
    done(client, "channel_register", CHANNEL)
    raw.close(client)
    assert mode(path) == 0o600 and path.stat().st_size > 0


def foreign(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


FOREIGN = {
    "tables": ["CREATE TABLE account (id INTEGER)", "INSERT INTO account VALUES (1)"],
    "tables and a version": ["CREATE TABLE account (id INTEGER)", "PRAGMA user_version = 1"],
    "an application_id alone": ["PRAGMA application_id = 7"],
    "write-ahead logging": ["PRAGMA journal_mode = WAL", "CREATE TABLE account (id INTEGER)"],
    "tables of our names": ["CREATE TABLE channel (id INTEGER PRIMARY KEY, phone_number_id TEXT)"],
    "a view alone": ["CREATE VIEW account AS SELECT 1"],
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_another_programs_database_is_refused_untouched(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "w.db"
    foreign(path, *FOREIGN[kind])
    path.chmod(0o644)
    before = everything_in(tmp_path)
    refused(path)
    assert everything_in(tmp_path) == before and mode(path) == 0o644


LEFT_OPEN = """
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
for statement in sys.argv[2:]:
    connection.execute(statement)
os._exit(0)
"""


@pytest.mark.parametrize("statement", ["CREATE TABLE account (id INTEGER)", "PRAGMA application_id = 7"])
def test_another_programs_database_in_a_log_is_refused_untouched(tmp_path: Path, statement: str) -> None:
    """Its program was killed: what it has written stands in its log."""
    child.run(LEFT_OPEN, tmp_path / "w.db", statement)
    before = everything_in(tmp_path)
    assert before["w.db-wal"]
    refused(tmp_path / "w.db")
    after = everything_in(tmp_path)
    assert {name: after[name] for name in ("w.db", "w.db-wal")} == {name: before[name] for name in ("w.db", "w.db-wal")}


@pytest.mark.parametrize(
    "content",
    [b"#!/bin/sh\nexit 0\n", b"x", b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 4080, os.urandom(8192)],
    ids=["script", "one byte", "zeros", "header alone", "random"],
)
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.db"
    path.write_bytes(content)
    path.chmod(0o644)
    refused(path)
    assert everything_in(tmp_path) == {"w.db": content} and mode(path) == 0o644


@pytest.mark.parametrize("version", [2, 2**31 - 1])
def test_a_newer_versions_database_is_refused_untouched(database: Path, version: int) -> None:
    connection = sqlite3.connect(database)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = everything_in(database.parent)
    assert "newer" in refused(database)
    assert everything_in(database.parent) == before


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path)
    refused(tmp_path / "missing" / "w.db")
    refused("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_damaged_file_is_a_storage_error(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    database.write_bytes(content)
    status, client, error = raw.open_client(f"sqlite:{database}")
    if status == "D360_OK":
        status, error = raw.call("d360_customer_webhook_get", client, "key")
        raw.close(client)
    assert status == "D360_STORAGE_ERROR"
    check_document(status, json.loads(error or ""))


# Where it is


@pytest.mark.parametrize(
    "name",
    [
        "with space.db",
        "what?.db",
        "a#b.db",
        "100%41.db",
        "%2e.db",
        "file:w.db",
        "ü \u4e2d.db",
        "-w",
        "w?mode",
        "'w;.db",
        "&=+",
    ],
)
def test_a_path_is_taken_literally(tmp_path: Path, name: str) -> None:
    client = opened(tmp_path / name)
    done(client, "channel_register", CHANNEL)
    raw.close(client)
    assert os.listdir(tmp_path) == [name]
    client = opened(tmp_path / name)
    assert done(client, "channel_list")["channels"]
    raw.close(client)


@pytest.mark.parametrize("name", ["w.db", "file:w.db", "./w.db", "~", "a b?c"])
def test_a_relative_path_is_made_absolute_at_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    client = opened(name)
    monkeypatch.chdir(elsewhere)
    done(client, "channel_register", CHANNEL)
    _, derived, _ = raw.derive(client)
    assert done(derived or 0, "channel_list")["channels"]
    raw.close(derived)
    raw.close(client)
    assert os.listdir(here) == [os.path.basename(name)] and os.listdir(elsewhere) == []


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("sqlite:", "sqlite:/PATH"),
        ("sqlite://:memory:", "sqlite::memory:"),
        ("sqlite:///:memory:", "sqlite::memory:"),
        ("sqlite:./:memory:", "sqlite::memory:"),
        ("sqlite:file::memory:?cache=shared", "sqlite::memory:"),
        ("sqlite://w.db", "sqlite:w.db or sqlite:/w.db"),
        ("sqlite:w.db?mode=ro", "sqlite:w.db"),
    ],
)
def test_a_url_that_means_something_else_elsewhere_is_refused_with_the_right_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, client, error = raw.open_client(url)
    assert status == "D360_INVALID_ARGUMENT" and not client
    assert json.loads(error or "")["error"]["message"].endswith(f"write {form}")
    assert os.listdir(tmp_path) == []


def test_three_slashes_begin_an_absolute_path(tmp_path: Path) -> None:
    status, client, error = raw.open_client(f"sqlite://{tmp_path}/w.db")
    assert status == "D360_OK", error
    raw.close(client)
    assert os.listdir(tmp_path) == ["w.db"]


#: In a mount namespace of its own, so that the mount ends with the process; in a user namespace too, where only root may mount.
MOUNTED = """
import ctypes, os, subprocess
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
user = os.geteuid()
if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | (CLONE_NEWUSER if user else 0)) != 0:
    print("this machine allows no namespaces:", os.strerror(ctypes.get_errno()))
    sys.exit()
if user:
    with open("/proc/self/uid_map", "w") as users:
        users.write(f"0 {user} 1")
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "--bind", sys.argv[1], sys.argv[2]], check=True)
status, client, error = raw.open_client("sqlite:" + sys.argv[2])
print(status, error)
"""


def test_a_file_that_is_a_mount_of_its_own_is_refused(tmp_path: Path, database: Path) -> None:
    place = tmp_path / "mounted.db"
    place.touch()
    said = "\n".join(child.run(MOUNTED, database, place))
    assert said.startswith("D360_STORAGE_ERROR"), said
    assert "mount its folder instead" in said
    assert place.read_bytes() == b""


def test_memory_makes_no_file_and_each_open_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = (raw.open_client("sqlite::memory:")[1] or 0 for _ in range(2))
    done(one, "channel_register", CHANNEL)
    assert done(other, "channel_list") == {"channels": []}
    raw.close(one)
    raw.close(other)
    assert os.listdir(tmp_path) == []
