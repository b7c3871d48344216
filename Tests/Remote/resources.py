"""One client in a process of its own: these are its arguments.

memory URL FUNCTION [FILE], descriptors URL THREADS LIMIT, host URL ACCOUNTS LIMIT
"""

import ctypes
import json
import os
import resource
import sys
import threading
from pathlib import Path

from support import raw

KEY = "key-berlin"


class Malloc(ctypes.Structure):
    """mallinfo2(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"]
    ]


def allocated() -> int:
    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = Malloc
    info = libc.mallinfo2()
    return info.uordblks + info.hblkhd


def peak() -> int:
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1_024


def call(client: int | None, function: str, argument: str) -> str:
    """The status; the text is freed without a look at it."""
    text = ctypes.c_void_p()
    given = [ctypes.c_char_p(argument.encode())] if argument else []
    status = getattr(raw.library, f"d360_{function}")(ctypes.c_void_p(client), KEY.encode(), *given, ctypes.byref(text))
    raw.library.d360_string_free(text)
    return raw.status_name(status)


def memory(url: str, function: str, argument: str = "") -> None:
    _, client, _ = raw.open_client(url, {"max_attempts": 1})
    call(client, "customer_webhook_get", "")
    argument = Path(argument).read_text() if argument else ""
    before = allocated()
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak is what is resident now
    resident = peak()
    status = call(client, function, argument)
    print(json.dumps({"status": status, "peak": peak() - resident, "kept": allocated() - before}))


def descriptors(url: str, threads: str, limit: str) -> None:
    _, client, _ = raw.open_client(url, {"timeout_ms": 20_000, "max_attempts": 50})
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(limit), int(limit)))
    ended: list[str] = []

    def read() -> None:
        ended.append(call(client, "customer_webhook_get", ""))

    calling = [threading.Thread(target=read) for _ in range(int(threads))]
    for one in calling:
        one.start()
    for one in calling:
        one.join()
    print(json.dumps({"ended": ended, "open": len(os.listdir("/proc/self/fd"))}))


def host(url: str, accounts: str, limit: str) -> None:
    """A fleet's call with all the threads that it may have, in a program that opens a file now and then."""
    _, client, _ = raw.open_client(url, {"timeout_ms": 20_000, "max_attempts": 20})
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(limit), int(limit)))
    document = {"accounts": [{"name": f"n{n}", "api_key": f"key-{n}"} for n in range(int(accounts))]}
    denied, over = [0], threading.Event()

    def open_files() -> None:
        while not over.wait(0.0002):
            try:
                os.close(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                denied[0] += 1

    opening = threading.Thread(target=open_files)
    opening.start()
    status, report = raw.fleet("audit", client, document, {"concurrency": 256})
    over.set()
    opening.join()
    ended = [row["status"] for row in report.get("accounts", [])]
    open_ = len(os.listdir("/proc/self/fd"))
    print(json.dumps({"status": status, "ended": ended, "denied": denied[0], "open": open_}))


if __name__ == "__main__":
    {"memory": memory, "descriptors": descriptors, "host": host}[sys.argv[1]](*sys.argv[2:])
