# SPDX-License-Identifier: Apache-2.0
"""AsyncClient's fleet methods: progress is told in the loop, and may end the call."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from d360webhook import AsyncClient, Cancelled, FleetDocument, FleetEvent, InvalidArgument, InvalidRequest

MAIN = "https://hooks.example.com/main"
NAMES = [f"n{index}" for index in range(30)]
DOCUMENT: FleetDocument = {
    "profiles": {"standard": {"customer_webhook": {"url": MAIN}}},
    "accounts": [{"name": name, "api_key": f"key-{name}", "profile": "standard"} for name in NAMES],
}


def on_a_fleet(check: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def main() -> None:
        async with AsyncClient("sqlite::memory:") as client:
            for index, name in enumerate(NAMES):
                await client.channel_register(str(index), waba_id=index + 1, api_key=f"key-{name}")
            await check(client)

    asyncio.run(main())


def test_plan_apply_audit_and_export_answer_as_a_clients_do() -> None:
    async def check(fleet: AsyncClient) -> None:
        assert (await fleet.fleet_plan(DOCUMENT))["accounts"][0]["actions"][0]["status"] == "planned"
        assert (await fleet.fleet_audit(DOCUMENT))["summary"]["losing_events"] == len(NAMES)
        assert (await fleet.fleet_apply(DOCUMENT))["summary"]["changed"] == len(NAMES)
        assert (await fleet.fleet_apply(DOCUMENT, concurrency=1))["summary"]["operations"] == 0
        export = await fleet.fleet_export({"accounts": [{"name": "n0", "api_key": "key-n0"}]})
        assert (await fleet.fleet_plan(export["document"]))["summary"]["in_sync"] == 1

    on_a_fleet(check)


def test_wrong_arguments_are_the_same_exceptions() -> None:
    async def check(fleet: AsyncClient) -> None:
        wrong: Any = {"accounts": [{"name": "a", "api_key": "k", "customer_webhook": {"url": None}}]}
        with pytest.raises(InvalidRequest) as refused:
            await fleet.fleet_plan(wrong)
        assert refused.value.path == "/accounts/0/customer_webhook/url"
        nothing: Any = None
        with pytest.raises(InvalidArgument):
            await fleet.fleet_apply(nothing)
        with pytest.raises(InvalidArgument) as unknown:
            await fleet.fleet_plan(DOCUMENT, only=["nobody"])
        assert unknown.value.path == "/only/0"
        not_callable: Any = 5
        with pytest.raises(TypeError):
            await fleet.fleet_plan(DOCUMENT, progress=not_callable)

    on_a_fleet(check)


def test_every_event_is_told_in_the_loop_and_before_the_answer() -> None:
    async def check(fleet: AsyncClient) -> None:
        events: list[tuple[FleetEvent, int]] = []
        await fleet.fleet_audit(DOCUMENT, progress=lambda event: events.append((event, threading.get_ident())))
        assert [event["done"] for event, _ in events] == list(range(1, len(NAMES) + 1))
        assert {thread for _, thread in events} == {threading.get_ident()}

    on_a_fleet(check)


def test_events_come_while_the_call_is_under_way_and_the_loop_serves_others() -> None:
    async def check(fleet: AsyncClient) -> None:
        first = asyncio.Event()
        audit = asyncio.create_task(fleet.fleet_audit(DOCUMENT, requests_per_second=10, progress=lambda event: first.set()))
        await asyncio.wait_for(first.wait(), 5)
        assert not audit.done()
        assert len((await fleet.channel_list())["channels"]) == len(NAMES)
        audit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await audit

    on_a_fleet(check)


def test_progress_may_use_the_client() -> None:
    async def check(fleet: AsyncClient) -> None:
        asked: list[asyncio.Task[Any]] = []
        await fleet.fleet_audit(DOCUMENT, progress=lambda event: asked.append(asyncio.ensure_future(fleet.channel_list())))
        assert {len(answer["channels"]) for answer in await asyncio.gather(*asked)} == {len(NAMES)}

    on_a_fleet(check)


def test_a_true_value_cancels_at_once_and_the_error_carries_the_report() -> None:
    async def check(fleet: AsyncClient) -> None:
        begun = time.monotonic()
        with pytest.raises(Cancelled) as cancelled:
            await fleet.fleet_audit(DOCUMENT, requests_per_second=10, progress=lambda event: True)
        assert time.monotonic() - begun < 5  # three readings of 30 accounts take 9 s
        report = cancelled.value.report
        assert report is not None and [row["name"] for row in report["accounts"]] == NAMES
        assert report["accounts"][-1]["status"] == "D360_CANCELLED"
        assert (await fleet.fleet_apply(DOCUMENT))["summary"]["failed"] == 0

    on_a_fleet(check)


def test_what_progress_raises_ends_the_call_and_is_raised() -> None:
    def progress(event: FleetEvent) -> None:
        raise LookupError(event["name"])

    async def check(fleet: AsyncClient) -> None:
        with pytest.raises(LookupError) as raised:
            await fleet.fleet_audit(DOCUMENT, requests_per_second=10, progress=progress)
        assert isinstance(raised.value.__cause__, Cancelled) and raised.value.__cause__.report is not None

    on_a_fleet(check)


def test_what_progress_raises_for_the_last_account_is_raised() -> None:
    def progress(event: FleetEvent) -> None:
        if event["done"] == event["total"]:
            raise LookupError(event["name"])

    async def check(fleet: AsyncClient) -> None:
        with pytest.raises(LookupError):
            await fleet.fleet_plan(DOCUMENT, progress=progress)

    on_a_fleet(check)


def test_a_cancelled_task_knows_what_was_done_and_another_call_goes_on() -> None:
    async def check(fleet: AsyncClient) -> None:
        apply = asyncio.create_task(fleet.fleet_apply(DOCUMENT, requests_per_second=50, concurrency=1))
        audit = asyncio.create_task(fleet.fleet_audit(DOCUMENT, requests_per_second=30))
        while not await fleet.customer_webhook_get("key-n0"):
            await asyncio.sleep(0.01)
        apply.cancel()
        with pytest.raises(asyncio.CancelledError) as ended:
            await apply
        cancelled = ended.value.__cause__
        assert isinstance(cancelled, Cancelled) and cancelled.report is not None
        assert 0 < cancelled.report["summary"]["operations"] < len(NAMES)
        for row in cancelled.report["accounts"]:
            done = any(action["outcome"] == "applied" for action in row["actions"] if "outcome" in action)
            assert done == ((await fleet.customer_webhook_get(f"key-{row['name']}")) != {})
        assert (await audit)["summary"]["accounts"] == len(NAMES)

    on_a_fleet(check)


def test_a_loop_that_is_closed_leaves_a_fleet_call_that_ends_by_itself() -> None:
    client = AsyncClient("sqlite::memory:")
    loop = asyncio.new_event_loop()
    heard: list[FleetEvent] = []

    async def begin() -> None:
        for index, name in enumerate(NAMES):
            await client.channel_register(str(index), waba_id=index + 1, api_key=f"key-{name}")
        audit = asyncio.ensure_future(client.fleet_audit(DOCUMENT, requests_per_second=10, progress=heard.append))
        while not heard:
            await asyncio.sleep(0.01)
        assert not audit.done()
        audit._log_destroy_pending = False  # type: ignore[attr-defined]

    loop.run_until_complete(begin())
    loop.close()
    told = len(heard)
    begun = time.monotonic()
    asyncio.run(client.close())
    assert time.monotonic() - begun < 5 and len(heard) == told
