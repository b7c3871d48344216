"""Secrets come from files and the environment, and are neither printed nor handed to programs."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from Peers import faults
from Peers.service import Peer

from d360webhook import Client

from .program import KEY, Program

MAIN = "https://hooks.example.com/main"
SECRET = "Bearer s3cr3t-of-the-test"


def test_the_keys_file_comes_before_the_environment(run: Program) -> None:
    good, bad = run.file("good", KEY + "\r\n"), run.file("bad", "key-of-nobody\n")
    assert run("--api-key-file", good, "multi", "get", D360_API_KEY="key-of-nobody").status == 0
    assert run("--api-key-file", bad, "multi", "get").status == 77


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo\n", b"\xff\n", b"a\0b"])
def test_a_file_that_is_no_secret_is_refused_without_its_content(run: Program, content: bytes) -> None:
    done = run("--api-key-file", run.file("key", content), "multi", "get")
    assert (done.status, len(done.errors.splitlines())) == (65, 1)
    assert "one" not in done.errors.replace("more than one line", "")


@pytest.mark.parametrize("header", ["Authorization=@{file}", "Authorization=env:TOKEN", f"Authorization={SECRET}"])
def test_a_header_comes_from_a_file_or_the_environment_or_the_argument(run: Program, client: Client, header: str) -> None:
    given = header.format(file=run.file("token", SECRET + "\n"))
    assert run("waba", "set", MAIN, "--header", given, TOKEN=SECRET).status == 0
    assert client.waba_webhook_get(KEY)["headers"] == {"Authorization": SECRET}


def test_no_secret_is_in_any_table_line_or_error(run: Program, remote: Program, peer: Peer) -> None:
    token = run.file("token", SECRET + "\n")
    url = f"{MAIN}?access_token=t0ken"
    said = [
        run("-vvv", "multi", "enable", f"crm={url}"),
        run("-vvv", "multi", "update", "crm", "--header", f"Authorization=@{token}"),
        run("-vvv", "multi", "get"),
        run("-vvv", "waba", "set", MAIN + "?access_token=t0ken", "--header", f"Authorization=@{token}", "--wait"),
        run("-vvv", "waba", "get"),
        run("-vvv", "customer", "set", "https://user:passw0rd@hooks.example.com/", "--header", f"Authorization=@{token}"),
        run("-vvv", "customer", "set", MAIN, "--header", f"Auth orization=@{token}"),
        run("-vvv", "customer", "set", MAIN, "--header", SECRET),
        run("-vvv", "multi", "append", "https://user:passw0rd@hooks.example.com/"),
        run("-vvv", "validate", "https://user:passw0rd@hooks.example.com/?t0ken", "--header", f"Host=@{token}"),
        run("-vvv", "channel", "list"),
    ]
    peer.script.every_reading(faults.error(400, f"no {KEY}"))
    said.append(remote("-vvv", "multi", "get"))
    for done in said:
        for secret in (KEY, SECRET, "s3cr3t", "t0ken", "passw0rd"):
            assert secret not in done.output + done.errors, done


def command_lines() -> Iterator[str]:
    """Of every process that there is."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):  # It has ended.
            yield line.read_text(errors="replace")


def test_no_secret_is_in_the_list_of_processes_while_apply_runs(remote: Program, peer: Peer) -> None:
    secrets = {"KEY": "listed-key", "TOKEN": "listed-token", "QUERY": "listed-query"}
    peer.register({"phone_number_id": "77", "waba_id": 17, "api_key": secrets["KEY"]})
    crm = {"name": "crm", "url": f"{MAIN}?access_token=${{QUERY}}", "headers": {"Authorization": "${TOKEN}"}}
    account = {"name": "berlin", "api_key": "${KEY}", "multi_webhook": {"destinations": [crm]}}
    remote.file("listed.json", json.dumps({"accounts": [account]}))
    remote.file("listed.secrets", json.dumps(secrets))
    peer.script.every_write(faults.silent())
    process = remote.start("fleet", "apply", "listed.json", "--secrets", "listed.secrets", "--yes")
    try:
        end = time.monotonic() + 20
        while not peer.record.writes and time.monotonic() < end:
            time.sleep(0.01)
        (write,) = peer.record.writes
        assert all(secret.encode() in write.body for secret in ("listed-token", "listed-query"))
        listed = list(command_lines())
    finally:
        process.kill()
        process.communicate()
    assert any("apply\0listed.json" in line for line in listed)
    assert not [line for line in listed if any(secret in line for secret in secrets.values())]


def test_a_header_given_literally_says_in_its_help_who_can_read_it(tmp_path: Path) -> None:
    text = " ".join(Program(tmp_path, None)("customer", "set", "--help").output.split())
    assert "every user of this machine can read it in the list of processes" in text
