"""Help, manual pages, completion: made from the same texts."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from d360webhook.cli import PROGRAM
from d360webhook.cli.commands import CommonOption
from d360webhook.cli.help import ENVIRONMENT
from d360webhook.cli.main import cli

from .program import Program


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[list[str], click.Command]]:
    """Every command with the words that call it."""
    yield context.command_path.split()[1:], command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            assert member is not None
            yield from commands(member, click.Context(member, info_name=name, parent=context))


TOP = Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "scripts"))
import manual  # noqa: E402

COMMANDS = list(commands(cli, click.Context(cli, info_name=PROGRAM)))


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) or PROGRAM for words, _ in COMMANDS])
def test_every_command_has_a_help_with_an_example(words: list[str], command: click.Command) -> None:
    context = click.Context(command, info_name=" ".join([PROGRAM, *words]))
    text = command.get_help(context)
    assert "Example" in text and f"{PROGRAM} " in text.split("Example", 1)[1]
    assert all(option.help for option in command.params if isinstance(option, click.Option) and not option.hidden)
    assert not any(line.endswith("...") for line in text.partition("Commands:")[2].splitlines()), text
    assert all(variable in text for names in ENVIRONMENT for variable in names.split(", "))
    if words != ["serve"]:
        assert all(name in text for name in ("--service", "--api-key-file", "--fleet", "--json", "--ca-file", "--insecure-http"))


def test_the_manual_pages_are_sound_and_show_what_the_help_shows(tmp_path: Path) -> None:
    manual.write(tmp_path)
    pages = sorted(tmp_path.iterdir())
    context = click.Context(cli, info_name=PROGRAM)
    assert [page.name for page in pages] == sorted([f"{PROGRAM}.1", *(f"{PROGRAM}-{n}.1" for n in cli.list_commands(context))])
    checked = subprocess.run(["mandoc", "-Tlint", *pages], capture_output=True, text=True)
    # The foot of a page says the version.
    fine = ("referenced manual not found", "operating system explicitly specified: Os libd360webhook")
    assert [line for line in (checked.stdout + checked.stderr).splitlines() if not any(one in line for one in fine)] == []
    shown = subprocess.run(["mandoc", "-Tutf8", "-Owidth=300", *pages], capture_output=True, text=True, check=True).stdout
    while "\b" in shown:
        at = shown.index("\b")
        shown = shown[: at - 1] + shown[at + 1 :]
    together = " ".join(shown.split())
    for _, command in COMMANDS:
        for option in command.params:
            if isinstance(option, click.Option) and (not isinstance(option, CommonOption) or option.is_listed):
                assert " ".join((option.help or "").split()) in together
        assert all(" ".join(example.split()) in together for example in getattr(command, "examples", ()))


def test_the_pages_that_make_installs_are_these(tmp_path: Path) -> None:
    """Only their date, that of their making, may differ; `make manual` writes them anew."""

    def texts(folder: Path) -> dict[str, str]:
        return {page.name: re.sub(r"^\.Dd .*", ".Dd", page.read_text(), flags=re.M) for page in folder.iterdir()}

    manual.write(tmp_path)
    assert texts(TOP / "docs" / "man") == texts(tmp_path)


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_the_completion_that_make_installs_is_the_one_that_is_printed(run: Program, shell: str) -> None:
    kept = TOP / "packaging" / "completion" / f"d360-webhook.{shell}"
    assert kept.read_text() == run("completion", shell).output
