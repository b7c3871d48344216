# SPDX-License-Identifier: Apache-2.0
"""An AsyncClient with one phone number's key."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from d360webhook import _types as types
from d360webhook._async_client import AsyncClient


class AsyncChannel:
    """One phone number: the operations of an AsyncClient, with the number's key bound. Closing is the client's."""

    __slots__ = ("_api_key", "_client")

    def __init__(self, client: AsyncClient, api_key: str) -> None:
        self._client = client
        self._api_key = api_key

    @property
    def client(self) -> AsyncClient:
        """The client that carries the calls."""
        return self._client

    def multi_webhook_get(self) -> Coroutine[Any, Any, types.MultiWebhook]:
        """GET /multi_webhook: the destinations, and whether they are on."""
        return self._client.multi_webhook_get(self._api_key)

    def multi_webhook_set(
        self, enabled: bool, destinations: Sequence[types.Destination] | None = None
    ) -> Coroutine[Any, Any, types.Message]:
        """POST /multi_webhook: turns multi-webhook on or off; destinations only where it is turned on."""
        return self._client.multi_webhook_set(self._api_key, enabled, destinations)

    def multi_webhook_append(self, destinations: Sequence[types.Destination]) -> Coroutine[Any, Any, types.Message]:
        """PUT /multi_webhook: appends destinations, all of them or none."""
        return self._client.multi_webhook_append(self._api_key, destinations)

    def multi_webhook_update(
        self, name: str, url: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Coroutine[Any, Any, types.Message]:
        """PATCH /multi_webhook: changes a destination's URL or headers; headers replace all that were there."""
        return self._client.multi_webhook_update(self._api_key, name, url, headers)

    def multi_webhook_delete(self, name: str) -> Coroutine[Any, Any, types.Message]:
        """DELETE /multi_webhook/{name}: removes a destination."""
        return self._client.multi_webhook_delete(self._api_key, name)

    def customer_webhook_get(self) -> Coroutine[Any, Any, types.CustomerWebhook]:
        """GET /v1/configs/webhook: the number's own webhook, without its headers."""
        return self._client.customer_webhook_get(self._api_key)

    def customer_webhook_set(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Coroutine[Any, Any, types.CustomerWebhook]:
        """POST /v1/configs/webhook: replaces the number's own webhook, headers included."""
        return self._client.customer_webhook_set(self._api_key, url, headers)

    def waba_webhook_get(self) -> Coroutine[Any, Any, types.WABAWebhook]:
        """GET /waba_webhook: the webhook of the number's WhatsApp Business Account."""
        return self._client.waba_webhook_get(self._api_key)

    def waba_webhook_set(
        self, url: str, headers: Mapping[str, str] | None = None, override_all: bool = False
    ) -> Coroutine[Any, Any, types.Message]:
        """POST /waba_webhook: replaces the account's webhook; override_all removes the numbers' own. Applied in 15 to 20 s."""
        return self._client.waba_webhook_set(self._api_key, url, headers, override_all)

    def waba_webhook_wait(
        self, url: str, headers: Mapping[str, str] | None = None, timeout_ms: int = 30_000
    ) -> Coroutine[Any, Any, types.WABAWebhook]:
        """Reads until the account's webhook is this one, and answers with the last reading; else Timeout, with last_seen."""
        return self._client.waba_webhook_wait(self._api_key, url, headers, timeout_ms)

    def __repr__(self) -> str:
        return f"<AsyncChannel of {self._client!r}>"  # never the key
