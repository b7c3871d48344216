"""A fork while another thread is inside a client's log callback: that thread, and what it holds, is not in the child."""

import pathlib
import signal
import subprocess
import sys

import pytest
from Peers.service import Peer

TESTS = pathlib.Path(__file__).parents[1]
FORK = """
import os, signal, sys, threading
from support import raw
inside, leave = threading.Event(), threading.Event()

def hear(level, line, context):
    inside.set()
    leave.wait()

sink, other = raw.LOG(hear), raw.LOG(lambda level, line, context: None)
_, client, _ = raw.open_client(sys.argv[1], {"timeout_ms": 20_000})
raw.library.d360_set_log(client, sink, None)
thread = threading.Thread(target=raw.call, args=("d360_multi_webhook_get", client, "key-berlin"))
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    raw.library.d360_set_log(client, other, None)
    raw.library.d360_set_log(client, None, None)
    status = raw.call("d360_multi_webhook_get", client, "key-berlin")[0]
    raw.close(client)
    os._exit(0 if status == "D360_INTERNAL_ERROR" else 1)
ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
leave.set()
thread.join()
raw.library.d360_set_log(client, None, None)
raw.close(client)
print(ended)
"""


@pytest.mark.parametrize("service", ["remote", "embedded"])
def test_set_log_returns_in_a_child_of_a_fork_during_a_log_callback(service: str) -> None:
    with Peer() as peer:
        url = peer.url if service == "remote" else "sqlite::memory:"
        done = subprocess.run([sys.executable, "-c", FORK, url], cwd=TESTS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0\n", f"{done.stdout}-{signal.SIGALRM.value} is a child that hung"
