# SPDX-License-Identifier: Apache-2.0
"""A cancelled task ends its own call and no other."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest

from d360webhook import AsyncClient, Cancelled, Client
from Python.loopback import Peer, SilentPeer
from Python.source import Run

URL = "https://hooks.example.com/main"
THREADS = 128


async def arrived(silent: SilentPeer, count: int = 1) -> None:
    """Returns once so many more requests have arrived."""
    for _ in range(count):
        await asyncio.to_thread(silent.wait_for_request)


async def cancelled(task: "asyncio.Task[Any]") -> asyncio.CancelledError:
    """Cancels a task; what it ended with."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


async def in_time(work: Awaitable[Any], seconds: float = 1.0) -> float:
    """Awaits it; the seconds that it took, which are the contract's at most."""
    begun = time.monotonic()
    await work
    taken = time.monotonic() - begun
    assert taken < seconds
    return taken


@pytest.mark.parametrize(("writes", "outcome"), [(False, "not_applied"), (True, "unknown")])
def test_cancelling_a_task_ends_its_call_at_once_and_tells_the_outcome(silent: SilentPeer, writes: bool, outcome: str) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as client:
            channel = client.channel("key")
            call: Coroutine[Any, Any, Any] = channel.customer_webhook_set(URL) if writes else channel.multi_webhook_get()
            task = asyncio.create_task(call)
            await arrived(silent)
            begun = time.monotonic()
            error = await cancelled(task)
            assert time.monotonic() - begun < 1
            assert isinstance(error.__cause__, Cancelled)
            assert (error.__cause__.outcome, error.__cause__.attempts) == (outcome, 1)

    asyncio.run(main())


def test_cancelling_one_task_leaves_the_others_alone(silent: SilentPeer) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as client:
            tasks = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(8)]
            await arrived(silent, 8)
            await cancelled(tasks[3])
            await asyncio.sleep(0.2)
            assert [task.done() for task in tasks] == [number == 3 for number in range(8)]
            await client.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in ended] == [Cancelled] * 3 + [asyncio.CancelledError] + [Cancelled] * 4

    asyncio.run(main())


def test_a_call_that_has_not_begun_when_its_task_is_cancelled_never_begins(peer: Peer) -> None:
    async def main() -> None:
        async with AsyncClient(peer.url) as client:
            task = asyncio.create_task(client.multi_webhook_get("before-its-first-step"))
            await cancelled(task)
            task = asyncio.create_task(client.multi_webhook_get("before-a-thread-had-it"))
            asyncio.get_running_loop().call_soon(task.cancel)  # after its first step, before threads are looked for
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            cause = caught.value.__cause__
            assert isinstance(cause, Cancelled) and (cause.outcome, cause.attempts) == ("not_applied", 0)
            await client.multi_webhook_get("afterwards")

    asyncio.run(main())
    assert [request.key for request in peer.requests] == ["afterwards"]


def test_calls_beyond_the_threads_are_cancelled_at_once_without_being_sent(silent: SilentPeer) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as client:
            begun = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(THREADS)]
            await arrived(silent, THREADS)
            waiting = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(100)]
            await asyncio.sleep(0.05)
            for task in waiting:
                task.cancel()
            await in_time(asyncio.wait(waiting))
            assert not any(task.done() for task in begun)
            await client.cancel()
            await asyncio.wait(begun)

    asyncio.run(main())


def test_cancelling_a_thousand_tasks_ends_all_within_a_second_and_the_client_goes_on() -> None:
    async def main() -> None:
        with SilentPeer() as silent:
            async with AsyncClient(silent.url, timeout_ms=60_000) as client:
                tasks = [asyncio.create_task(client.multi_webhook_get("key")) for _ in range(1_000)]
                await arrived(silent, THREADS)
                for task in tasks:
                    task.cancel()
                await in_time(asyncio.wait(tasks))
                assert all(task.cancelled() for task in tasks)
                again = asyncio.create_task(client.multi_webhook_get("key"))
                await arrived(silent)
                again.cancel()

    asyncio.run(main())


def test_a_timeout_around_an_await_ends_the_call(silent: SilentPeer) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as client:

            async def limited() -> None:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await client.multi_webhook_get("key")

            await in_time(limited())

    asyncio.run(main())


def test_cancelling_a_client_ends_its_calls_alone_whether_awaited_or_not(silent: SilentPeer) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as client, client.derive() as derived:
            first = asyncio.create_task(client.multi_webhook_get("key"))
            second = asyncio.create_task(derived.multi_webhook_get("key"))
            await arrived(silent, 2)
            derived.cancel()
            with pytest.raises(Cancelled):
                await second
            assert not first.done()
            await in_time(asyncio.ensure_future(client.cancel()))
            with pytest.raises(Cancelled):
                await first

    asyncio.run(main())


def test_a_write_that_was_done_when_its_task_was_cancelled_is_told_from_one_that_was_not() -> None:
    async def main() -> None:
        async with AsyncClient("sqlite::memory:") as client:
            await client.channel_register("1", waba_id=1, api_key="key")
            done = []
            for number in range(200):
                url = f"{URL}/{number}"
                task = asyncio.create_task(client.customer_webhook_set("key", url))
                for _ in range(number % 5):
                    await asyncio.sleep(0)
                try:
                    task.cancel()
                    await task
                except asyncio.CancelledError as error:
                    assert isinstance(error.__cause__, Cancelled) == bool(number % 5)
                    outcome = error.__cause__.outcome if isinstance(error.__cause__, Cancelled) else "not_applied"
                else:
                    outcome = "applied"
                held = (await client.customer_webhook_get("key")).get("url") == url
                assert held == (outcome == "applied"), (number, outcome)
                done.append(held)
            assert len(done) == 200

    asyncio.run(main())


def test_ctrl_c_under_asyncio_run_ends_the_call_within_a_second(run: Run, silent: SilentPeer) -> None:
    program = """
import asyncio, sys
from d360webhook import AsyncClient
async def main():
    async with AsyncClient(sys.argv[1], timeout_ms=60_000) as client:
        try:
            await client.customer_webhook_set("key", "https://hooks.example.com")
        except asyncio.CancelledError as error:
            print(type(error.__cause__).__name__, error.__cause__.outcome, flush=True)
            raise
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    process = run(program, silent.url)
    silent.wait_for_request()
    begun = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert time.monotonic() - begun < 1
    assert (out, errors) == ("Cancelled unknown\ninterrupted\n", "")


def test_a_client_and_an_async_client_in_one_program_do_not_meet(silent: SilentPeer, client: Client) -> None:
    async def main() -> None:
        async with AsyncClient(silent.url, timeout_ms=60_000) as waiting:
            task = asyncio.create_task(waiting.multi_webhook_get("key"))
            await arrived(silent)
            client.cancel()
            assert client.multi_webhook_get("key-of-berlin")["enabled"] is False
            assert not task.done()
            await cancelled(task)

    asyncio.run(main())
