# SPDX-License-Identifier: Apache-2.0
"""Finds the shared library and declares the functions that the package uses."""

import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

from d360webhook._version import __version__

NAME = "libd360webhook.so.0"
PACKAGE = "libd360webhook0"
VARIABLE = "D360WEBHOOK_LIBRARY"

# void (*d360_log_fn)(int level, const char *message, void *context)
LogFunction = CFUNCTYPE(None, c_int, c_char_p, c_void_p)
# int (*d360_progress_fn)(const char *event_json, void *context)
ProgressFunction = CFUNCTYPE(c_int, c_char_p, c_void_p)
NO_LOG, NO_PROGRESS = LogFunction(), ProgressFunction()  # NULL

_client, _text, _json, _answer = c_void_p, c_char_p, c_char_p, POINTER(c_char_p)

# Every function of d360webhook.h that is used: its result, its parameters. Texts that the caller has to free are c_char_p
# objects passed by reference, never a c_char_p result: ctypes would copy that and lose the pointer.
PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "d360_open": (c_int32, (_text, _json, POINTER(c_void_p), _answer)),
    "d360_derive": (c_int32, (_client, _json, POINTER(c_void_p), _answer)),
    "d360_close": (None, (_client,)),
    "d360_stop": (None, (_client,)),
    "d360_multi_webhook_get": (c_int32, (_client, _text, _answer)),
    "d360_multi_webhook_set": (c_int32, (_client, _text, _json, _answer)),
    "d360_multi_webhook_append": (c_int32, (_client, _text, _json, _answer)),
    "d360_multi_webhook_update": (c_int32, (_client, _text, _json, _answer)),
    "d360_multi_webhook_delete": (c_int32, (_client, _text, _text, _answer)),
    "d360_customer_webhook_get": (c_int32, (_client, _text, _answer)),
    "d360_customer_webhook_set": (c_int32, (_client, _text, _json, _answer)),
    "d360_waba_webhook_get": (c_int32, (_client, _text, _answer)),
    "d360_waba_webhook_set": (c_int32, (_client, _text, _json, _answer)),
    "d360_waba_webhook_wait": (c_int32, (_client, _text, _json, c_int64, _answer)),
    "d360_channel_register": (c_int32, (_client, _json, _answer)),
    "d360_channel_list": (c_int32, (_client, _answer)),
    "d360_channel_remove": (c_int32, (_client, _text, _answer)),
    "d360_fleet_plan": (c_int32, (_client, _json, _json, ProgressFunction, c_void_p, _answer)),
    "d360_fleet_apply": (c_int32, (_client, _json, _json, ProgressFunction, c_void_p, _answer)),
    "d360_fleet_audit": (c_int32, (_client, _json, _json, ProgressFunction, c_void_p, _answer)),
    "d360_fleet_export": (c_int32, (_client, _json, _json, ProgressFunction, c_void_p, _answer)),
    "d360_webhook_validate": (c_int32, (_json, _json, _answer)),
    "d360_signature_sign": (c_int32, (_text, c_void_p, c_size_t, _answer)),
    "d360_signature_verify": (c_int32, (_text, c_void_p, c_size_t, _text)),
    "d360_set_log": (None, (_client, LogFunction, c_void_p)),
    "d360_status_name": (c_char_p, (c_int32,)),
    "d360_version": (c_char_p, ()),
    "d360_string_free": (None, (c_char_p,)),
}

# Called with the interpreter's lock held: they neither block nor call back, and a thread that gives the lock away may wait
# milliseconds for it where others are busy. d360_set_log is called for new clients only, which no call is inside of.
_BRIEF = {"d360_derive", "d360_stop", "d360_set_log", "d360_status_name", "d360_version", "d360_string_free"}


class Library:
    """The shared library, loaded when its first function is wanted: types and documentation work without it."""

    def __getattr__(self, name: str) -> Any:
        if name not in PROTOTYPES and name != "close_derived":
            raise AttributeError(name)
        self.__dict__.update(load())
        return self.__dict__[name]


def load() -> dict[str, Any]:
    """The library's functions; ImportError says what was looked for and what was wrong with it."""
    path = _path()
    try:
        library = ctypes.CDLL(path)
    except OSError as failure:
        help = f"install the Debian package {PACKAGE}, or set {VARIABLE} to the path of {NAME}"
        raise ImportError(f"cannot load {path}: {failure}; {help}") from None
    brief = _brief(library)
    functions: dict[str, Any] = {}
    for name, (result, parameters) in PROTOTYPES.items():
        try:
            function = getattr(brief if name in _BRIEF else library, name)
        except AttributeError:
            raise ImportError(f"{path} has no function {name}: it is not libd360webhook {__version__}") from None
        function.restype, function.argtypes = result, parameters
        functions[name] = function
    _check_version(path, functions["d360_version"]().decode())
    # d360_close of a derived client that no call is left of: one small object is freed, and nothing is waited for.
    functions["close_derived"] = close_derived = _brief(library).d360_close
    close_derived.restype, close_derived.argtypes = PROTOTYPES["d360_close"]
    return functions


def _brief(library: ctypes.CDLL) -> ctypes.PyDLL:
    return ctypes.PyDLL(library._name, handle=library._handle)


def _path() -> str:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    package = Path(__file__).resolve().parent
    for folder in (package, package.parent):
        if (folder / NAME).is_file():
            return str(folder / NAME)
    return NAME  # the dynamic linker's search: LD_LIBRARY_PATH, ld.so.cache, /lib, /usr/lib


def _check_version(path: str, version: str) -> None:
    if version.split(".")[:2] != __version__.split(".")[:2]:
        wanted = ".".join(__version__.split(".")[:2])
        raise ImportError(f"{path} is version {version}, but d360webhook {__version__} needs {wanted}.x")


library: Any = Library()
