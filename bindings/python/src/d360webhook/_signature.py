# SPDX-License-Identifier: Apache-2.0
"""Signatures of events: HMAC-SHA256, the header x-360dialog-signature."""

from ctypes import byref, c_char_p

from d360webhook._errors import InvalidArgument, SignatureMismatch, error, refused
from d360webhook._handle import bare
from d360webhook._library import library
from d360webhook._text import c_text

Body = bytes | bytearray | memoryview


def signature_sign(secret: str, body: Body) -> str:
    """The signature of an event's body as the service sends it: 64 lowercase hexadecimal digits."""
    data = _data(body)
    text = c_char_p()
    try:
        _check(library.d360_signature_sign(_secret(secret), data, len(data), byref(text)))
        return (text.value or b"").decode()
    finally:
        library.d360_string_free(text)


def signature_verify(secret: str, body: Body, signature: str) -> None:
    """Returns if the signature is of this body, else raises SignatureMismatch. Compares in constant time.

    Digits of either case, with or without "sha256=" before them.
    """
    data = _data(body)
    _check(library.d360_signature_verify(_secret(secret), data, len(data), c_text(signature, "signature")))


def _secret(secret: str) -> bytes | None:
    if secret == "":
        raise refused("secret is empty")
    return c_text(secret, "secret")


def _data(body: Body) -> bytes:
    return body if isinstance(body, bytes) else bytes(memoryview(body))  # bytes(5) would be five zeros


_messages = {
    InvalidArgument.code: "secret or signature is None",
    SignatureMismatch.code: "the signature is not of this body under this secret",
}


def _check(status: int) -> None:
    if status != 0:
        raise error(bare(status, _messages.get(status)))
