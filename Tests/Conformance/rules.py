"""The rules of rules/, a file each, and their arguments."""

import json
from pathlib import Path
from typing import Any

RULES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "rules").glob("*.json"))}


def joined(parts: list[Any]) -> bytes:
    def part(one: Any) -> bytes:
        if isinstance(one, str):
            return one.encode()
        return bytes.fromhex(one["hex"]) if "hex" in one else one["repeat"].encode() * one["times"]

    return b"".join(map(part, parts))


def whole(value: Any) -> Any:
    """An expected value with its long texts written out."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    if isinstance(value, list):
        is_text = any(isinstance(one, dict) and "repeat" in one for one in value)
        return joined(value).decode() if is_text else [whole(one) for one in value]
    return value


def argument(rule: dict[str, Any]) -> Any:
    if "bytes" in rule:
        return joined(rule["bytes"])
    return rule["name"] if "name" in rule else json.dumps(rule["request"])
