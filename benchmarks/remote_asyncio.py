# SPDX-License-Identifier: Apache-2.0
"""remote_asyncio.py d360webhook|httpx|aiohttp BASE-URL API-KEY: GET /multi_webhook, all operations of a round at once.

Each client is used as its manual says: made once, its connections kept, a failing status raised. How many connections it makes
is its own default.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from rounds import serve_rounds

TIMEOUT_S = 300  # for the last of them to have a connection

Get = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def with_d360webhook(base_url: str, api_key: str) -> AsyncIterator[Get]:
    import d360webhook

    async with d360webhook.AsyncClient(base_url, timeout_ms=TIMEOUT_S * 1000) as client:
        yield client.channel(api_key).multi_webhook_get


@asynccontextmanager
async def with_httpx(base_url: str, api_key: str) -> AsyncIterator[Get]:
    import httpx

    async with httpx.AsyncClient(base_url=base_url, headers={"D360-API-KEY": api_key}, timeout=TIMEOUT_S) as client:

        async def get() -> Any:
            response = await client.get("/multi_webhook")
            response.raise_for_status()
            return response.json()

        yield get


@asynccontextmanager
async def with_aiohttp(base_url: str, api_key: str) -> AsyncIterator[Get]:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(base_url, headers={"D360-API-KEY": api_key}, timeout=timeout) as session:

        async def get() -> Any:
            async with session.get("/multi_webhook") as response:
                response.raise_for_status()
                return await response.json()

        yield get


CLIENTS: dict[str, Callable[[str, str], AbstractAsyncContextManager[Get]]] = {
    "d360webhook": with_d360webhook,
    "httpx": with_httpx,
    "aiohttp": with_aiohttp,
}


def main() -> None:
    name, base_url, api_key = sys.argv[1:]

    async def at_once(get: Get, count: int) -> None:
        for answer in await asyncio.gather(*(get() for _ in range(count))):
            if answer["enabled"] is not True:
                raise SystemExit(f"{name} read something else")

    with asyncio.Runner() as runner:
        client = CLIENTS[name](base_url, api_key)
        get = runner.run(client.__aenter__())
        serve_rounds(lambda count: runner.run(at_once(get, count)))
        runner.run(client.__aexit__(None, None, None))


if __name__ == "__main__":
    main()
