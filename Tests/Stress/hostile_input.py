"""Feeds mutations of valid requests to an embedded service; a process of its own, as a crash would take the tests along.

    python3 -m Stress.hostile_input SEED COUNT FILE

FILE holds the input that is being tried, for whoever finds this process dead. The same seed gives the same inputs.
"""

import json
import mmap
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from support import raw

#: Bytes of an input; more than any limit.
LONGEST = 1_200_000
KEY = "key-0"
CHANNEL = {"phone_number_id": "106540352242922", "phone_number": "+4930123456", "waba_id": 123065260884961, "api_key": KEY}
CRM = {"name": "crm", "url": "https://hooks.example.com/crm?a=b", "headers": {"X-Team": "a", "Authorization": "Bearer x"}}

#: What a mutation begins with, by function.
VALID = {
    "d360_multi_webhook_set": [{"enabled": True}, {"enabled": False}, {"enabled": True, "destinations": [CRM]}],
    "d360_multi_webhook_append": [
        {"destinations": [CRM]},
        {"destinations": [{**CRM, "name": "ü\u0301\U0001f600"}, CRM]},
        {"destinations": [{**CRM, "name": "audit"}, {**CRM, "name": "bi"}]},
    ],
    "d360_multi_webhook_update": [CRM, {"name": "crm", "headers": {}}, {"name": "crm", "url": "https://xn--a.example.com/%2F"}],
    "d360_multi_webhook_delete": ["crm", "a/b", "..", "%2F"],
    "d360_customer_webhook_set": [{"url": CRM["url"]}, {"url": CRM["url"], "headers": CRM["headers"]}],
    "d360_waba_webhook_set": [{"url": CRM["url"], "headers": CRM["headers"], "override_all": True}],
    "d360_waba_webhook_wait": [{"url": CRM["url"], "headers": CRM["headers"], "override_all": False}],
    "d360_channel_register": [CHANNEL, {**CHANNEL, "phone_number_id": "2", "api_key": "key-1"}],
    "d360_channel_remove": ["2", CHANNEL["phone_number_id"]],
    "d360_webhook_validate": [{"url": CRM["url"], "headers": CRM["headers"]}],
    "d360_derive": [{"timeout_ms": 1000, "max_attempts": 4, "url_policy": "cloud"}],
    "d360_open": [{"max_destinations": 3, "apply_delay_ms": 0, "proxy": "http://127.0.0.1:1", "allow_insecure_http": False}],
    "key": [KEY],
}

#: What mutations put into a text.
TOKENS = [
    b"null", b"true", b"-0", b"1e999", b"-1e-999", b"0.1", b"9223372036854775808", b"-9223372036854775809", b"1" * 400,
    b"{}", b"[]", b'""', b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\r\n", b"\t", b"\x7f", b"\xc2\x85", b"e\xcc\x81", b"[" * 70, b'{"a":' * 70,
    b"/*", b"//", b"NaN", b"'", b'"', b"\\", b",", b":", b'"name":"crm",', b'"headers":{"Host":"a"},', b"https://",
    b"https://a:1@[::1]:99999/#", b"http://\xe2\x80\xae.example.com", b"x" * 2_100, b'"destinations":[', b"%s%n", b"\x01",
]  # fmt: skip

#: What an embedded service may say to anything: faults of its storage, of memory and of the library are none of these.
POSSIBLE = {
    "D360_OK", "D360_INVALID_ARGUMENT", "D360_MALFORMED_JSON", "D360_INVALID_REQUEST", "D360_UNAUTHORIZED", "D360_NOT_FOUND",
    "D360_CONFLICT", "D360_NOT_ENABLED", "D360_LIMIT_EXCEEDED",
}  # fmt: skip

#: What mutations put in the place of a member.
VALUES = [
    None, True, 0, -1, 2**63, 0.5, "", "crm", "a" * 129, "\u0085", "x\r\ny", "ü", "u\u0308", [], {}, [[]], ["a"], {"a": "b"},
    CRM, [CRM, CRM], {"name": "b", "url": "https://a.example.com"}, "https://a.example.com", "http://a.example.com",
    "https://a_b.example.com", "https://a.example.com:443", {"X-A": "1", "x-a": "2"}, {"a b": "c"},
    {f"X-{n}": "v" for n in range(51)},
]  # fmt: skip


def mutated_value(chance: random.Random, value: Any) -> Any:
    """JSON still, with one member changed, renamed, added or gone."""
    if not isinstance(value, dict | list) or not value or chance.randrange(4) == 0:
        return chance.choice(VALUES)
    changed = value.copy()
    place = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
    match chance.randrange(8):
        case 0:
            del changed[place]
        case 1 if isinstance(changed, dict):
            changed[chance.choice(["name", "url", "headers", "destinations", "enabled", "ü", ""])] = chance.choice(VALUES)
        case 2 if isinstance(changed, list):
            changed.append({"name": f"n{chance.randrange(8)}", "url": "https://a.example.com"})
        case _:
            changed[place] = mutated_value(chance, value[place])
    return changed


def mutated(chance: random.Random, text: bytes) -> bytes:
    data = bytearray(text)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 8])):
        place, other = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(8):
            case 0 if data:
                data[place % len(data)] = chance.randrange(1, 256)
            case 1 if data:
                data[place % len(data)] ^= 1 << chance.randrange(8)
            case 2:
                del data[place : min(other, place + 16)]
            case 3:
                data[place:place] = data[place:other]
            case 4:
                data[place:place] = bytes(chance.randrange(1, 256) for _ in range(chance.randrange(1, 6)))
            case 5:
                del data[other:]
            case 6 if chance.randrange(50) == 0:
                data[place:other] = bytes([chance.randrange(32, 127)]) * chance.choice([8_193, 70_000, 1_048_577])
            case _:
                data[place:other] = chance.choice(TOKENS)
    return bytes(data[:LONGEST]).replace(b"\0", b"")


