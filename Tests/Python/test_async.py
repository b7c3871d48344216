# SPDX-License-Identifier: Apache-2.0
"""AsyncClient: the same methods as Client, awaited."""

import asyncio
import gc
import inspect
import sqlite3
import threading
from pathlib import Path

import pytest

from d360webhook import (
    AsyncChannel,
    AsyncClient,
    Channel,
    Client,
    Conflict,
    InvalidArgument,
    NotEnabled,
    NotFound,
    Retryable,
    StorageError,
    Timeout,
    Unauthorized,
    Unsupported,
)
from Python.loopback import Answer, Peer, SilentPeer

URL = "https://hooks.example.com/main"


async def opened(url: str = "sqlite::memory:") -> AsyncClient:
    client = AsyncClient(url)
    await client.channel_register("106540352242922", waba_id=123065260884961, api_key="key", phone_number="+4930901820")
    return client


def test_every_method_of_a_client_and_a_channel_is_there_with_the_same_parameters() -> None:
    for plain, awaited in ((Client, AsyncClient), (Channel, AsyncChannel)):
        names = [name for name in vars(plain) if not name.startswith("_")]
        assert [name for name in vars(awaited) if not name.startswith("_")] == names
        for name in names:
            if callable(getattr(plain, name)):
                theirs, ours = (inspect.signature(getattr(kind, name)).parameters for kind in (plain, awaited))
                assert list(ours.values()) == list(theirs.values()), name
    assert list(inspect.signature(AsyncClient).parameters.values()) == list(inspect.signature(Client).parameters.values())


def test_every_operation_answers_as_a_clients_does() -> None:
    async def main() -> None:
        async with await opened() as client:
            berlin = client.channel("key")
            assert (await berlin.customer_webhook_set(URL)) == await berlin.customer_webhook_get() == {"url": URL}
            await berlin.multi_webhook_set(True, [{"name": "crm", "url": URL}])
            await berlin.multi_webhook_append([{"name": "audit", "url": URL, "headers": {"A": "b"}}])
            await berlin.multi_webhook_update("crm", headers={"C": "d"})
            await berlin.multi_webhook_delete("audit")
            seen = await berlin.multi_webhook_get()
            assert seen == {"enabled": True, "destinations": [{"name": "crm", "url": URL, "headers": {"C": "d"}}]}
            await berlin.waba_webhook_set(URL, {"E": "f"}, override_all=True)
            waited = await berlin.waba_webhook_wait(URL, {"E": "f"}, timeout_ms=1_000)
            assert waited == await berlin.waba_webhook_get()
            assert await client.customer_webhook_get("key") == {}
            listed = {"phone_number_id": "106540352242922", "phone_number": "+4930901820", "waba_id": 123065260884961}
            assert await client.channel_list() == {"channels": [listed]}
            await client.channel_remove("106540352242922")
            assert await client.channel_list() == {"channels": []}
            assert berlin.client is client and "key" not in repr(berlin)

    asyncio.run(main())


def test_errors_are_the_same_exceptions_with_path_and_outcome(peer: Peer) -> None:
    async def main() -> None:
        async with await opened() as client:
            berlin = client.channel("key")
            with pytest.raises(NotEnabled):
                await berlin.multi_webhook_delete("crm")
            await berlin.multi_webhook_set(True, [{"name": "crm", "url": URL}])
            with pytest.raises(Conflict) as caught:
                await berlin.multi_webhook_append([{"name": "audit", "url": URL}, {"name": "crm", "url": URL}])
            assert (caught.value.path, caught.value.outcome) == ("/destinations/1/name", "not_applied")
            with pytest.raises(NotFound):
                await berlin.multi_webhook_update("audit", url=URL)
            with pytest.raises(Unauthorized):
                await client.multi_webhook_get("no-key")
            with pytest.raises(InvalidArgument, match="name holds NUL"):
                await berlin.multi_webhook_delete("a\0b")
        peer.answers = [Answer(503, {"error": "busy"})]
        async with AsyncClient(peer.url, max_attempts=1) as client:
            with pytest.raises(Retryable):
                await client.multi_webhook_get("key")
            with pytest.raises(Unsupported):
                await client.channel_list()
        for wrong in ({"timeout_ms": 0}, {"url_policy": "strict"}):
            with pytest.raises(InvalidArgument):
                AsyncClient(peer.url, **wrong)

    asyncio.run(main())


