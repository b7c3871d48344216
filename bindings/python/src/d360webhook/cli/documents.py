# SPDX-License-Identifier: Apache-2.0
"""Documents in YAML or JSON, as values that JSON can represent, with the line of each member; ${NAME} in them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from d360webhook.cli import files, messages
from d360webhook.cli.exit import Failure, wrong_file
from d360webhook.cli.files import name_of as name_of

# The library's limits. The value of a YAML alias counts each time: a small file can spell out petabytes with it.
_DEEPEST = 64
_LARGEST = files.LARGEST

# "$${" is a literal "${".
_NAME = re.compile(r"\$?\$\{([^}]*)(\}?)")
_RIGHT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Source:
    """A document as it was read, and where its members are in the text."""

    def __init__(self, path: str, text: str) -> None:
        self.name = name_of(path)
        self.value: Any = None
        self._text = text

    def wrong(self, message: str, pointer: str = "") -> Failure:
        """Says what is wrong with the member at a JSON Pointer, with file, line and account."""
        from d360webhook.cli import yaml_loader

        line, is_unquoted = yaml_loader.place_of(self._text, _segments(pointer))
        place = f"{self.name}:{line}" if line else self.name
        account = self._account(pointer)
        hint = messages.QUOTE_IT if is_unquoted and message.endswith("must be a string") else ""
        at = f" (at {pointer})" if pointer else ""
        more = {"path": pointer, "file": self.name, "line": line}
        whole = f"{message}{hint}{at}"
        text = f"{place}: {messages.of_account(account, whole) if account else whole}"
        return wrong_file(text, **{name: value for name, value in more.items() if value})

    def _account(self, pointer: str) -> str | None:
        match = re.match(r"/accounts/(\d+)(?:/|\Z)", pointer)
        try:
            name = self.value["accounts"][int(match[1])]["name"] if match else None
        except (LookupError, TypeError):
            return None
        return name if isinstance(name, str) else None

    def filled(self, names: Mapping[str, str], place: str, pointer: str = "", value: Any = None) -> Any:
        """The document, or the `value` at `pointer`, with ${NAME} replaced in every text that is a value."""
        return _Copy(self, names, place).value(value if pointer else self.value, pointer, 0)

    def members(self) -> dict[str, Any]:
        """The object that the document is."""
        if not isinstance(self.value, dict):
            raise self.wrong(messages.NOT_AN_OBJECT)
        return self.value

    def text_of(self, name: str, value: Any) -> str:
        """A member's value, which has to be text."""
        if not isinstance(value, str):
            raise self.wrong(messages.value_not_a_string(name), f"/{_escaped(name)}")
        return value


def load(path: str) -> Any:
    """The value of the document in a file; "-" is standard input."""
    return read(path).value


def read(path: str) -> Source:
    """The document in a file; "-" is standard input."""
    return parse(path, files.read_text(path))


def parse(path: str, text: str) -> Source:
    """The document of a text. The values of YAML are restricted to what JSON can represent."""
    source = Source(path, text)
    # YAML does not allow some JSON (tabs between members), and it is read slowly.
    if path.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        try:
            source.value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
            return source
        except json.JSONDecodeError as failure:
            if path.endswith(".json"):
                raise wrong_file(f"{source.name}:{failure.lineno}: {messages.not_json(failure.msg, failure.colno)}") from None
        except (ValueError, RecursionError) as failure:
            raise wrong_file(f"{source.name}: {_reason(failure)}") from None
    source.value = _Copy(source).value(_yaml(text, source.name), "", 0)
    return source


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(messages.member_twice(twice))
    return found


def _refuse_constant(text: str) -> None:
    raise ValueError(messages.not_a_number(text))


def _reason(failure: Exception) -> str:
    return messages.NESTED_TOO_DEEPLY if isinstance(failure, RecursionError) else str(failure)


def _yaml(text: str, name: str) -> Any:
    from d360webhook.cli.yaml_loader import YAMLError, load_yaml

    try:
        return load_yaml(text)
    except YAMLError as failure:
        mark = getattr(failure, "problem_mark", None) or getattr(failure, "context_mark", None)
        place = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(failure, "problem", None) or " ".join(str(failure).split())
        raise wrong_file(f"{name}{place}: {problem}") from None
    except (ValueError, RecursionError) as failure:  # a date of month 13
        raise wrong_file(f"{name}: {_reason(failure)}") from None


class _Copy:
    """Copies a document. It rejects what JSON cannot represent, and what is too large for the library."""

    def __init__(self, source: Source, names: Mapping[str, str] | None = None, place: str = "") -> None:
        self._source, self._names, self._place = source, names, place
        self._size = 0

    def value(self, value: Any, path: str, depth: int) -> Any:
        """A copy; `path` is its JSON Pointer."""
        if depth > _DEEPEST:
            raise wrong_file(f"{self._source.name}: {messages.nested_deeper_than(_DEEPEST)}")
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
        raise self._source.wrong(messages.not_for_json(value), path)

    def _member(self, name: Any, path: str) -> str:
        if not isinstance(name, str):
            raise self._source.wrong(messages.member_name_not_a_string(name), path)
        self._count(len(name))
        return name

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > _LARGEST:
            raise wrong_file(messages.too_large_with_aliases(self._source.name, _LARGEST))

    def _filled(self, text: str, path: str) -> str:
        if "${" not in text:
            return text
        return _NAME.sub(lambda match: self._secret(match, path), text)

    def _secret(self, match: re.Match[str], path: str) -> str:
        whole, name, end = match[0], match[1], match[2]
        if whole.startswith("$$"):
            return whole[1:]
        if not end or not _RIGHT_NAME.match(name):
            raise self._source.wrong(messages.BRACE_WITHOUT_NAME, path)
        assert self._names is not None
        if name not in self._names:
            raise self._source.wrong(messages.not_set(name, self._place), path)
        return files.without_line_end(self._names[name])


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _segments(pointer: str) -> list[str]:
    return [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]


def filled(document: Any, path: str, names: Mapping[str, str], place: str) -> Any:
    """The document with ${NAME} replaced in every text that is a value."""
    source = Source(path, "")
    source.value = document
    return source.filled(names, place)


def literal(text: str) -> str:
    """The text as a document has to write it, so that filling it in gives this text."""
    return text.replace("${", "$${")
