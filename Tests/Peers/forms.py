"""How the service was seen to answer, or may: each form changes the answers of a peer that otherwise does as documented."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .exchange import Exchange
from .faults import HTML, JSON
from .model import Answer
from .recorder import Received
from .server import Fault

Change = Callable[[Received, Answer], Answer]
PATHS = ("/multi_webhook", "/v1/configs/webhook", "/waba_webhook")


def _same(request: Received, answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True)
class Form:
    change: Change = _same
    answers: str = "specification"
    """The style of the peer: `styles.STYLES`."""
    first: Answer | None = None
    """The answer to the first request of each method and path, which is done only if `is_taken`."""
    is_taken: bool = False
    spares_writes: bool = False
    """If so, `first` is for readings alone."""
    shows_all: bool = True
    """If not, readings leave out members, and cannot settle each lost write."""

    def fault(self) -> Fault:
        """For a script that does this with every request."""
        seen: set[str] = set()

        def fault(exchange: Exchange) -> None:
            request = exchange.request
            key = f"{request.method} {request.target} {request.fields['d360-api-key']}"
            if self.first is None or key in seen or (self.spares_writes and not request.is_reading):
                exchange.answer(self.change(request, exchange.take()))
                return
            seen.add(key)
            if self.is_taken:
                exchange.take()
            exchange.answer(self.first)

        return fault


def _shown(change: Callable[[str, Any], Any]) -> Change:
    """Changes what a reading of a path shows."""

    def changed(request: Received, answer: Answer) -> Answer:
        if request.is_reading and answer.code == 200:
            answer.body = json.dumps(change(request.target, json.loads(answer.body))).encode()
        return answer

    return changed


def _written(code: int, body: bytes) -> Change:
    """Changes how a write is answered that was done."""

    def changed(request: Received, answer: Answer) -> Answer:
        return answer if request.is_reading or answer.code != 200 else Answer(code, body)

    return changed


def hiding(member: str) -> Form:
    """Readings leave this member out, wherever it is."""

    def without(value: Any) -> Any:
        if isinstance(value, list):
            return [without(one) for one in value]
        if isinstance(value, dict):
            return {name: without(one) for name, one in value.items() if name != member}
        return value

    return Form(_shown(lambda _, shown: without(shown)), shows_all=False)


def _nulls(path: str, shown: Any) -> Any:
    return {**shown, "waba_id": None, "numbers_on_this_waba": None} if path == "/waba_webhook" else shown


def _otherwise_written(path: str, shown: Any) -> Any:
    """The same URLs with another case of their host, which a service may store."""
    text = json.dumps(shown)
    return json.loads(text.replace("https://hooks.example.com", "HTTPS://Hooks.Example.COM"))


def _by_ids(path: str, shown: Any) -> Any:
    numbers = shown.get("numbers_on_this_waba", [])
    return {**shown, "numbers_on_this_waba": [f"1065403522{n}" for n in range(len(numbers))]} if numbers else shown


def _not_set(body: bytes, paths: tuple[str, ...]) -> Change:
    def changed(request: Received, answer: Answer) -> Answer:
        unset = request.is_reading and request.target in paths and not json.loads(answer.body).get("url")
        return Answer(404, body, list(JSON)) if unset else answer

    return changed


def _error(code: int, body: Any) -> Answer:
    return Answer(code, json.dumps(body).encode(), list(JSON))


DETAIL = b'{"detail": "Not Found"}'
#: A client must do with these as with what is documented.
FORMS: dict[str, Form] = {
    "as documented": Form(),
    "A1 null for what is empty, A4 headers shown": Form(answers="observed"),
    "A1 null for what only a WABA has": Form(_shown(_nulls)),
    "A2 404 for a number's own webhook": Form(answers="not_found"),
    "A2 404 with a detail": Form(_not_set(DETAIL, PATHS[1:2])),
    "A2 404 for the WABA's too": Form(_not_set(b'{"error": "Webhook not found"}', PATHS[1:])),
    "A5 without enabled": hiding("enabled"),
    "A6 URLs written otherwise": Form(_shown(_otherwise_written)),
    "A9 201 without a body": Form(_written(201, b"")),
    "A9 202 without a body": Form(_written(202, b"")),
    "A9 204": Form(_written(204, b"")),
    "an empty object": Form(_written(200, b"{}")),
    "another message": Form(_written(200, b'{"message": "Webhook config will be set"}')),
    "A10 520 at first": Form(first=_error(520, {})),
    "A10 524 at first, though done": Form(first=_error(524, {}), is_taken=True),
    "409 to the first reading": Form(first=_error(409, {"message": "not now"}), spares_writes=True),
    "phone_number_ids": Form(_shown(_by_ids)),
    "without headers": hiding("headers"),
}

WORDS = "url is not reachable"
META = {"meta": {"success": False, "http_code": 400, "developer_message": WORDS, "details": [{"developer_message": "timeout"}]}}
#: Every shape in which users' code has met an error, with the words that are to be passed on.
SHAPES: dict[str, tuple[bytes, str]] = {
    "error": (json.dumps({"error": WORDS}).encode(), WORDS),
    "message": (json.dumps({"message": WORDS}).encode(), WORDS),
    "A7 developer_message": (json.dumps(META).encode(), "timeout"),
    "error object": (json.dumps({"error": {"message": WORDS, "code": 7}}).encode(), WORDS),
    "list of errors": (json.dumps({"meta": {}, "errors": [{"code": 1, "title": "t", "details": WORDS}]}).encode(), WORDS),
    "detail": (json.dumps({"detail": WORDS}).encode(), WORDS),
    "A8 a page": (HTML.replace(b"<h1>", b"<title>Attention</title><h1>"), "Attention"),
    "nothing": (b"", ""),
}
