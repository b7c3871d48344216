"""Under a terminal and in a pipe: widths, colours, questions, a reader that has gone."""

import os
import subprocess

import pytest
from Peers import faults
from Peers.service import Peer

from d360webhook import Client

from .program import COMMAND, ESCAPE, KEY, Program

MAIN = "https://hooks.example.com/main"
LONG = "https://hooks.example.com/" + "a-long-path/" * 20


@pytest.fixture
def filled(run: Program, client: Client) -> Program:
    """A number with two destinations, one of them long."""
    client.multi_webhook_set(KEY, True, [{"name": "crm", "url": MAIN}, {"name": "archive", "url": LONG}])
    client.customer_webhook_set(KEY, MAIN)
    return run


@pytest.mark.parametrize("width", [40, 200])
def test_a_table_fits_the_terminals_width_and_loses_nothing(filled: Program, width: int) -> None:
    shown = filled.terminal("multi", "get", width=width)
    assert shown.status == 0
    assert max(len(line) for line in shown.text.splitlines()) <= width
    _, *rows = shown.text.splitlines()[1:]
    start = shown.text.splitlines()[1].index("URL")
    assert "".join(row[start:].strip() for row in rows) == MAIN + LONG


def test_a_pipe_has_one_line_for_each_row_and_no_escape(filled: Program) -> None:
    output = filled("multi", "get").output
    assert "\x1b" not in output
    assert [line.split()[1] for line in output.splitlines()[2:]] == [MAIN, LONG]


def test_no_color_is_honoured(filled: Program) -> None:
    assert ESCAPE.search(filled.terminal("multi", "get").output)
    assert not ESCAPE.search(filled.terminal("multi", "get", environment={"NO_COLOR": "1"}).output)


def test_json_is_indented_for_people_and_the_same(filled: Program) -> None:
    shown = filled.terminal("--json", "multi", "get", width=400)
    assert "\n  " in shown.text
    piped = filled("--json", "multi", "get")
    assert len(piped.output.splitlines()) == 1
    assert shown.json == piped.json


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("n\n", False), ("\n", False), ("\x04", False)])
def test_override_all_says_what_will_happen_and_asks(filled: Program, client: Client, answer: str, done: bool) -> None:
    shown = filled.terminal("waba", "set", f"{MAIN}?token=t0ken", "--override-all", typed=[("[y/N]", answer)])
    assert shown.status == (0 if done else 1)
    assert "+4930123456" in shown.text and "+4989123456" in shown.text
    assert "t0ken" not in shown.text
    assert ("Nothing was changed." in shown.text) is not done
    assert ("url" not in client.customer_webhook_get(KEY)) is done


def test_ctrl_c_at_the_question_is_130_and_changes_nothing(filled: Program, client: Client) -> None:
    shown = filled.terminal("waba", "set", MAIN, "--override-all", interrupt_at="[y/N]")
    assert shown.status == 130
    assert "Traceback" not in shown.text
    assert client.customer_webhook_get(KEY) == {"url": MAIN}


def test_yes_asks_nothing_at_a_terminal(filled: Program) -> None:
    shown = filled.terminal("waba", "set", MAIN, "--override-all", "--yes")
    assert (shown.status, shown.text) == (0, "Webhook will be set for waba_id: 123065260884961\n")


@pytest.mark.parametrize("arguments", [["--help"], ["multi", "get"], ["--json", "multi", "get"], ["completion", "bash"]])
def test_a_reader_that_has_gone_is_no_failure_and_no_noise(filled: Program, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            [*COMMAND, *arguments], env=filled.environment, stdout=gone, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_standard_streams_that_are_closed_are_no_failure(filled: Program) -> None:
    shell = ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh"]
    assert subprocess.run([*shell, *COMMAND, "multi", "get"], env=filled.environment).returncode == 0


def test_a_services_texts_cannot_steer_the_terminal(remote: Program, peer: Peer) -> None:
    peer.script.every_reading(faults.body(b'{"url": "https://a.example.com/\\u001b[2J\\u202e\\nnext"}'))
    shown = remote("customer", "get")
    assert shown.output == "https://a.example.com/\\x1b[2J\\u202e\\nnext\n"
