"""Secrets come from files and the environment, and are neither printed nor handed to programs."""

from pathlib import Path

import pytest
from d360webhook import Client
from Peers import faults
from Peers.service import Peer

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
    assert (done.status, len(done.errors.splitlines())) == (1, 1)
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


def test_a_header_given_literally_says_in_its_help_who_can_read_it(tmp_path: Path) -> None:
    text = " ".join(Program(tmp_path, None)("customer", "set", "--help").output.split())
    assert "every user of this machine can read it in the list of processes" in text
