"""Gives one argument of one function a text of 700 MB where 300 MB are free: `huge_text.py FUNCTION PLACE` writes the status."""

import ctypes
import mmap
import os
import resource
import sys
from pathlib import Path

from support import raw

SIZE, PIECE, FREE = 700_000_000, 64 * 1_048_576, 300_000_000
MAP_SHARED, MAP_FIXED = 1, 0x10
#: By function: what its arguments are, in order; those in capitals are texts that may be huge.
CLIENT, KEY, OUT, JSON = "client", "KEY", "out", "JSON"
SIGNATURES: dict[str, list[str]] = {
    "open": ["URL", "OPTIONS", OUT, OUT],
    "derive": [CLIENT, "OPTIONS", OUT, OUT],
    "multi_webhook_get": [CLIENT, KEY, OUT],
    "multi_webhook_set": [CLIENT, KEY, JSON, OUT],
    "multi_webhook_append": [CLIENT, KEY, JSON, OUT],
    "multi_webhook_update": [CLIENT, KEY, JSON, OUT],
    "multi_webhook_delete": [CLIENT, KEY, "NAME", OUT],
    "customer_webhook_get": [CLIENT, KEY, OUT],
    "customer_webhook_set": [CLIENT, KEY, JSON, OUT],
    "waba_webhook_get": [CLIENT, KEY, OUT],
    "waba_webhook_set": [CLIENT, KEY, JSON, OUT],
    "waba_webhook_wait": [CLIENT, KEY, JSON, "zero", OUT],
    "channel_register": [CLIENT, JSON, OUT],
    "channel_remove": [CLIENT, "NAME", OUT],
    **{f"fleet_{name}": [CLIENT, JSON, "OPTIONS", "null", "null", OUT] for name in ("plan", "apply", "audit", "export")},
    "webhook_validate": [JSON, "OPTIONS", OUT],
    "signature_sign": ["SECRET", "null", "zero", OUT],
    "signature_verify": ["SECRET", "null", "zero", "SIGNATURE"],
    "error_text": [JSON, "NAME", OUT],
    "json_quote": ["TEXT", OUT],
}
SMALL = {
    "URL": b"sqlite::memory:", "OPTIONS": b"{}", KEY: b"key", JSON: b"{}", "NAME": b"name", "SECRET": b"s", "SIGNATURE": b"00",
    "TEXT": b"x",
}  # fmt: skip


def huge() -> int:
    """The address of a text of SIZE letters, which are one piece of memory many times over."""
    file = os.memfd_create("piece")
    os.ftruncate(file, PIECE)
    with mmap.mmap(file, PIECE) as piece:
        piece.write(b"a" * PIECE)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    whole = mmap.mmap(-1, SIZE + PIECE)  # is zero behind the last piece
    base = ctypes.addressof(ctypes.c_char.from_buffer(whole))
    for offset in range(0, SIZE, PIECE):
        assert libc.mmap(base + offset, PIECE, mmap.PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == base + offset
    huge.keep = whole  # type: ignore[attr-defined]
    return base


def main() -> None:
    function, place = sys.argv[1], int(sys.argv[2])
    _, client, _ = raw.open_client("sqlite::memory:")
    text, out = huge(), [ctypes.c_void_p() for _ in range(2)]
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + FREE, used + FREE))
    outs = iter(out)
    arguments = []
    for index, kind in enumerate(SIGNATURES[function]):
        if kind == CLIENT:
            arguments.append(ctypes.c_void_p(client))
        elif kind == OUT:
            arguments.append(ctypes.byref(next(outs)))
        elif kind == "zero":
            arguments.append(ctypes.c_int64(0))
        elif kind == "null":
            arguments.append(None)
        else:
            arguments.append(ctypes.c_void_p(text) if index == place else ctypes.c_char_p(SMALL[kind]))
    print(raw.status_name(getattr(raw.library, f"d360_{function}")(*arguments)))


if __name__ == "__main__":
    main()