def test_a_derived_client_has_its_own_time_limit_and_goes_on_when_the_first_is_closed(silent: SilentPeer) -> None:
    async def main() -> None:
        client = AsyncClient(silent.url, timeout_ms=60_000)
        async with client.derive(timeout_ms=100) as hasty:
            await client.close()
            with pytest.raises(Timeout):
                await hasty.multi_webhook_get("key")

    asyncio.run(main())


def test_waits_do_not_hold_up_other_calls() -> None:
    async def main() -> None:
        async with AsyncClient("sqlite::memory:", apply_delay_ms=60_000) as client:
            await client.channel_register("1", waba_id=1, api_key="key")
            await client.waba_webhook_set("key", URL)
            waits = [asyncio.create_task(client.waba_webhook_wait("key", URL)) for _ in range(100)]
            async with asyncio.timeout(20):
                for _ in range(5):
                    await client.waba_webhook_get("key")
            assert not any(wait.done() for wait in waits)
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)

    asyncio.run(main())


def test_a_log_callback_sees_the_calls_and_is_replaced(peer: Peer) -> None:
    peer.answers = [Answer(503, {"error": "busy"}), Answer(200, {"enabled": False})]

    async def main() -> None:
        first: list[tuple[int, str]] = []
        second: list[tuple[int, str]] = []
        async with AsyncClient(peer.url) as client:
            await client.set_log(lambda level, message: first.append((level, message)))
            await client.multi_webhook_get("key")
            assert first and all(isinstance(level, int) and "key" not in message.split() for level, message in first)
            seen = len(first)
            await client.set_log(lambda level, message: second.append((level, message)))
            await client.multi_webhook_get("key")
            assert len(first) == seen and second
            await client.set_log(None)
            await client.multi_webhook_get("key")
            with pytest.raises(TypeError):
                await client.set_log(5)  # type: ignore[arg-type]

    asyncio.run(main())


def test_a_client_may_be_made_before_there_is_a_loop_and_used_in_several_one_after_another() -> None:
    client = AsyncClient("sqlite::memory:")
    asyncio.run(client.channel_register("1", waba_id=1, api_key="key"))
    assert asyncio.run(client.channel_list())["channels"] == [{"phone_number_id": "1", "waba_id": 1}]
    asyncio.run(client.close())


def test_two_loops_in_two_threads_share_a_client() -> None:
    client = asyncio.run(opened())
    counted: list[int] = []

    def use(number: int) -> None:
        async def main() -> None:
            berlin = client.channel("key")
            answers = await asyncio.gather(*(berlin.multi_webhook_get() for _ in range(200)))
            counted.append(len(answers))

        asyncio.run(main())

    threads = [threading.Thread(target=use, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counted == [200, 200]
    asyncio.run(client.close())


def test_a_locked_database_file_is_waited_for_off_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "webhooks.db"
    with Client(f"sqlite:{path}"):
        pass

    async def main() -> None:
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            opening = asyncio.ensure_future(opened(f"sqlite:{path}"))
            for _ in range(50):
                await asyncio.sleep(0.002)
            assert not opening.done()
            other.execute("COMMIT")
        client = await opening
        assert len((await client.channel_list())["channels"]) == 1
        await client.close()

    asyncio.run(main())


def test_a_file_that_cannot_be_opened_fails_the_await_and_leaves_nothing(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    async def main() -> None:
        client = AsyncClient(f"sqlite:{tmp_path}/no/such/folder/w.db")
        for _ in range(2):
            with pytest.raises(StorageError):
                await client.channel_list()
        await client.close()

    asyncio.run(main())
    gc.collect()
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]
