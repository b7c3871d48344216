"""The C interface as it is: for tests of text that the Python binding cannot send, and of every field of an error document."""

import ctypes
import json
import os
from collections.abc import Callable
from typing import Any

_P = ctypes.POINTER(ctypes.c_char_p)
LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
PROGRESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

library = ctypes.CDLL(os.environ["D360WEBHOOK_LIBRARY"])
library.d360_status_name.restype = ctypes.c_char_p
library.d360_version.restype = ctypes.c_char_p
library.d360_string_free.argtypes = [ctypes.c_void_p]
library.d360_string_free.restype = None
for _name in ("d360_close", "d360_cancel", "d360_stop"):
    getattr(library, _name).argtypes = [ctypes.c_void_p]
    getattr(library, _name).restype = None
library.d360_set_log.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
library.d360_set_log.restype = None


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (dict, list)):
        return json.dumps(value).encode()
    return value


def status_name(status: int) -> str:
    return library.d360_status_name(status).decode()


def take(pointer: ctypes.c_void_p) -> str | None:
    """The text behind a pointer that the library returned, freed."""
    if not pointer.value:
        return None
    text = ctypes.string_at(pointer.value).decode()
    library.d360_string_free(pointer)
    return text


def call(function: str, client: Any, *arguments: Any) -> tuple[str, str | None]:
    """Status name and response text of a call that ends in response_json; str, bytes, dict, int and None go in."""
    response = ctypes.c_void_p()
    converted = [
        ctypes.c_int64(a) if isinstance(a, int) and not isinstance(a, bool) else ctypes.c_char_p(_bytes(a)) for a in arguments
    ]
    status = getattr(library, function)(ctypes.c_void_p(client), *converted, ctypes.byref(response))
    return status_name(status), take(response)


def fleet(
    function: str, client: Any, document: Any, options: Any = None, progress: Callable[[dict[str, Any]], int] | None = None
) -> tuple[str, Any]:
    """Status name, and the report or error document, of d360_fleet_`function`. `progress` gets each event."""
    response = ctypes.c_void_p()
    told = PROGRESS(lambda event, _: progress(json.loads(event))) if progress else PROGRESS()
    status = getattr(library, f"d360_fleet_{function}")(
        ctypes.c_void_p(client), _bytes(document), _bytes(options), told, None, ctypes.byref(response)
    )
    text = take(response)
    return status_name(status), None if text is None else json.loads(text)


def open_client(url: Any, options: Any = None) -> tuple[str, int | None, str | None]:
    """Status name, client, error document."""
    client, error = ctypes.c_void_p(), ctypes.c_void_p()
    status = library.d360_open(_bytes(url), _bytes(options), ctypes.byref(client), ctypes.byref(error))
    return status_name(status), client.value, take(error)


def derive(client: int, options: Any = None) -> tuple[str, int | None, str | None]:
    derived, error = ctypes.c_void_p(), ctypes.c_void_p()
    status = library.d360_derive(ctypes.c_void_p(client), _bytes(options), ctypes.byref(derived), ctypes.byref(error))
    return status_name(status), derived.value, take(error)


def close(client: int | None) -> None:
    library.d360_close(client)
