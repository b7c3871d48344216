# SPDX-License-Identifier: Apache-2.0
"""Programs that every type checker accepts; scripts/types checks them, and nothing runs them."""

from d360webhook import AsyncClient, Client, Conflict, Retryable


def use(client: Client) -> int:
    client.multi_webhook_set("key", True, [{"name": "crm", "url": "https://hooks.example.com"}])
    try:
        client.channel("key").customer_webhook_set("https://hooks.example.com", {"A": "b"})
    except (Conflict, Retryable) as failure:
        return failure.attempts
    return client.waba_webhook_get("key")["waba_id"]


async def use_async(client: AsyncClient) -> int:
    async with client.derive(timeout_ms=5) as derived:
        await derived.channel("key").customer_webhook_set("https://hooks.example.com", {"A": "b"})
        derived.cancel()
        await derived.cancel()
    return (await client.waba_webhook_get("key"))["waba_id"]
