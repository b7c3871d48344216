"""A call of a single client holds memory in proportion to its texts, and a part of the process's descriptors."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from Peers import faults
from Peers.service import Peer

MIB = 1_048_576


def run(*arguments: object) -> Any:
    command = [sys.executable, "-m", "Remote.resources", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


MANY = [{"name": str(n), "url": "https://h.example.com/"} for n in range(19_000)]
ANSWERS = {
    "little but brackets": b"[" + b"{}," * 349_000 + b"{}]",
    "brackets in a member": b'{"x":[' + b"{}," * 349_000 + b"{}]}",
    "numbers": b'{"x":[' + b"1," * 500_000 + b"1]}",
    "many members": b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b"}",
    "many destinations": json.dumps({"destinations": MANY}).encode(),
    "one string": json.dumps({"message": "x" * (MIB - 100)}).encode(),
    "escapes": b'{"message":"' + b"\\u00e4" * 170_000 + b'"}',
}  # fmt: skip


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("code", [200, 400])
@pytest.mark.parametrize("function", ["multi_webhook_get", "customer_webhook_get", "waba_webhook_get"])
def test_an_answer_of_1_mebibyte_takes_a_small_multiple_and_leaves_nothing(body: bytes, code: int, function: str) -> None:
    assert len(body) <= MIB
    with Peer() as peer:
        peer.script.readings(None).every_reading(faults.status(code, body))
        used = run("memory", peer.url, function)
    assert used["peak"] < 20 * MIB, used
    assert used["kept"] < MIB / 8, used


@pytest.mark.parametrize("function", ["multi_webhook_append", "multi_webhook_set"])
def test_a_request_of_1_mebibyte_takes_a_small_multiple_and_leaves_nothing(function: str, tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"enabled": True, "destinations": MANY}))
    with Peer() as peer:
        peer.script.every_write(faults.error(400))
        used = run("memory", peer.url, function, request)
    assert used["peak"] < 32 * MIB, used
    assert used["kept"] < MIB / 8, used


@pytest.mark.parametrize("fault", [None, faults.error(503)], ids=["answered", "answered 503 at first"])
def test_calls_that_want_more_descriptors_than_there_are_wait_for_each_other(fault: Any) -> None:
    with Peer() as peer:
        peer.script.readings(*[fault] * 60).every_reading(faults.late(0.1))
        used = run("descriptors", peer.url, 60, 64)
    assert used["ended"] == ["D360_OK"] * 60
    # An idle connection has three descriptors; the rest is the interpreter's.
    assert used["open"] < 64 / 2, used


@pytest.mark.parametrize("limit", [32, 64, 128, 256, 1_024])
def test_a_fleet_leaves_descriptors_to_the_program_that_calls_it(limit: int) -> None:
    """Each first answer is 503, so that each connection is closed and opened again."""
    count = 600
    channels = [{"phone_number_id": f"1{n}", "waba_id": n + 1, "api_key": f"key-{n}"} for n in range(count)]
    with Peer(channels=channels) as peer:
        peer.script.readings(*[faults.error(503)] * 200).every_reading(faults.late(0.02))
        used = run("host", peer.url, count, limit)
    assert (used["status"], set(used["ended"])) == ("D360_OK", {"D360_OK"})
    assert used["denied"] == 0
    assert used["open"] < limit / 2 + 8, used
