# SPDX-License-Identifier: Apache-2.0
"""Functions without a service: signatures of events, and the rules for webhooks."""

from collections.abc import Mapping
from ctypes import byref, c_char_p
from json import loads

from d360webhook._call import answer
from d360webhook._errors import InvalidArgument, SignatureMismatch, error, error_document, rejected
from d360webhook._library import library
from d360webhook._shapes import URLPolicy, ValidationReport
from d360webhook._text import c_json, c_text

Body = bytes | bytearray | memoryview


def version() -> str:
    """The version of the shared library that was loaded."""
    text: bytes = library.d360_version()
    return text.decode()


def webhook_validate(url: str, headers: Mapping[str, str] | None = None, url_policy: URLPolicy | None = None) -> ValidationReport:
    """Every problem of a webhook, not only the first; a webhook with problems is no exception, but `valid` is False."""
    webhook, options = c_json({"url": url, "headers": headers}), c_json({"url_policy": url_policy})
    text = c_char_p()
    try:
        status = library.d360_webhook_validate(webhook, options, byref(text))
        report = loads(text.value or b"{}")
        if "valid" not in report:
            answer(status, text.value)
        checked: ValidationReport = report
        return checked
    finally:
        library.d360_string_free(text)


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
        raise rejected("secret is empty")
    return c_text(secret, "secret")


def _data(body: Body) -> bytes:
    return body if isinstance(body, bytes) else bytes(memoryview(body))  # bytes(5) would be five zeros


_messages = {
    InvalidArgument.code: "secret or signature is None",
    SignatureMismatch.code: "the signature is not of this body under this secret",
}


def _check(status: int) -> None:
    if status != 0:
        raise error(error_document(status, _messages.get(status)))
