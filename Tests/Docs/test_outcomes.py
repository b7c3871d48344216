"""docs/outcomes.md: its table is the library's, and its examples say what happened."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from Peers import faults
from Peers.service import Peer
from support.documents import blocks
from support.reader import path_with_program

import d360webhook
from d360webhook.cli import exit

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "outcomes.md").read_text()
FILES = {block.file: block.text for block in blocks(PAGE) if block.file}
ROW = re.compile(r"^\| `(D360_\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\| .+ \|$", re.M)
ROWS = {
    name: (set(re.findall(r"`(\w+)`", outcomes)), retryable.strip(), [int(one) for one in statuses.split(" or ")])
    for name, outcomes, retryable, statuses in ROW.findall(PAGE)
}
CHANNEL = {"phone_number_id": "1061", "waba_id": 7001, "api_key": "key-1"}

Prepare = Callable[[Peer], object]


def errors() -> dict[str, type[d360webhook.D360Error]]:
    named = [value for value in vars(d360webhook).values() if isinstance(value, type)]
    kinds = [value for value in named if issubclass(value, d360webhook.D360Error) and value.code > 0]
    return {kind.status: kind for kind in kinds if not issubclass(kind, d360webhook.Retryable)}


def test_the_table_has_every_status_of_the_header_in_its_order() -> None:
    header = (TOP / "include" / "d360webhook.h").read_text().partition("d360_outcome;")[0]
    assert list(ROWS) == re.findall(r"^    (D360_[A-Z_]+) += \d+", header, re.M)


@pytest.mark.parametrize("name", sorted(set(ROWS) - {"D360_OK"}))
def test_a_status_is_retryable_and_ends_the_command_line_as_the_table_says(name: str) -> None:
    outcomes, retryable, statuses = ROWS[name]
    kind = errors()[name]
    can_be_retryable = hasattr(d360webhook, f"Retryable{kind.__name__}")
    assert retryable == ("sometimes" if can_be_retryable else "no")
    assert outcomes <= {"applied", "not_applied", "unknown"}
    for outcome in outcomes:
        ends = [
            exit.status_of({"status": name, "outcome": outcome, "retryable": is_retryable})
            for is_retryable in ((True, False) if can_be_retryable else (False,))
        ]
        assert ends == ([exit.UNKNOWN] * len(ends) if outcome == "unknown" and statuses[0] not in (77, 130) else statuses)


def lost(peer: Peer) -> None:
    """No write is answered, and no reading succeeds."""
    peer.script.every_write(faults.cut_before_status(taken=True)).every_reading(faults.silent())


CASES: dict[str, tuple[Prepare, str, str, str]] = {
    "done": (lambda peer: None, "done", "done", "done"),
    "settled": (lambda peer: peer.script.writes(faults.cut_before_status(taken=True)), "done", "done", "done"),
    "unknown": (
        lost, "D360_OUTCOME_UNKNOWN: read, then send the same again", "D360_OUTCOME_UNKNOWN: read, then send the same again",
        "unknown: read, then send the same again",
    ),
    "limited": (
        lambda peer: peer.script.every_write(faults.retry_after("60")), "D360_RATE_LIMITED: nothing was changed",
        "D360_RATE_LIMITED: nothing was changed, later it may succeed", "nothing was changed, later it may succeed",
    ),
    "unauthorized": (
        lambda peer: peer.script.every_write(faults.error(401)), "D360_UNAUTHORIZED: nothing was changed",
        "D360_UNAUTHORIZED: nothing was changed", "nothing was changed: the key is wrong",
    ),
    "rejected": (
        lambda peer: peer.script.every_write(faults.error(400)), "D360_INVALID_REQUEST: nothing was changed",
        "D360_INVALID_REQUEST: nothing was changed", "it failed, and it will fail again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_examples_say_what_happened(case: str, tmp_path: Path) -> None:
    prepare, in_c, in_python, on_command_line = CASES[case]
    for name, text in FILES.items():
        (tmp_path / str(name)).write_text(text)
    (command,) = [block.text for block in blocks(PAGE) if block.language == "sh" and not block.file]
    build, _ = command.split(" && ")

    def last_line(peer: Peer, *program: str) -> str:
        environment = {**os.environ, "D360_SERVICE": peer.url, "D360_API_KEY": "key-1", "PATH": path_with_program(tmp_path)}
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.splitlines()[-1]

    subprocess.run(["sh", "-ec", build], cwd=tmp_path, check=True)
    for program, expected in (
        (("./append",), in_c),
        ((sys.executable, "append.py"), in_python),
        (("sh", "append.sh"), on_command_line),
    ):
        with Peer(channels=[CHANNEL]) as peer:
            with d360webhook.Client(peer.url) as client:
                client.multi_webhook_set("key-1", True)
            prepare(peer)
            assert last_line(peer, *program, *([] if "sh" in program else [peer.url])) == expected
