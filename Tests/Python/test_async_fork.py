# SPDX-License-Identifier: Apache-2.0
"""An AsyncClient survives fork."""

from pathlib import Path

from Python.loopback import Answer, Peer, SilentPeer
from Python.source import Run

BEFORE = """
import asyncio, os, sys
from d360webhook import AsyncClient
async def ask(client, key):
    return await asyncio.gather(*(client.waba_webhook_get(key) for _ in range(20)))
client = AsyncClient(sys.argv[1], timeout_ms=20_000)
asyncio.run(ask(client, "parent"))
child = os.fork()
if child == 0:
    asyncio.run(ask(client, "child"))
    asyncio.run(client.close())
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
asyncio.run(ask(client, "parent"))
asyncio.run(client.close())
print("done")
"""

WITHIN = """
import asyncio, os, sys
from d360webhook import AsyncClient
async def main():
    async with AsyncClient(sys.argv[1]) as client:
        await client.channel_register("1", waba_id=1, api_key="key")
        child = os.fork()
        if child == 0:
            asyncio.events._set_running_loop(None)
            asyncio.run(client.channel_register("2", waba_id=1, api_key="child"))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        print(len((await client.channel_list())["channels"]), flush=True)
asyncio.run(main())
"""

BUSY = """
import asyncio, os, sys
from d360webhook import AsyncClient, D360Error
async def main():
    client = AsyncClient(sys.argv[1], timeout_ms=60_000)
    tasks = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(4)]
    while not os.path.exists(sys.argv[2]):
        await asyncio.sleep(0.01)
    child = os.fork()
    if child == 0:
        asyncio.events._set_running_loop(None)
        async def fresh():
            async with AsyncClient("sqlite::memory:") as own:
                return await own.channel_list()
        assert asyncio.run(fresh()) == {"channels": []}
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    print([task.done() for task in tasks], flush=True)
    await client.cancel()
    print({type(error).__name__ for error in await asyncio.gather(*tasks, return_exceptions=True)}, flush=True)
    await client.close()
asyncio.run(main())
"""

THREADS = """
import asyncio, os, sys
os.register_at_fork(before=lambda: print(len(os.listdir("/proc/self/task")), flush=True))  # runs after later ones
from d360webhook import AsyncClient
async def main():
    async with AsyncClient(sys.argv[1]) as client:
        await asyncio.gather(*(client.channel_list() for _ in range(200)))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        await asyncio.gather(*(client.channel_list() for _ in range(200)))
asyncio.run(main())
"""


def test_a_child_and_its_parent_go_on_with_connections_of_their_own(run: Run, peer: Peer) -> None:
    peer.answers = [Answer(200, {"waba_id": 1})]
    out, errors = run(BEFORE, peer.url).communicate(timeout=60)
    assert (out, errors) == ("0\ndone\n", "")
    connections = {key: {request.connection for request in peer.requests if request.key == key} for key in ("parent", "child")}
    assert not connections["parent"] & connections["child"]
    assert len([request for request in peer.requests if request.key == "child"]) == 20


def test_a_child_that_is_forked_inside_a_loop_uses_the_client_in_a_loop_of_its_own(run: Run, tmp_path: Path) -> None:
    out, errors = run(WITHIN, f"sqlite:{tmp_path}/webhooks.db").communicate(timeout=60)
    assert (out, errors) == ("0\n2\n", "")


def test_a_fork_with_calls_under_way_leaves_them_to_the_parent(run: Run, silent: SilentPeer, tmp_path: Path) -> None:
    process = run(BUSY, silent.url, f"{tmp_path}/arrived")
    for _ in range(4):
        silent.wait_for_request()
    (tmp_path / "arrived").touch()
    out, errors = process.communicate(timeout=60)
    assert (out, errors) == ("0\n[False, False, False, False]\n{'Cancelled'}\n", "")


def test_idle_threads_are_not_there_at_a_fork(run: Run, tmp_path: Path) -> None:
    out, errors = run(THREADS, f"sqlite:{tmp_path}/webhooks.db").communicate(timeout=60)
    assert (out, errors) == ("1\n", "")
