"""The functions that take no client."""

import ctypes
import json
from typing import Any

from support import raw

_text, _size, _out = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p
raw.library.d360_signature_sign.argtypes = [_text, ctypes.c_void_p, _size, _out]
raw.library.d360_signature_verify.argtypes = [_text, ctypes.c_void_p, _size, _text]


def validate(webhook: Any, options: Any = None) -> tuple[str, Any]:
    """Status name, and the report or error document."""
    report = ctypes.c_void_p()
    status = raw.library.d360_webhook_validate(_text(raw._bytes(webhook)), _text(raw._bytes(options)), ctypes.byref(report))
    text = raw.take(report)
    return raw.status_name(status), None if text is None else json.loads(text)


def sign(secret: bytes | None, body: bytes | None, length: int | None = None) -> tuple[str, str | None]:
    signature = ctypes.c_void_p(1)
    size = len(body or b"") if length is None else length
    status = raw.library.d360_signature_sign(secret, body, size, ctypes.byref(signature))
    return raw.status_name(status), raw.take(signature)


def verify(secret: bytes | None, body: bytes | None, signature: bytes | str | None, length: int | None = None) -> str:
    size = len(body or b"") if length is None else length
    given = signature.encode() if isinstance(signature, str) else signature
    return raw.status_name(raw.library.d360_signature_verify(secret, body, size, given))
