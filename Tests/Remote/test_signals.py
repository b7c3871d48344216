"""SIGPIPE of somebody else's that arrives while a call keeps its own away from the program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from Peers import faults
from Peers.service import Peer

TESTS = Path(__file__).parent.parent
COUNT = """
import signal, sys
from support import raw
caught = []
signal.signal(signal.SIGPIPE, lambda *_: caught.append(1))
if sys.argv[2] == "blocked":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
_, client, _ = raw.open_client(sys.argv[1], {"timeout_ms": 20_000})
status = raw.call("d360_multi_webhook_get", client, "key-berlin")[0]
raw.close(client)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPIPE])
print(status, len(caught))
"""


@pytest.mark.parametrize("mask", ["open", "blocked"])
@pytest.mark.parametrize("sent", [0, 1])
def test_a_sigpipe_of_another_process_during_a_call_reaches_the_program(mask: str, sent: int) -> None:
    with Peer() as peer:
        peer.script.readings(faults.late(0.5))
        command = [sys.executable, "-c", COUNT, peer.url, mask]
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, stdout=subprocess.PIPE, text=True)
        limit = time.monotonic() + 30
        while not peer.record.requests:
            assert process.poll() is None and time.monotonic() < limit, "the call never began"
            time.sleep(0.005)
        for _ in range(sent):
            process.send_signal(signal.SIGPIPE)
        output, _ = process.communicate(timeout=60)
        assert output.split() == ["D360_OK", str(sent)]
