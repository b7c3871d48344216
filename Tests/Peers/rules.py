"""The rules that the service holds a request to, written from the facts, independent of the library's own code."""

import json
import re
import socket
from collections.abc import Callable
from typing import Any

MAXIMUM_BODY = 1_048_576
MAXIMUM_DEPTH = 64
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
RESERVED = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"}


class Refusal(Exception):
    """An answer other than 200: its HTTP code, our status for it, its text, and the member to blame."""

    def __init__(self, code: int, status: str, message: str, path: str | None = None, allow: str | None = None) -> None:
        super().__init__(message)
        self.code, self.status, self.message, self.path, self.allow = code, status, message, path, allow


def invalid(message: str, path: str) -> Refusal:
    return Refusal(400, "D360_INVALID_REQUEST", message, path)


def conflict(message: str, path: str | None = None) -> Refusal:
    return Refusal(409, "D360_CONFLICT", message, path)


def child(path: str, name: str | int) -> str:
    """RFC 6901."""
    return f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"


def subject(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    if not parts:
        return "the request"
    return f"element {parts[-1]}" if parts[-1].isdigit() else parts[-1]


def parse(body: bytes) -> Any:
    """JSON as the service takes it: UTF-8, no member twice, no NUL, no lone surrogate, 64 levels."""

    def malformed(why: str) -> Refusal:
        return Refusal(400, "D360_MALFORMED_JSON", f"the request is not JSON: {why}")

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in members}) != len(members):
            raise malformed("duplicate member")
        return dict(members)

    def constant(name: str) -> Any:
        raise malformed(f"{name} is no value")

    def integer(digits: str) -> int:
        if not -(2**63) <= int(digits) < 2**63:
            raise invalid("the request contains a number beyond a signed 64-bit integer or a double", "")
        return int(digits)

    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise malformed("it is not UTF-8") from None
    if _depth(text) > MAXIMUM_DEPTH:
        raise malformed(f"deeper than {MAXIMUM_DEPTH} levels")
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer)
        json.dumps(value, ensure_ascii=False).encode()
    except (json.JSONDecodeError, UnicodeEncodeError):
        raise malformed("syntax error") from None
    if "\\u0000" in json.dumps(value):
        raise malformed("NUL in a string")
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.sub(r'"(\\.|[^"\\])*"', "", text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket, 0)
        deepest = max(deepest, depth)
    return deepest


def members(
    value: Any, path: str, required: dict[str, Callable[[Any, str], Any]], optional: dict[str, Callable[[Any, str], Any]]
) -> dict[str, Any]:
    """Judges an object's members in the order of the document; what is missing is blamed on the object."""
    if not isinstance(value, dict):
        raise invalid(f"{subject(path)} must be an object", path)
    taken = {}
    for name, member in value.items():
        judge = required.get(name) or optional.get(name)
        if judge is None:
            raise invalid(f"unknown member '{name}'", child(path, name))
        taken[name] = judge(member, child(path, name))
    for name in required:
        if name not in value:
            raise invalid(f"{name} is missing", path)
    return taken


def string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"{subject(path)} must be a string", path)
    return value


def boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(f"{subject(path)} must be true or false", path)
    return value


def name(value: Any, path: str) -> str:
    text = string(value, path)
    if not 1 <= len(text) <= 128:
        raise invalid("the name of a destination must have 1 to 128 characters", path)
    if CONTROL.search(text):
        raise invalid("the name of a destination must not contain a control character", path)
    return text


def headers(value: Any, path: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise invalid("headers must be an object", path)
    seen = set()
    for field, text in value.items():
        place = child(path, field)
        if not TOKEN.match(field):
            raise invalid("the name of a header must be a token (RFC 9110): letters, digits and !#$%&'*+-.^_`|~", place)
        if field.lower() in RESERVED:
            raise invalid(f"header '{field}' is reserved", place)
        if field.lower() in seen:
            raise invalid(f"duplicate header '{field}' (names are case-insensitive)", place)
        seen.add(field.lower())
        if not isinstance(text, str):
            raise invalid(f"the value of header '{field}' must be a string", place)
        if CONTROL.search(text):
            raise invalid(f"the value of header '{field}' must not contain a control character", place)
    if len(value) > 50:
        raise invalid("headers must have at most 50 members", path)
    if sum(len(field.encode()) + len(text.encode()) for field, text in value.items()) > 8_192:
        raise invalid("names and values of headers must have at most 8192 bytes together", path)
    return value


def destinations(url: Callable[[Any, str], str]) -> Callable[[Any, str], list[dict[str, Any]]]:
    def judge(value: Any, path: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise invalid("destinations must be an array", path)
        taken: list[dict[str, Any]] = []
        for index, element in enumerate(value):
            place = child(path, index)
            one = members(element, place, {"name": name, "url": url}, {"headers": headers})
            if any(one["name"] == other["name"] for other in taken):
                raise conflict(f"destination name '{one['name']}' appears twice in this request", f"{place}/name")
            taken.append({"name": one["name"], "url": one["url"], "headers": one.get("headers", {})})
        return taken

    return judge


def webhook_url(policy: str) -> Callable[[Any, str], str]:
    """`cloud`: the vendor's rules; `local`: http, ports and addresses too."""
    schemes = ("https://",) if policy == "cloud" else ("https://", "http://")

    def judge(value: Any, path: str) -> str:
        url = string(value, path)
        if len(url.encode()) > 2_048:
            raise invalid("url must have at most 2048 bytes", path)
        if not url.lower().startswith(schemes) or url.split("://", 1)[1].startswith("/"):
            raise invalid(f"url must begin with {' or '.join(schemes)}", path)
        authority = re.split("[/?#]", url.split("://", 1)[1])[0]
        host, port = _host_and_port(authority.rpartition("@")[2])
        if not host or re.search(r"[\x00-\x20\x7f]", url) or (port and not port.isdigit()):
            raise invalid("url is not a valid URL", path)
        if "@" in authority:
            raise invalid("url must not contain a user name or password", path)
        if "#" in url:
            raise invalid("url must not contain a fragment", path)
        if policy == "cloud":
            _cloud_host(host, port, path)
        return url

    return judge


def _host_and_port(authority: str) -> tuple[str, str | None]:
    if authority.startswith("["):
        host, bracket, rest = authority.partition("]")
        return host + bracket, rest[1:] if rest.startswith(":") else None
    host, colon, port = authority.partition(":")
    return host, port if colon else None


def _cloud_host(host: str, port: str | None, path: str) -> None:
    if port is not None:
        raise invalid("url must not contain a port", path)
    if "_" in host:
        raise invalid("the host of url must not contain an underscore", path)
    if host.startswith("[") or _is_address(host):
        raise invalid("url must have a host name, not an IP address", path)
    labels = host.removesuffix(".").split(".")
    if len(labels) < 2 or not all(labels):
        raise invalid("the host of url must be a name with a dot", path)


def _is_address(host: str) -> bool:
    """127.1 and 0x7f000001 are addresses too."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True
