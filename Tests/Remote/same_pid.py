"""Process 1 of a namespace, with a child that is process 1 of another: `same_pid.py URL OPTIONS` writes how each call ended.

In a namespace of its own the child cannot be told from its parent by its number.
"""

import ctypes
import os
import sys

from support import raw

CLONE_NEWPID = 0x20000000
KEY = "key-berlin"


def set_webhook(client: int | None, name: str) -> None:
    status, text = raw.call("d360_customer_webhook_set", client, KEY, {"url": f"https://hooks.example.com/{name}"})
    print(os.getpid(), name, status, "" if status == "D360_OK" else text, flush=True)


def main() -> None:
    status, client, error = raw.open_client(sys.argv[1], sys.argv[2])
    assert status == "D360_OK", error
    if sys.argv[1].startswith("sqlite"):
        raw.call("d360_channel_register", client, {"phone_number_id": "1", "waba_id": 1, "api_key": KEY})
    set_webhook(client, "parent")
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(CLONE_NEWPID) == 0, os.strerror(ctypes.get_errno())
    child = os.fork()
    if child == 0:
        set_webhook(client, "child")
        raw.close(client)
        os._exit(0)
    os.waitpid(child, 0)
    set_webhook(client, "parent-again")
    status, text = raw.call("d360_customer_webhook_get", client, KEY)
    print(os.getpid(), "reading", status, text)
    raw.close(client)


if __name__ == "__main__":
    main()
