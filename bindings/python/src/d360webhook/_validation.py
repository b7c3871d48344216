# SPDX-License-Identifier: Apache-2.0
"""The rules for webhooks, without a service."""

from collections.abc import Mapping
from ctypes import byref, c_char_p
from json import loads

from d360webhook._handle import answer
from d360webhook._library import library
from d360webhook._text import c_json
from d360webhook._types import URLPolicy, ValidationReport


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
