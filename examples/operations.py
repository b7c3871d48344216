"""The nine operations, on each service that is named, side by side.

python3 operations.py http://127.0.0.1:8360 sqlite::memory:
"""

# SPDX-License-Identifier: Apache-2.0

import sys
import time

from d360webhook import Channel, Client, D360Error, Unsupported

KEY = "key-berlin"

OPERATIONS = {
    "POST   /multi_webhook": lambda channel: channel.multi_webhook_set(
        True, [{"name": "crm", "url": "https://crm.example.com/events"}]
    ),
    "PUT    /multi_webhook": lambda channel: channel.multi_webhook_append(
        [{"name": "audit", "url": "https://audit.example.com/events"}]
    ),
    "PATCH  /multi_webhook": lambda channel: channel.multi_webhook_update("crm", headers={"Authorization": "Bearer example"}),
    "GET    /multi_webhook": Channel.multi_webhook_get,
    "DELETE /multi_webhook/audit": lambda channel: channel.multi_webhook_delete("audit"),
    "POST   /v1/configs/webhook": lambda channel: channel.customer_webhook_set("https://hooks.example.com/berlin"),
    "GET    /v1/configs/webhook": Channel.customer_webhook_get,
    "POST   /waba_webhook": lambda channel: channel.waba_webhook_set("https://hooks.example.com/all"),
    "GET    /waba_webhook": Channel.waba_webhook_get,
}


def open_service(url: str) -> Client:
    client = Client(url)
    try:
        client.channel_register(phone_number_id="106540352242922", waba_id=123065260884961, api_key=KEY)
    except Unsupported:
        pass  # a remote service knows its channels; an embedded one is told, once
    return client


def main() -> int:
    failures = 0
    clients = [open_service(url) for url in sys.argv[1:]]
    for operation, run in OPERATIONS.items():
        print(f"{operation:<28} →", end="")
        for index, client in enumerate(clients):
            begin = time.perf_counter()
            try:
                run(client.channel(KEY))
                status = "D360_OK"
            except D360Error as error:
                status = error.status
                failures += 1
            gap = " " * (10 if index else 2)
            print(f"{gap}{status:<8} {(time.perf_counter() - begin) * 1e3:8.2f} ms", end="")
        print()
    for client in clients:
        client.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
