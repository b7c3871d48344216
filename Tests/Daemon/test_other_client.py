"""A client that nobody here wrote: waba-360 of PyPI, as its users have it, but for the address."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from waba_360 import Waba360

from .accounts import Account

URL = "https://hooks.example.com/waba-360"


def run(account: Account, body: Callable[[Waba360], Awaitable[None]], key: str | None = None) -> None:
    async def main() -> None:
        client = Waba360(key or account.key, "namespace")
        # Its users set no other one; it is an attribute of the class all the same.
        client.BASE_URL = f"{account.daemon.url}/v1/"
        try:
            await body(client)
        finally:
            await client.close()

    asyncio.run(main())


def test_waba_360_sets_and_reads_a_webhook(account: Account) -> None:
    async def body(client: Waba360) -> None:
        assert await client.set_wh(URL) == {"url": URL}
        assert await client._get("configs/webhook") == {"url": URL}
        for number in range(20):
            await client.set_wh(f"{URL}/{number}")

    run(account, body)
    account.ask("GET", "/v1/configs/webhook").must_be({"url": f"{URL}/19"})


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com", "https://hooks.example.com:8443", "https://your_webhook.example.com"]
)
def test_waba_360_is_refused_what_the_vendor_refuses(account: Account, url: str) -> None:
    async def body(client: Waba360) -> None:
        with pytest.raises(Exception, match="D360_INVALID_REQUEST") as caught:
            await client.set_wh(url)
        assert caught.value.args[1] == 400

    run(account, body)


def test_waba_360_with_a_wrong_key_is_unauthorized(account: Account) -> None:
    async def body(client: Waba360) -> None:
        with pytest.raises(Exception, match="the API key is missing or wrong") as caught:
            await client.set_wh(URL)
        assert caught.value.args[1] == 401

    run(account, body, key="unknown")
