"""Calls that fail, a thousand times each: they keep no memory."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from support import raw

from C.compilers import MEMCHECK, Compile, run

SOAK = bool(os.environ.get("D360_SOAK"))
TIMES = 1_000
#: All kinds in one run, each call about fifty times as slow as without valgrind.
TIMES_UNDER_MEMCHECK = TIMES if SOAK else TIMES // 5

#: Without it, blocks that a thread's cache keeps count as given out.
EXACT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}

ACCOUNT = {"name": "berlin", "api_key": "key"}
DOCUMENT = json.dumps({"accounts": [ACCOUNT]})
APPEND = "D360_INVALID_REQUEST append"
#: Status and call, then the call's arguments. FOLDER stands for the folder that the fixture `folder` makes.
CALLS: dict[str, tuple[str, str, str]] = {
    "no URL": ("D360_INVALID_ARGUMENT open", "-", "-"),
    "an empty URL": ("D360_INVALID_ARGUMENT open", "", "-"),
    "an unknown scheme": ("D360_INVALID_ARGUMENT open", "gopher://example.com", "-"),
    "a URL with a password": ("D360_INVALID_ARGUMENT open", "https://user:secret@example.com", "-"),
    "a URL with a query": ("D360_INVALID_ARGUMENT open", "https://example.com/?a=b", "-"),
    "plain HTTP": ("D360_INVALID_ARGUMENT open", "http://example.com", "-"),
    "options that are not JSON": ("D360_MALFORMED_JSON open", "https://example.com", "{"),
    "options that are no object": ("D360_INVALID_ARGUMENT open", "https://example.com", "[]"),
    "an unknown option": ("D360_INVALID_ARGUMENT open", "https://example.com", '{"unknown": 1}'),
    "an option twice": ("D360_MALFORMED_JSON open", "https://example.com", '{"timeout_ms": 1, "timeout_ms": 1}'),
    "an option out of range": ("D360_INVALID_ARGUMENT open", "https://example.com", '{"timeout_ms": 0}'),
    "an option of another type": ("D360_INVALID_ARGUMENT open", "sqlite::memory:", '{"ca_file": 1}'),
    "no path": ("D360_INVALID_ARGUMENT open", "sqlite:", "-"),
    "no folder": ("D360_STORAGE_ERROR open", "sqlite:FOLDER/none/w.db", "-"),
    "a folder for a file": ("D360_STORAGE_ERROR open", "sqlite:FOLDER", "-"),
    "no database": ("D360_STORAGE_ERROR open", "sqlite:FOLDER/text", "-"),
    "another program's database": ("D360_STORAGE_ERROR open", "sqlite:FOLDER/foreign.db", "-"),
    "a newer version's database": ("D360_STORAGE_ERROR open", "sqlite:FOLDER/newer.db", "-"),
    "a derived client's unknown option": ("D360_INVALID_ARGUMENT derive", '{"ca_file": "/"}', "-"),
    "a derived client's option out of range": ("D360_INVALID_ARGUMENT derive", '{"max_attempts": 0}', "-"),
    "a fleet's document that is not JSON": ("D360_MALFORMED_JSON plan", "{", "-"),
    "a fleet's unknown section": ("D360_INVALID_REQUEST plan", json.dumps({"accounts": [{**ACCOUNT, "unknown": 1}]}), "-"),
    "a fleet's unknown option": ("D360_INVALID_ARGUMENT plan", DOCUMENT, '{"unknown": 1}'),
    "a fleet's account that the document lacks": ("D360_INVALID_ARGUMENT plan", DOCUMENT, '{"only": ["paris"]}'),
    "a request that is not JSON": ("D360_MALFORMED_JSON append", "{", "-"),
    "a request without destinations": (APPEND, "{}", "-"),
    "a request with a URL of another kind": (APPEND, '{"destinations": [{"name": "a", "url": "gopher://example.com"}]}', "-"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    (path / "text").write_text("no database\n" * 100)
    foreign = sqlite3.connect(path / "foreign.db")
    foreign.execute("CREATE TABLE account (id INTEGER)")
    foreign.close()
    status, client, error = raw.open_client(f"sqlite:{path}/ours.db")
    assert status == "D360_OK", error
    raw.close(client)
    shutil.copy(path / "ours.db", path / "newer.db")
    newer = sqlite3.connect(path / "newer.db")
    newer.execute("PRAGMA user_version = 1000")
    newer.close()
    return path


def arguments(name: str, folder: Path) -> list[str]:
    """Of the program failing_calls."""
    words, *texts = CALLS[name]
    return [*words.split(), *(text.replace("FOLDER", str(folder)) for text in texts)]


@pytest.mark.parametrize("name", CALLS)
def test_a_thousand_calls_that_fail_keep_no_memory(compiled: Compile, folder: Path, name: str) -> None:
    run([compiled("failing_calls"), TIMES, *arguments(name, folder)], env={**os.environ, **EXACT})


def test_memcheck_finds_nothing_lost_by_calls_that_fail(compiled: Compile, folder: Path) -> None:
    every = [argument for name in CALLS for argument in arguments(name, folder)]
    assert run([*MEMCHECK, compiled("failing_calls"), TIMES_UNDER_MEMCHECK, *every]).stderr == ""
