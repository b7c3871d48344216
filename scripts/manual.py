# SPDX-License-Identifier: Apache-2.0
"""python3 scripts/manual.py FOLDER: writes the manual pages of d360-webhook, in mdoc, from the texts that --help shows."""

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap

import click

from d360webhook import __version__
from d360webhook.cli import PROGRAM, exit
from d360webhook.cli.commands import CommonOption
from d360webhook.cli.help import ENVIRONMENT
from d360webhook.cli.main import cli

_SENTENCE = re.compile(r"(?<=[.:]) (?=[A-Z])")


def pages() -> Iterator[tuple[str, str]]:
    """File names and texts: one page for the program, one for each of its commands."""
    root = click.Context(cli, info_name=PROGRAM)
    names = cli.list_commands(root)
    yield f"{PROGRAM}.1", _page(cli, root, sorted(f"{PROGRAM}-{name}" for name in names))
    for name in names:
        command = cli.get_command(root, name)
        assert command is not None
        page = _page(command, click.Context(command, info_name=name, parent=root), [PROGRAM])
        yield f"{PROGRAM}-{name}.1", page


def _page(command: click.Command, context: click.Context, related: Sequence[str]) -> str:
    name = context.command_path.replace(" ", "-")
    members = _members(command, context)
    first, rest = _help(command)
    rows = [
        '.\\" SPDX-License-Identifier: Apache-2.0', f".Dd {_date()}", f".Dt {name.upper()} 1",
        f'.Os "libd360webhook {__version__}"', ".Sh NAME", f".Nm {name}",
        f".Nd {_roff(first[:1].lower() + first[1:].rstrip('.'))}",
        ".Sh SYNOPSIS",
    ]  # fmt: skip
    for one, inside in members or [(command, context)]:
        rows += [_synopsis(one, inside)]
    rows += [".Sh DESCRIPTION", *_sentences(first), *_paragraphs(rest)]
    if context.parent is None:
        rows += [".Pp", "The commands are, each with a page of its own:", ".Bl -tag -width completion -compact"]
        for one, inside in members:
            rows += [f".It Cm {inside.info_name}", *_sentences(_help(one)[0])]
        rows += [".El", *_options(command, context)]
    elif members:
        for one, inside in members:
            about, more = _help(one)
            rows += [f".Ss {inside.command_path}", *_sentences(about), *_paragraphs(more), *_options(one, inside)]
    else:
        rows += _options(command, context)
    if context.parent is not None:
        rows += _common_options(command)
    rows += [*_environment(), *_exit_status(), *_examples([command, *(one for one, _ in members if context.parent is not None)])]
    links = [f".Xr {page} 1" for page in related] + [".Xr d360-webhookd 8"]
    return "\n".join([*rows, ".Sh SEE ALSO", *(f"{link} ," for link in links[:-1]), links[-1]]) + "\n"


def _members(command: click.Command, context: click.Context) -> list[tuple[click.Command, click.Context]]:
    if not isinstance(command, click.Group):
        return []
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return [(one, click.Context(one, info_name=name, parent=context)) for name, one in found if one is not None]


def _help(command: click.Command) -> tuple[str, list[str]]:
    paragraphs = [" ".join(part.split()) for part in (command.help or "").replace("\b", "").split("\n\n")]
    return paragraphs[0], [part for part in paragraphs[1:] if part]


def _date() -> str:
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
    return time.strftime("%B %d, %Y", moment).replace(" 0", " ")


def _roff(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def _sentences(text: str) -> list[str]:
    parts = (wrap(sentence, 72, break_long_words=False, break_on_hyphens=False) for sentence in _SENTENCE.split(text))
    return [_roff(row) for rows in parts for row in rows]


def _paragraphs(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield ".Pp"
        yield from _sentences(paragraph)


def _synopsis(command: click.Command, context: click.Context) -> str:
    words = " ".join(command.collect_usage_pieces(context))
    return f".Nm {_roff(context.command_path)}\n{_roff(words)}"


def _options(command: click.Command, context: click.Context) -> list[str]:
    records = [option.get_help_record(context) for option in command.params if isinstance(option, click.Option)]
    told = [record for record in records if record is not None]
    rows = [".Pp", "The options are:", ".Bl -tag -width Ds"]
    for names, text in told:
        rows += [f".It {_roff(names)}", *_sentences(text.replace("  [", " ["))]
    return [*rows, ".El"] if told else []


def _common_options(command: click.Command) -> Iterator[str]:
    names = [option.opts[-1] for option in command.params if isinstance(option, CommonOption)]
    if names:
        yield from (".Pp", "Every command also takes")
        yield from (f".Fl {name[1:]} ," for name in names[:-1])
        yield from (f".Fl {names[-1][1:]} ;", f".Xr {PROGRAM} 1 explains them.")


def _environment() -> Iterator[str]:
    yield from (".Sh ENVIRONMENT", ".Bl -tag -width D360_WEBHOOKD")
    for name, text in ENVIRONMENT.items():
        yield f".It Ev {name.replace(', ', ' , ')}"
        yield from _sentences(text)
    yield ".El"


def _exit_status() -> Iterator[str]:
    yield from (".Sh EXIT STATUS", ".Bl -tag -width 130 -compact")
    for status, meaning in exit.MEANINGS.items():
        yield f".It {status}"
        yield _roff(meaning[:1].upper() + meaning[1:] + ".")
    yield ".El"
    yield "If several fit, the first of 130, 77, 3, 75 and 1."


def _examples(commands: Sequence[click.Command]) -> Iterator[str]:
    examples = dict.fromkeys(example for command in commands for example in getattr(command, "examples", ()))
    yield from (".Sh EXAMPLES", ".Bd -literal -offset indent")
    for example in examples:
        yield from map(_roff, example.splitlines())
    yield ".Ed"


def write(folder: Path) -> None:
    """Writes every page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: scripts/manual FOLDER")
    write(Path(sys.argv[1]))
