"""Every exit status, and the one line or document that comes with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from Peers import faults
from Peers.server import Fault
from Peers.service import Peer

from d360webhook.cli import exit

from .program import COMMAND, KEY, Program

MAIN = "https://hooks.example.com/main"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["multi", "append", "crm=https://hooks.example.com/crm"], 1, "D360_NOT_ENABLED"),
        (["customer", "set", "https://hooks.example.com:3000/"], 1, "D360_INVALID_REQUEST at /url"),
        (["multi", "delete", "nobody"], 1, "D360_NOT_ENABLED"),
        (["--service", "sqlite:/nowhere/at/all.db", "multi", "get"], 1, "D360_STORAGE_ERROR"),
        (["--api-key-file", "missing", "multi", "get"], 66, "cannot read missing: No such file or directory"),
        (["multi", "append", "--from", "missing.yaml"], 66, "cannot read missing.yaml: No such file or directory"),
        (["validate", "https://a_b.example.com/"], 2, ""),
        (["nothing"], 64, "No such command 'nothing'; see d360-webhook --help"),
        (["cusotmer"], 64, "No such command 'cusotmer'; did you mean customer?; see d360-webhook --help"),
        (["multi", "udpate", "crm"], 64, "did you mean update?; see d360-webhook multi --help"),
        (["--account", "berlin", "multi", "get"], 64, "--fleet FILE and --account NAME belong together"),
        (["multi", "get", "--nothing"], 64, "--nothing"),
        (["multi", "update", "crm"], 64, "--url, --header or --no-headers"),
        (["multi", "update", "crm", "--no-headers", "--header", "A=b"], 64, "exclude each other"),
        (["multi", "append"], 64, "NAME=URL"),
        (["multi", "append", "crm"], 64, "a destination is NAME=URL"),
        (["customer", "set", MAIN, "--header", "Authorization"], 64, "a header is NAME=@FILE"),
        (["customer", "set", MAIN, "--header", "A=b", "--header", "A=c"], 64, "given twice"),
        (["customer", "set", MAIN, "--header", "A=env:NOBODY"], 64, "NOBODY"),
        (["waba", "set", MAIN, "--override-all"], 64, "add --yes"),
        (["--timeout", "0", "multi", "get"], 64, "--timeout"),
        (["--service", "ftp://example.com", "multi", "get"], 64, "D360_INVALID_ARGUMENT"),
        (["completion", "csh"], 64, "csh"),
        (["channel", "add", "--phone-number-id", "5"], 64, "--waba-id"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_exit_status(run: Program, arguments: list[str], status: int, said: str) -> None:
    done = run(*arguments)
    assert done.status == status, done.errors
    assert said in done.errors
    assert len(done.errors.splitlines()) == (1 if said else 0)
    document = run("--json", *arguments)
    assert document.status == status
    if said:
        assert {"status", "code", "message", "retryable", "outcome", "attempts"} <= document.error.keys()
        assert document.output == ""


@pytest.mark.parametrize("key", ["", "key-of-nobody"])
def test_a_missing_or_wrong_key_is_77(run: Program, key: str) -> None:
    done = run("--json", "multi", "get", D360_API_KEY=key)
    assert (done.status, done.error["status"]) == (77, "D360_UNAUTHORIZED")
    assert run("multi", "get", D360_API_KEY=key).status == 77


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.error(503), 75),
        (faults.retry_after("0"), 75),
        (faults.cut_before_status(), 75),
        (faults.error(401), 77),
        (faults.error(403), 77),
        (faults.error(418), 1),
        (faults.html(), 1),
    ],
    ids=["503", "429", "no answer", "401", "403", "418", "HTML"],
)
def test_a_reading_that_fails(remote: Program, peer: Peer, fault: Fault, status: int) -> None:
    peer.script.every_reading(fault)
    done = remote("--timeout", "0.5", "multi", "get")
    assert (done.status, done.output, len(done.errors.splitlines())) == (status, "", 1)


def test_a_write_whose_answer_is_lost_for_good_is_3(remote: Program, peer: Peer) -> None:
    peer.script.every_write(faults.cut_before_status())
    peer.script.every_reading(faults.cut_before_status())
    done = remote("--timeout", "1", "customer", "set", MAIN)
    assert (done.status, len(done.errors.splitlines())) == (3, 1)
    assert "whether it was applied is unknown" in done.errors
    document = remote("--timeout", "1", "--json", "customer", "set", MAIN)
    assert (document.status, document.error["outcome"]) == (3, "unknown")


def test_no_service_at_that_port_may_be_tried_again(run: Program) -> None:
    done = run("--service", "http://127.0.0.1:9", "--timeout", "1", "multi", "get")
    assert (done.status, len(done.errors.splitlines())) == (75, 1)


def test_ctrl_c_is_130_and_says_whether_a_write_was_applied(remote: Program, peer: Peer) -> None:
    peer.script.every_write(faults.silent())
    process = remote.start("customer", "set", MAIN)
    end = time.monotonic() + 20
    while not peer.record.writes and time.monotonic() < end:
        time.sleep(0.01)
    assert peer.record.writes, "it has not begun in 20 s"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (130, "")
    assert errors == "d360-webhook: interrupted; whether it was applied is unknown\n"


def test_ctrl_c_before_a_command_has_begun_is_130_too(run: Program) -> None:
    """On a busy machine that takes a while: click alone is half of it."""
    slow = run.folder / "click"
    slow.mkdir()
    (slow / "__init__.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(20)\n")
    done = run("customer", "get", PYTHONPATH=f"{run.folder}:{run.environment['PYTHONPATH']}")
    assert (done.status, done.output, done.errors) == (130, "", "d360-webhook: interrupted\n")


IN_CALLBACKS = """
import ctypes, sys
from d360webhook.cli import main
def interrupted():
    raise KeyboardInterrupt
def broken():
    raise LookupError
try:
    main()
except SystemExit:
    pass
for callback in (interrupted, broken):
    ctypes.CFUNCTYPE(None)(callback)()
"""


def test_ctrl_c_at_the_start_of_a_progress_bars_step_prints_no_traceback(run: Program) -> None:
    """Nothing there can catch it: it is raised again once the call has ended."""
    command = [sys.executable, "-c", IN_CALLBACKS, "validate", MAIN]
    done = subprocess.run(command, env=run.environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "LookupError" in done.stderr and "KeyboardInterrupt" not in done.stderr


def test_where_several_statuses_fit_the_first_of_the_order_counts() -> None:
    everything = [1, 75, 3, 77, 130]
    for last in (130, 77, 3, 75, 1):
        assert exit.first_of(everything) == last
        everything.remove(last)
    assert exit.first_of([]) == 0
    assert exit.status_of({"status": "D360_TIMEOUT", "retryable": True, "outcome": "unknown"}) == 3


def test_a_full_disk_behind_standard_output_is_1(run: Program) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "multi", "get"], env=run.environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "d360-webhook: cannot write: No space left on device\n")


def test_help_and_version_are_0(tmp_path: Path) -> None:
    alone = Program(tmp_path, None, None)
    assert alone("--json", "--version").output == alone("--version").output
    assert alone("--version").output == "d360-webhook 0.2.0 (libd360webhook 0.2.0)\n"
    assert alone("-h").status == alone("multi", "append", "--help").status == 0


def test_verbose_tells_what_happens_on_standard_error_without_the_key(remote: Program) -> None:
    quiet, loud = remote("multi", "get"), remote("-vvv", "multi", "get")
    assert quiet.errors == ""
    assert "GET /multi_webhook" in loud.errors and KEY not in loud.errors
    assert loud.output == quiet.output
