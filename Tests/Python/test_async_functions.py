# SPDX-License-Identifier: Apache-2.0
"""AsyncClient's methods are coroutine functions: for mocks, for gather, for whoever asks."""

import asyncio
import inspect
import threading
from pathlib import Path
from unittest.mock import AsyncMock, create_autospec

import pytest

from d360webhook import AsyncChannel, AsyncClient, InvalidArgument
from Python.loopback import Peer

PLAIN = {"channel", "derive", "closed", "service_url", "client"}  # these wait for nothing


def test_every_method_that_waits_is_a_coroutine_function() -> None:
    for kind in (AsyncClient, AsyncChannel):
        names = {name for name in vars(kind) if not name.startswith("_")} - PLAIN
        assert {name for name in names if not asyncio.iscoroutinefunction(getattr(kind, name))} == set()
        assert {name for name in names if not inspect.iscoroutinefunction(getattr(kind, name))} <= {"cancel"}


def test_a_mock_is_awaited_and_holds_calls_to_the_signature() -> None:
    async def main() -> None:
        mock = AsyncMock(spec=AsyncClient)
        mock.customer_webhook_get.return_value = {"url": "https://hooks.example.com"}
        assert await mock.customer_webhook_get("key") == {"url": "https://hooks.example.com"}
        await mock.cancel()
        strict = create_autospec(AsyncClient, instance=True)
        await strict.multi_webhook_update("key", "crm", url="https://hooks.example.com")
        with pytest.raises(TypeError):
            strict.multi_webhook_update("key", "crm", uri="https://hooks.example.com")

    asyncio.run(main())


def test_a_bad_argument_is_raised_when_it_is_awaited(recwarn: pytest.WarningsRecorder) -> None:
    async def main() -> None:
        async with AsyncClient("sqlite::memory:") as client:
            calls = (client.customer_webhook_get("a\0b"), client.channel_list(), client.fleet_plan([]))  # type: ignore[arg-type]
            first, second, third = await asyncio.gather(*calls, return_exceptions=True)
            assert isinstance(first, InvalidArgument) and isinstance(first, ValueError)
            assert second == {"channels": []}
            assert isinstance(third, TypeError) and "not list" in str(third)

    asyncio.run(main())
    assert not list(recwarn)


def test_no_cause_means_that_the_method_was_never_entered(peer: Peer) -> None:
    async def main() -> None:
        async with AsyncClient(peer.url) as client:
            task = asyncio.create_task(client.multi_webhook_delete("key", "crm"))
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as never:
                await task
            assert never.value.__cause__ is None and not peer.requests

    asyncio.run(main())


def test_an_opening_without_a_thread_raises_and_works_once_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        client = AsyncClient(f"sqlite:{tmp_path}/w.db")
        derived = client.derive(timeout_ms=5_000)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            for _ in range(2):
                with pytest.raises(RuntimeError):
                    await asyncio.wait_for(client.channel_list(), 5)
        assert await derived.channel_list() == await client.channel_list() == {"channels": []}
        await client.close()
        assert await derived.channel_list() == {"channels": []}
        await derived.close()

    asyncio.run(main())
