"""Answers that repeat a text, by the place in them where it is."""

import json
from collections.abc import Callable
from typing import Any

MARK = "quince"
"""Is in the same text as the secret, and in nothing else."""


def answer(body: Any, code: int = 400, content_type: str = "application/json", headers: str = "", reason: str = "No") -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {code} {reason}\r\nContent-Type: {content_type}\r\n{headers}Content-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def page(text: str) -> bytes:
    return f"<!doctype html><html><head><title>{text}</title></head><body>{text}</body></html>".encode()


def line(text: str) -> str:
    return text.replace("\n", " ")


#: Where a text may be in an answer; those in the first part are passed on if they hold no secret.
PASSED_ON: dict[str, Callable[[str], bytes]] = {
    "error": lambda text: answer({"error": text}),
    "error of 401": lambda text: answer({"error": text}, 401),
    "error of 404": lambda text: answer({"error": text}, 404),
    "message of 409": lambda text: answer({"message": text}, 409),
    "error of 429": lambda text: answer({"error": text}, 429),
    "error of 500": lambda text: answer({"error": text}, 500),
    "error object": lambda text: answer({"error": {"message": text, "code": 7}}),
    "errors": lambda text: answer({"meta": {}, "errors": [{"code": 1, "title": text, "details": text}]}),
    "developer_message": lambda text: answer({"meta": {"developer_message": text, "details": [{"developer_message": text}]}}),
    "details": lambda text: answer({"meta": {"developer_message": "no", "details": [{"developer_message": text}]}}),
    "detail": lambda text: answer({"detail": text}),
    "our status": lambda text: answer({"error": text, "message": text, "status": "D360_CONFLICT"}, 409),
    "a title": lambda text: answer(page(text), 403, "text/html"),
}
NEVER: dict[str, Callable[[str], bytes]] = {
    "plain text": lambda text: answer(text.encode(), 400, "text/plain"),
    "our path": lambda text: answer({"error": "no", "status": "D360_INVALID_REQUEST", "path": f"/{text}"}),
    "a member's name": lambda text: answer({text: text, "error": {text: text}}),
    "a wrong type": lambda text: answer({"url": [text], "message": [text], "enabled": text, "destinations": text}, 200),
    "no JSON": lambda text: answer(text.encode(), 200),
    "a reading": lambda text: answer({"url": "https://x.example.com/", "headers": {"A": text}, "note": text, "enabled": 1}, 200),
    "the reason": lambda text: answer({}, 400, reason=line(text)),
    "a header": lambda text: answer({}, 400, headers=f"X-Echo: {line(text)}\r\n"),
    "a header's name": lambda text: answer({}, 400, headers=f"X-{line(text).replace(':', '-').replace(' ', '-')}: 1\r\n"),
    "the content type": lambda text: answer({"error": "no"}, 400, content_type=f"text/{line(text)}"),
    "the content type of a success": lambda text: answer(b"x", 200, content_type=f"text/{line(text)}"),
    "a location": lambda text: answer({}, 302, headers=f"Location: https://x.example.com/{line(text)}\r\n"),
    "a time": lambda text: answer({}, 429, headers=f"Retry-After: {line(text)}\r\n"),
    "an encoding": lambda text: answer({}, 200, headers=f"Content-Encoding: {line(text)}\r\n"),
}
