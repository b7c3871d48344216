"""The directive c-header makes the C reference of the header: sections from its CONTENTS, texts from its comments.

Names of the header in `code` on any page lead to the reference.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from plain_text import to_rst
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

HEADER = Path(__file__).resolve().parents[2] / "include" / "d360webhook.h"
_COMMENT = r"/\*(?P<comment>(?:(?!\*/)[\s\S])*)\*/\n"
_FUNCTION = re.compile(_COMMENT + r"(?P<declaration>[^;/{#]*?\b(?P<name>d360_\w+)\([^;{]*\));")
_CALLBACK = re.compile(_COMMENT + r"typedef (?P<declaration>\w+ \(\*(?P<name>\w+)\)\([^;]*\));")
_HANDLE = re.compile(_COMMENT + r"typedef struct \w+ (?P<declaration>(?P<name>\w+));")
_ENUMERATION = re.compile(_COMMENT + r"typedef (?P<declaration>int32_t (?P<name>\w+));\nenum \{\n(?P<members>[^}]*)\};")
_MEMBER = re.compile(r"(D360_\w+) += (\d+),? +/\* (.*?) \*/")


def text_of(comment: str) -> str:
    return "\n".join(re.sub(r"^ ?\*? ?", "", line.rstrip()) for line in comment.splitlines()).strip("\n")


def top() -> tuple[str, str, str]:
    """The comment at the top: its contents, its conventions, its first program."""
    text = text_of(HEADER.read_text().partition("/*")[2].partition("*/")[0])
    contents, _, rest = text.partition("CONTENTS\n")[2].partition("CONVENTIONS, for every function\n")
    conventions, _, program = rest.partition("A first program:\n")
    return contents, conventions, program


def sections(contents: str) -> dict[str, list[str]]:
    """The titles of CONTENTS with their functions. A name that begins with _ has the start of the one before it."""
    declared = names()
    found: dict[str, list[str]] = {}
    for title, listed in re.findall(r"^ *(\w.*?) \.+ (.*)$", contents, re.M):
        found[title] = []
        for name in listed.split(", "):
            if name.startswith("_"):
                before = found[title][-1]
                name = next(before[:end] + name for end in range(len(before), 0, -1) if before[:end] + name in declared)
            found[title].append(name)
    return found


def names() -> set[str]:
    return set(re.findall(r"\bd360_\w+(?=\()|\bD360_[A-Z_]+(?= +=)", HEADER.read_text()))


def reference() -> str:
    """The whole as reStructuredText."""
    header = HEADER.read_text()
    contents, conventions, program = top()
    lines = _titled("Conventions", _conventions(conventions))
    lines += _titled("A first program", _code("c", program))
    lines += ["Statuses and outcomes", "-" * 21, ""]
    for one in _ENUMERATION.finditer(header):
        lines += _described("type", one)
        for name, value, comment in _MEMBER.findall(one["members"]):
            lines += [f".. c:macro:: {name}", "", *_indented(to_rst(f"{value}: {comment}"))]
    for title, pattern in (("The client", _HANDLE), ("Callbacks", _CALLBACK)):
        lines += _titled(title, [line for one in pattern.finditer(header) for line in _described("type", one)])
    functions = {one["name"]: one for one in _FUNCTION.finditer(header)}
    fleets = text_of(header.partition(" * FLEETS\n")[2].partition("*/")[0])
    for title, listed in sections(contents).items():
        body = to_rst(fleets) if title == "Fleets" else []
        lines += _titled(title, body + [line for name in listed for line in _described("function", functions.pop(name))])
    assert not functions, f"CONTENTS of the header lacks {', '.join(functions)}"
    return "\n".join(lines)


def _titled(title: str, body: list[str]) -> list[str]:
    return [title, "-" * len(title), "", *body, ""]


def _conventions(text: str) -> list[str]:
    """Each is a word and its text in a column. A part that is indented further is kept as it is."""
    lines: list[str] = []
    for part in re.split(r"\n\n(?=\w)", text.strip("\n")):
        first, *more = part.splitlines()
        title = first.split()[0]
        column = len(first) - len(first.removeprefix(title).lstrip())
        rest = [line[column:] if line[:column].isspace() else line for line in more]
        lines += [f"**{title}**", "", *to_rst("\n".join([first[column:], *rest]))]
    return lines


def _described(kind: str, found: re.Match[str]) -> list[str]:
    return [f".. c:{kind}:: {' '.join(found['declaration'].split())}", "", *_indented(to_rst(text_of(found["comment"])))]


def _code(language: str, text: str) -> list[str]:
    return [f".. code-block:: {language}", "", *_indented(text.strip("\n").splitlines())]


def _indented(lines: list[str]) -> list[str]:
    return [*(f"   {line}" for line in lines), ""]


class CHeader(SphinxDirective):
    has_content = False

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(HEADER))
        return list(self.parse_text_to_nodes(reference(), allow_section_headings=True))


def link_names(app: Sphinx, doctree: nodes.document) -> None:
    known = names()
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext().removesuffix("()")
        if name not in known or isinstance(literal.parent, (nodes.reference, addnodes.pending_xref, addnodes.desc_signature)):
            continue
        kind = "macro" if name.startswith("D360") else "func"
        link = addnodes.pending_xref(
            "",
            refdomain="c",
            reftype=kind,
            reftarget=name,
            refexplicit=True,
            refwarn=True,
            refdoc=app.env.current_document.docname,
        )
        literal.replace_self(link)
        link += literal


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("c-header", CHeader)
    app.connect("doctree-read", link_names)
    return {"parallel_read_safe": True}
