"""Finds the examples in documents: programs, the commands that build and run them, and what they print."""

import re
from dataclasses import dataclass
from pathlib import Path

from support.documents import blocks


@dataclass
class Example:
    language: str
    code: str
    line: int
    command: str | None = None
    output: str | None = None


def in_markdown(path: Path) -> list[Example]:
    """Blocks of C and Python. A block of `sh` and one of `output` that follow, each at most once, belong to the last of them.

    Commands by themselves, and what they print, are left out.
    """
    examples: list[Example] = []
    is_command = False
    for block in blocks(path.read_text() if path.exists() else ""):
        if block.language in ("c", "python"):
            examples.append(Example(block.language, block.text, block.line))
            is_command = False
        elif block.language == "output" and is_command:
            is_command = False
        elif block.language == "output":
            assert examples and examples[-1].output is None, f"{path.name}:{block.line}: the output of what?"
            examples[-1].output = block.text
        elif block.language == "sh" and examples and examples[-1].output is None:
            examples[-1].command = block.text
        elif block.language == "sh":
            is_command = True
    return examples


def in_header(path: Path) -> Example:
    """The program under "A first program:", the command that builds and runs it, and what it prints."""
    text = path.read_text()
    comment = re.search(r"A first program:\n(.*?)\*/", text, flags=re.S)
    assert comment, f"{path.name} shows no first program"
    lines = [re.sub(r"^ \* {0,3}", "", line) for line in comment[1].splitlines()]
    command = next(index for index, line in enumerate(lines) if line.startswith("cc "))
    output = "\n".join(lines[command + 1 :]).strip() + "\n"
    line = text.count("\n", 0, comment.start()) + 1
    return Example("c", "\n".join(lines[:command]), line, lines[command], output)
