# SPDX-License-Identifier: Apache-2.0
"""Closing an AsyncClient: by `async with`, by hand, by the garbage collector, by the end of its loop."""

import asyncio
import gc
import threading
import time
from pathlib import Path

import pytest
from support.descriptors import open_files

from d360webhook import AsyncClient, Cancelled, InvalidArgument
from Python.loopback import Peer, SilentPeer
from Python.source import Run


def threads_of_the_binding() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("d360webhook-")]


@pytest.fixture(autouse=True)
def only_the_watch_of_ctrl_c_is_left() -> None:
    """Threads that earlier tests have left would be counted."""
    deadline = time.monotonic() + 20
    while set(threads_of_the_binding()) - {"d360webhook-interrupts"}:
        assert time.monotonic() < deadline, threads_of_the_binding()
        time.sleep(0.01)


def test_async_with_closes_the_client_also_after_an_exception_and_leaves_no_thread(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError):
            async with AsyncClient(f"sqlite:{tmp_path}/w.db") as client:
                await asyncio.gather(*(client.channel_list() for _ in range(100)))
                assert "d360webhook-call" in threads_of_the_binding()
                raise RuntimeError
        assert repr(client).startswith("<closed AsyncClient of sqlite:")
        assert not open_files(tmp_path / "w.db")
        assert "d360webhook-call" not in threads_of_the_binding()

    asyncio.run(main())


def test_closing_twice_is_nothing_and_calls_afterwards_are_invalid_arguments() -> None:
    async def main() -> None:
        client = AsyncClient("sqlite::memory:")
        await asyncio.gather(client.close(), client.close())
        await client.close()
        for call in (client.channel_list, client.channel("key").multi_webhook_get, lambda: client.set_log(print)):
            with pytest.raises(InvalidArgument, match="the client is closed"):
                await call()
        with pytest.raises(InvalidArgument, match="the client is closed"):
            client.derive()
        with pytest.raises(InvalidArgument, match="the client is closed"):
            await client
        await client.cancel()

    asyncio.run(main())


def test_closing_ends_the_calls_in_flight_and_those_that_wait_for_a_thread(silent: SilentPeer) -> None:
    async def main() -> None:
        client = AsyncClient(silent.url, timeout_ms=60_000)
        tasks = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(100)]
        await asyncio.to_thread(silent.wait_for_request)
        begun = time.monotonic()
        await client.close()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert time.monotonic() - begun < 2
        assert [type(error) for error in ended] == [Cancelled] * 100
        assert {error.outcome for error in ended if isinstance(error, Cancelled)} == {"not_applied"}

    asyncio.run(main())


def test_a_client_that_is_collected_open_is_closed_with_a_resource_warning(tmp_path: Path) -> None:
    path = tmp_path / "webhooks.db"
    client = AsyncClient(f"sqlite:{path}")
    asyncio.run(client.channel_list())
    assert open_files(path)
    with pytest.warns(ResourceWarning, match="unclosed <AsyncClient of sqlite:"):
        del client
        gc.collect()
    assert not open_files(path)


def test_a_closed_client_or_one_that_was_refused_is_collected_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    client = AsyncClient("sqlite::memory:")
    asyncio.run(client.close())
    del client
    with pytest.raises(InvalidArgument):
        AsyncClient("ftp://hooks.example.com")
    gc.collect()
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]


def test_a_loop_that_is_closed_with_calls_under_way_ends_them_and_the_client_goes_on_in_another(silent: SilentPeer) -> None:
    client = AsyncClient(silent.url, timeout_ms=60_000)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)  # it tells of tasks that were pending: that is meant here
    tasks = [loop.create_task(client.multi_webhook_get("key")) for _ in range(4)]
    loop.run_until_complete(asyncio.sleep(0.05))
    for _ in tasks:
        silent.wait_for_request()
    loop.close()
    tasks.clear()
    gc.collect()

    async def main() -> None:
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.multi_webhook_get("key")
        await client.close()
        assert time.monotonic() - begun < 1

    asyncio.run(main())


def test_a_call_that_ends_after_its_loop_was_closed_disturbs_nobody(peer: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    go_on, asked = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        go_on.wait(10)

    peer.before_answer = wait
    client = AsyncClient(peer.url)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    task = loop.create_task(client.multi_webhook_get("key"))
    loop.run_until_complete(asyncio.to_thread(asked.wait))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    go_on.set()
    asyncio.run(asyncio.sleep(0.3))  # it ends meanwhile
    asyncio.run(client.close())
    assert not task.done()
    del task
    gc.collect()
    assert capsys.readouterr().err == ""


def test_closing_waits_for_an_opening_that_was_given_up(tmp_path: Path) -> None:
    async def main() -> None:
        for _ in range(20):
            client = AsyncClient(f"sqlite:{tmp_path}/w.db")
            task = asyncio.create_task(client.channel_list())
            await asyncio.sleep(0)
            task.cancel()
            await client.close()
        assert not open_files(tmp_path / "w.db")

    asyncio.run(main())


def test_threads_of_a_service_end_with_its_last_client() -> None:
    async def main() -> None:
        first = AsyncClient("sqlite::memory:")
        second = first.derive()
        await first.channel_list()
        await first.close()
        assert "d360webhook-call" in threads_of_the_binding()
        await second.channel_list()
        await second.close()
        assert "d360webhook-call" not in threads_of_the_binding()

    asyncio.run(main())


def test_a_program_may_end_with_calls_under_way(run: Run, silent: SilentPeer) -> None:
    program = """
import asyncio, sys
from d360webhook import AsyncClient
async def main():
    global client, task
    client = AsyncClient(sys.argv[1], timeout_ms=60_000)
    task = asyncio.create_task(client.multi_webhook_get("key"))
    await asyncio.sleep(0.2)
asyncio.run(main())
print("done", flush=True)
"""
    begun = time.monotonic()
    assert run(program, silent.url).communicate(timeout=30) == ("done\n", "")
    assert time.monotonic() - begun < 10


def test_calls_wait_where_the_system_gives_no_thread_and_the_loop_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [RuntimeError("can't start new thread")] * 2
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "d360webhook-call" and refusals:
            raise refusals.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    told: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
        async with AsyncClient("sqlite::memory:") as client:
            assert await client.channel_list() == {"channels": []}

    asyncio.run(main())
    assert told == ["d360webhook has no thread for calls"] * 2
