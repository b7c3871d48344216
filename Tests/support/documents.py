"""The fenced blocks of a document in Markdown."""

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.M | re.S)


@dataclass
class Block:
    language: str
    text: str
    line: int = 0
    """Of its first fence, counted from 1."""

    @property
    def is_daemon(self) -> bool:
        """Whether it ends in a daemon that goes on in its terminal."""
        last = self.text.replace("\\\n", " ").splitlines()[-1]
        return self.language == "sh" and last.startswith("d360-webhookd ") and not last.endswith("&")

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Of a console: what is typed after each `$ `, and what stands below it."""
        parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", self.text, flags=re.M)
        assert parts[0] == "", parts[0]
        return list(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str) -> list[Block]:
    """In the order of the text."""
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 1) for found in _FENCE.finditer(text)]


def sections(path: Path) -> dict[str, list[Block]]:
    """The blocks under each heading."""
    parts = re.split(r"^## (.*)\n", path.read_text(), flags=re.M)
    return {title: blocks(text) for title, text in zip(parts[1::2], parts[2::2], strict=True)}
