# SPDX-License-Identifier: Apache-2.0
# pyright: reportUnnecessaryTypeIgnoreComment=true
"""Mistakes that every type checker finds: each line names them, and a comment without its mistake is an error."""

from d360webhook import AsyncClient, Client

client = Client("sqlite::memory:")
Client("sqlite::memory:", timeout_s=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Client("sqlite::memory:", url_policy="strict")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
client.customer_webhook_set("key", 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
client.multi_webhook_append("key", [{"name": "crm"}])  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
client.customer_webhook_get("key")["uri"]  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]

async_client = AsyncClient("sqlite::memory:")
AsyncClient("sqlite::memory:", timeout_s=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
async_client.channel("key").customer_webhook_set(5)  # type: ignore[arg-type,unused-coroutine]  # pyright: ignore
async_client.customer_webhook_get("key")["url"]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
