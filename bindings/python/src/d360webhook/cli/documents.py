# SPDX-License-Identifier: Apache-2.0
"""Documents in YAML or JSON, as values that JSON can say; ${NAME} in them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from d360webhook.cli import files
from d360webhook.cli.exit import Failure

# The library's limits. A YAML alias that stands for much counts each time: a small file can say petabytes with it.
_DEEPEST = 64
_LARGEST = files.LARGEST

# "$${" is a "${" that is meant.
_NAME = re.compile(r"\$?\$\{([^}]*)(\}?)")
_RIGHT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def name_of(path: str) -> str:
    """What messages call it."""
    return "standard input" if path == "-" else path


def load(path: str) -> Any:
    """The document in a file; "-" is standard input. YAML's values are held to what JSON can say."""
    name = name_of(path)
    try:
        text = files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise Failure(f"{name} is not UTF-8 at byte {failure.start}") from None
    # YAML refuses some JSON (tabs between members), and reads it slowly.
    if path.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        except json.JSONDecodeError as failure:
            if path.endswith(".json"):
                raise Failure(f"{name}:{failure.lineno}: {failure.msg}, column {failure.colno}") from None
        except (ValueError, RecursionError) as failure:
            raise Failure(f"{name}: {_reason(failure)}") from None
    return _Plain(name).value(_yaml(text, name), "", 0)


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"the member {twice!r} stands twice in one object")
    return found


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _reason(failure: Exception) -> str:
    return "nested too deeply" if isinstance(failure, RecursionError) else str(failure)


def _yaml(text: str, name: str) -> Any:
    from d360webhook.cli.yaml_loader import YAMLError, load_yaml

    try:
        return load_yaml(text)
    except YAMLError as failure:
        mark = getattr(failure, "problem_mark", None) or getattr(failure, "context_mark", None)
        place = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(failure, "problem", None) or " ".join(str(failure).split())
        raise Failure(f"{name}{place}: {problem}") from None
    except (ValueError, RecursionError) as failure:  # a date of month 13
        raise Failure(f"{name}: {_reason(failure)}") from None


class _Plain:
    """Copies a document, and refuses what JSON cannot say or the library would not take for its size."""

    def __init__(self, name: str, names: Mapping[str, str] | None = None, place: str = "") -> None:
        self._name, self._names, self._place = name, names, place
        self._size = 0

    def value(self, value: Any, path: str, depth: int) -> Any:
        """A copy; `path` is its JSON Pointer."""
        if depth > _DEEPEST:
            raise Failure(f"{self._name}: nested more than {_DEEPEST} levels deep")
        self._count(4)
        if isinstance(value, str):
            text = value if self._names is None else self._filled(value, path)
            self._count(len(text))
            return text
        if isinstance(value, dict):
            members = ((self._member(name, path), one) for name, one in value.items())
            return {name: self.value(one, f"{path}/{_escaped(name)}", depth + 1) for name, one in members}
        if isinstance(value, list):
            return [self.value(one, f"{path}/{index}", depth + 1) for index, one in enumerate(value)]
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float) and value - value == 0:
            return value
        raise Failure(f"{self._name}: at {path or 'the top'} stands a {type(value).__name__}, which JSON cannot say; quote it")

    def _member(self, name: Any, path: str) -> str:
        if not isinstance(name, str):
            raise Failure(f"{self._name}: the name {name!r} at {path or 'the top'} is no text; quote it")
        self._count(len(name))
        return name

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > _LARGEST:
            raise Failure(f"{self._name} is over {_LARGEST // (1024 * 1024)} MiB, with its aliases spelled out")

    def _filled(self, text: str, path: str) -> str:
        if "${" not in text:
            return text
        return _NAME.sub(lambda match: self._secret(match, path), text)

    def _secret(self, match: re.Match[str], path: str) -> str:
        whole, name, end = match[0], match[1], match[2]
        if whole.startswith("$$"):
            return whole[1:]
        if not end or not _RIGHT_NAME.match(name):
            raise Failure(f"{self._name}: ${{ at {path} has no name and }} after it; write $${{ where ${{ is meant")
        assert self._names is not None
        if name not in self._names:
            raise Failure(f"{self._name}: ${{{name}}} at {path} is not set {self._place}")
        return self._names[name]


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def filled(document: Any, path: str, names: Mapping[str, str], place: str) -> Any:
    """The document with ${NAME} replaced in every text that is a value."""
    return _Plain(name_of(path), names, place).value(document, "", 0)


def literal(text: str) -> str:
    """As a document has to say it, so that filling it in gives this text."""
    return text.replace("${", "$${")
