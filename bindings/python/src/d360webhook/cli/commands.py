# SPDX-License-Identifier: Apache-2.0
"""Commands with examples in their help, and with the options that every command takes."""

import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from textwrap import wrap
from typing import Any

import click
from click.shell_completion import CompletionItem, split_arg_string

from d360webhook.cli import PROGRAM, messages, output
from d360webhook.cli.help import ENVIRONMENT, OPTIONS
from d360webhook.cli.session import Session

FILE = click.Path(allow_dash=True)


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.find_object(Session)
    if session is None or parameter.name is None or not value:
        return
    if parameter.name == "verbose":
        value += session.verbose
    setattr(session, parameter.name, value)


class CommonOption(click.Option):
    """An option of every command. Shells complete it everywhere; only the pages that list it explain it."""

    def __init__(self, name: str, *, is_listed: bool, **attributes: Any) -> None:
        names = ["-v", name] if name == "--verbose" else [name]
        super().__init__(names, help=OPTIONS[name], expose_value=False, callback=_store, is_eager=True, **attributes)
        self.is_listed = is_listed

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Its line on a help page, if it is listed there."""
        return super().get_help_record(ctx) if self.is_listed else None


_COMMON: dict[str, dict[str, Any]] = {
    "--service": {"metavar": "URL"},
    "--api-key-file": {"metavar": "FILE", "type": FILE},
    "--fleet": {"metavar": "FILE", "type": FILE},
    "--account": {"metavar": "NAME", "shell_complete": lambda *given: account_names(*given)},
    "--secrets": {"metavar": "FILE", "type": FILE},
    "--timeout": {"metavar": "SECONDS", "type": click.FloatRange(0.001, 86_400)},
    "--url-policy": {"type": click.Choice(["cloud", "local", "none"])},
    "--ca-file": {"metavar": "PEM", "type": FILE},
    "--proxy": {"metavar": "URL"},
    "--insecure-http": {"is_flag": True},
    "--json": {"is_flag": True},
    "--verbose": {"count": True},
}


def common_option(name: str, *, is_listed: bool) -> click.Option:
    """One of the options that every command takes."""
    return CommonOption(name, is_listed=is_listed, **_COMMON[name])


def option(*names: str, of: str = "", **attributes: Any) -> Callable[[Any], Any]:
    """An option with its text from help.py; `of`: the command that has a text of its own for it."""
    key = f"{of} {names[0]}".strip()
    return click.option(*names, help=OPTIONS[key], **attributes)


def file_option(*names: str, of: str = "", **attributes: Any) -> Callable[[Any], Any]:
    """An option that names a file."""
    return option(*names, of=of, **{"metavar": "FILE", "type": FILE, **attributes})


def header_option(of: str = "") -> Callable[[Any], Any]:
    """--header, repeatable."""
    return option("--header", "headers", of=of, metavar="HEADER", multiple=True)


def yes_option() -> Callable[[Any], Any]:
    """--yes."""
    return option("--yes", "-y", is_flag=True)


def together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one, in this order."""

    def decorate(function: Any) -> Any:
        for one in reversed(options):
            function = one(function)
        return function

    return decorate


def account_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of accounts in the documents on the command line, for the shell's completion.

    They are looked for among its words: click parses nothing more once the option to complete has no value yet.
    """
    from d360webhook.cli import documents, exit

    found: list[CompletionItem] = []
    for word in filter(os.path.isfile, split_arg_string(os.environ.get("COMP_WORDS", ""))):
        try:
            names = [account["name"] for account in documents.load(word)["accounts"]]
        except (exit.Failure, LookupError, TypeError):
            continue
        found += [CompletionItem(name) for name in names if isinstance(name, str) and name.startswith(incomplete)]
    return found


class _Documented:
    """The end of a help page: the common options, the environment, examples."""

    params: list[click.Parameter]
    examples: tuple[str, ...]
    takes_common_options = True
    is_root = False

    def _finish(self, examples: tuple[str, ...], *, is_root: bool) -> None:
        self.examples, self.is_root = examples, is_root
        own = {name for parameter in self.params for name in parameter.opts}
        if self.takes_common_options:
            self.params.extend(common_option(name, is_listed=is_root) for name in _COMMON if name not in own)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Written after the options."""
        if self.is_root:
            with formatter.section("Environment"):
                formatter.write_dl(list(ENVIRONMENT.items()))
        else:
            with formatter.section(f"Explained by {PROGRAM} --help"):
                _write_words([*_COMMON] if self.takes_common_options else [], formatter)
                _write_words([*ENVIRONMENT], formatter)
        write_examples(self.examples, formatter)


class Command(_Documented, click.Command):
    """A command with examples at the end of its help."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._finish(examples, is_root=False)


class OptionalSeconds(Command):
    """A command that takes --wait without a number."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """With the default filled in if no number follows --wait."""
        from d360webhook.cli.help import WAIT_SECONDS

        for place, argument in enumerate(args):
            if argument == "--":
                break
            if argument == "--wait" and not _is_number(args[place + 1 : place + 2]):
                args[place] = f"--wait={WAIT_SECONDS}"
        return super().parse_args(ctx, args)


def _is_number(words: Sequence[str]) -> bool:
    return bool(words) and words[0].replace(".", "", 1).isdecimal()


def wait_option(of: str) -> Callable[[Any], Any]:
    """--wait [SECONDS], of an OptionalSeconds command."""
    return option("--wait", of=of, metavar="[SECONDS]", type=click.FloatRange(0, 86_400))


class Group(_Documented, click.Group):
    """A family of commands. Those in `elsewhere` are modules, imported when they are needed."""

    command_class = Command

    def __init__(
        self, *arguments: Any, examples: tuple[str, ...] = (), elsewhere: tuple[str, ...] = (), **attributes: Any
    ) -> None:
        super().__init__(*arguments, **attributes)
        # Without a command it prints its help. What click does by itself has another status in each version.
        self.invoke_without_command, self.no_args_is_help = True, False
        self.elsewhere = elsewhere
        self._finish(examples, is_root=bool(elsewhere))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the manual."""
        return [*self.elsewhere, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; its module is imported now."""
        if cmd_name in self.elsewhere:
            command: click.Command = import_module(f"d360webhook.cli.{cmd_name}").command
            return command
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first argument, or an error that suggests the nearest."""
        name = args[0]
        if not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            near = get_close_matches(name, self.list_commands(ctx), n=1)
            raise click.UsageError(messages.no_such_command(name, near), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command, or prints the help if there is none."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            output.paged(ctx.get_help() + "\n")
        return result


def _write_words(words: Sequence[str], formatter: click.HelpFormatter) -> None:
    """A list that is wrapped between the words only."""
    indent = " " * formatter.current_indent
    for row in wrap(", ".join(words), formatter.width - formatter.current_indent, break_on_hyphens=False):
        formatter.write(f"{indent}{row}\n")


def write_examples(examples: tuple[str, ...], formatter: click.HelpFormatter) -> None:
    """Commands as they are typed, never wrapped."""
    if not examples:
        return
    formatter.write_paragraph()
    formatter.write_text("Example:" if len(examples) == 1 else "Examples:")
    for example in examples:
        continued = False
        for row in example.splitlines():
            formatter.write(f"  {'    ' if continued else '$ '}{row}\n")
            continued = row.endswith("\\")
