# SPDX-License-Identifier: Apache-2.0
"""Commands with examples in their help, and with the options that every command takes."""

from importlib import import_module
from typing import Any

import click

from d360webhook.cli.session import Session


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.find_object(Session)
    if session is None or parameter.name is None or not value:
        return
    if parameter.name == "verbose":
        value += session.verbose
    setattr(session, parameter.name, value)


def common_options(hidden: bool) -> list[click.Parameter]:
    """They stand before the command, and may as well stand behind it, where its help does not repeat them."""
    common: dict[str, Any] = {"expose_value": False, "callback": _store, "hidden": hidden, "is_eager": True}
    return [
        click.Option(
            ["--service"], metavar="URL", **common,
            help="The service: https://…, or an embedded one, sqlite:PATH. Else D360_SERVICE, else the real one.",
        ),
        click.Option(
            ["--api-key-file"], metavar="FILE", **common,
            help="A file with the phone number's API key. Else it is taken from D360_API_KEY.",
        ),
        click.Option(
            ["--timeout"], metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), **common,
            help="How long one operation may take, retries included. 30 by default.",
        ),
        click.Option(
            ["--url-policy"], type=click.Choice(["cloud", "local", "none"]), **common,
            help="Which webhook URLs are right: the real service's rules (cloud), http and IP addresses too (local), any (none).",
        ),
        click.Option(["--json"], is_flag=True, **common, help="Print the library's own JSON, errors too."),
        click.Option(["-v", "--verbose"], count=True, **common, help="Say on standard error what happens; -vv more, -vvv all."),
    ]  # fmt: skip


class Command(click.Command):
    """A command whose help ends with examples."""

    takes_common_options = True

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = examples
        if self.takes_common_options:
            self.params.extend(common_options(hidden=True))

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        write_examples(self.examples, formatter)


class Group(click.Group):
    """A family of commands; those in `elsewhere`, names and modules, are imported when they are asked for."""

    command_class = Command

    def __init__(
        self, *arguments: Any, examples: tuple[str, ...] = (), elsewhere: tuple[str, ...] = (), **attributes: Any
    ) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = examples
        self.elsewhere = elsewhere
        self.no_args_is_help = False
        self.params.extend(common_options(hidden=not elsewhere))

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order of the manual."""
        return [*self.elsewhere, *self.commands]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imported now, where it is elsewhere."""
        if name in self.elsewhere:
            command: click.Command = import_module(f"d360webhook.cli.{name}").command
            return command
        return super().get_command(context, name)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        write_examples(self.examples, formatter)


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


HEADER_HELP = (
    "A header that the service sends along: NAME=@FILE takes its value from a file, NAME=env:VARIABLE from the environment. "
    "NAME=VALUE is possible, but every user of this machine can read it in the list of processes, and your shell keeps it."
)


def header_option(function: Any) -> Any:
    """--header, as often as there are headers."""
    return click.option("--header", "headers", metavar="HEADER", multiple=True, help=HEADER_HELP)(function)