def try_one(client: int, function: str, text: bytes) -> tuple[str, str | None, bool]:
    """Status, text, and whether a text is due with D360_OK too."""
    if function == "d360_derive":
        status, derived, error = raw.derive(client, text)
        raw.close(derived)
        return status, error, False
    if function == "d360_open":
        status, opened, error = raw.open_client("sqlite::memory:", text)
        raw.close(opened)
        return status, error, False
    if function == "d360_webhook_validate":
        return *validate(text), True
    if function == "key":
        return *raw.call("d360_multi_webhook_get", client, text), True
    keys = [] if function.startswith("d360_channel") else [KEY]
    limit = [0] if function == "d360_waba_webhook_wait" else []
    return *raw.call(function, client, *keys, text, *limit), True


def validate(text: bytes) -> tuple[str, str | None]:
    report = raw.ctypes.c_void_p()
    status = raw.library.d360_webhook_validate(raw.ctypes.c_char_p(text), None, raw.ctypes.byref(report))
    return raw.status_name(status), raw.take(report)


def check(function: str, status: str, text: str | None, is_due: bool) -> None:
    possible = POSSIBLE | ({"D360_TIMEOUT"} if function == "d360_waba_webhook_wait" else set())
    assert status in possible, f"{status}: {text}"
    if status == "D360_OK":
        assert (text is not None) is is_due
        assert text is None or isinstance(json.loads(text), dict)
        return
    assert text is not None
    document = json.loads(text)
    if function == "d360_webhook_validate" and status == "D360_INVALID_REQUEST" and "problems" in document:
        assert document["valid"] is False and document["problems"]
        return
    error = document["error"]
    assert error["status"] == status and error["outcome"] == "not_applied"
    assert error["message"] and error["retryable"] in (True, False)


def main() -> None:
    seed, count, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    path.write_bytes(b"\0" * (LONGEST + 100))
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    _, client, error = raw.open_client("sqlite::memory:")
    assert client, error
    functions = list(VALID)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as trying:
        for n in range(count):
            if n % 50 == 0:  # mutations remove channels and turn the service off
                raw.call("d360_channel_remove", client, CHANNEL["phone_number_id"])
                assert raw.call("d360_channel_register", client, CHANNEL)[0] in ("D360_OK", "D360_CONFLICT")
                raw.call("d360_multi_webhook_set", client, KEY, {"enabled": True, "destinations": [CRM]})
            function = chance.choice(functions)
            value = chance.choice(VALID[function])
            if not isinstance(value, str) and chance.randrange(2):
                value = mutated_value(chance, value)
            text = value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
            if chance.randrange(2):
                text = mutated(chance, text)
            noted = f"{n} {function} ".encode() + text + b"\0"
            trying[: len(noted)] = noted
            status, answer, is_due = try_one(client, function, text)
            check(function, status, answer, is_due)
            seen[status] += 1
        trying[:1] = b"\0"
    raw.close(client)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
