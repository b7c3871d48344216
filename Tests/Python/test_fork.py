# SPDX-License-Identifier: Apache-2.0
"""Clients survive fork."""

import os
import signal
import time
from pathlib import Path

from Python.loopback import Answer, Peer, SilentPeer
from Python.source import Run

EMBEDDED = """
import os, sys
from d360webhook import Client
client = Client(sys.argv[1])
client.channel_register("1", waba_id=1, api_key="parent")
for number in range(2, 12):
    child = os.fork()
    if child == 0:
        client.channel_register(str(number), waba_id=1, api_key=str(number))
        client.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    client.channel_register("1", phone_number=str(number))
print(len(client.channel_list()["channels"]))
client.close()
"""

REMOTE = """
import os, sys
from d360webhook import Client
client = Client(sys.argv[1], timeout_ms=5_000)
client.waba_webhook_get("parent")
child = os.fork()
if child == 0:
    client.waba_webhook_get("child")
    client.waba_webhook_get("child")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
client.waba_webhook_get("parent")
client.close()
print("done")
"""

INTERRUPTED_CHILD = """
import os, sys
from d360webhook import Client
client = Client(sys.argv[1], timeout_ms=60_000)
child = os.fork()
if child == 0:
    try:
        client.multi_webhook_get("child")
    except KeyboardInterrupt:
        os._exit(7)
    os._exit(1)
print(child, flush=True)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
client.close()
"""

MEMORY = """
import os
from d360webhook import Client, StorageError
client = Client("sqlite::memory:")
client.channel_list()
child = os.fork()
if child == 0:
    try:
        client.channel_list()
    except StorageError:
        client.close()
        with Client("sqlite::memory:") as fresh:
            os._exit(0 if fresh.channel_list() == {"channels": []} else 2)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), client.channel_list())
client.close()
"""

THREADS = """
import os, sys
os.register_at_fork(before=lambda: print(len(os.listdir("/proc/self/task")), flush=True))  # runs after later ones
from d360webhook import Client
client = Client("sqlite:" + sys.argv[1])
client.channel_list()
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
client.close()
"""


def test_children_and_parent_go_on_writing_to_one_file(run: Run, tmp_path: Path) -> None:
    out, errors = run(EMBEDDED, f"sqlite:{tmp_path}/webhooks.db").communicate(timeout=60)
    assert (out, errors) == ("11\n", "")


def test_a_child_takes_connections_of_its_own_and_the_parents_goes_on(run: Run, peer: Peer) -> None:
    peer.answers = [Answer(200, {"waba_id": 1})]
    out, errors = run(REMOTE, peer.url).communicate(timeout=60)
    assert (out, errors) == ("done\n", "")
    connections = {key: {r.connection for r in peer.requests if r.key == key} for key in ("parent", "child")}
    assert [len(connections["parent"]), len(connections["child"])] == [1, 1]
    assert connections["parent"] != connections["child"]


def test_ctrl_c_ends_a_childs_call(run: Run, silent: SilentPeer) -> None:
    process = run(INTERRUPTED_CHILD, silent.url)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    silent.wait_for_request()
    os.kill(child, signal.SIGINT)
    begun = time.monotonic()
    assert process.stdout.readline() == "7\n"
    assert time.monotonic() - begun < 1


def test_a_memory_service_is_refused_in_the_child_and_a_new_one_opens(run: Run) -> None:
    out, errors = run(MEMORY).communicate(timeout=60)
    assert (out, errors) == ("0 {'channels': []}\n", "")


def test_the_binding_has_no_thread_of_its_own_at_a_fork(run: Run, tmp_path: Path) -> None:
    out, errors = run(THREADS, f"{tmp_path}/webhooks.db").communicate(timeout=60)
    assert (out, errors) == ("1\n", "")
