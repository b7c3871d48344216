# SPDX-License-Identifier: Apache-2.0
"""remote_python.py d360webhook|requests|httpx BASE-URL API-KEY: GET /multi_webhook from Python, the answer as Python values.

Each client is used as its manual says: made once, its connection kept, a failing status raised.
"""

import sys
from collections.abc import Callable
from typing import Any

from rounds import serve_rounds

TIMEOUT_S = 30


def with_d360webhook(base_url: str, api_key: str) -> Callable[[], Any]:
    import d360webhook

    return d360webhook.Client(base_url, timeout_ms=TIMEOUT_S * 1000).channel(api_key).multi_webhook_get


def with_requests(base_url: str, api_key: str) -> Callable[[], Any]:
    import requests

    session = requests.Session()
    session.headers["D360-API-KEY"] = api_key

    def get() -> Any:
        response = session.get(f"{base_url}/multi_webhook", timeout=TIMEOUT_S)
        response.raise_for_status()
        return response.json()

    return get


def with_httpx(base_url: str, api_key: str) -> Callable[[], Any]:
    import httpx

    client = httpx.Client(base_url=base_url, headers={"D360-API-KEY": api_key}, timeout=TIMEOUT_S)

    def get() -> Any:
        response = client.get("/multi_webhook")
        response.raise_for_status()
        return response.json()

    return get


CLIENTS = {"d360webhook": with_d360webhook, "requests": with_requests, "httpx": with_httpx}


def main() -> None:
    name, base_url, api_key = sys.argv[1:]
    get = CLIENTS[name](base_url, api_key)

    def run(count: int) -> None:
        for _ in range(count):
            if get()["enabled"] is not True:
                raise SystemExit(f"{name} read something else")

    run(1)
    serve_rounds(run)


if __name__ == "__main__":
    main()
