# SPDX-License-Identifier: Apache-2.0
"""The program: its commands, its errors, its end."""

import os
import sys
from collections.abc import Sequence

import click

from d360webhook import D360Error
from d360webhook.cli import PROGRAM, exit, output, versions
from d360webhook.cli.commands import Group
from d360webhook.cli.session import Session
from d360webhook.cli.text import plain

COMPLETION = "_D360_WEBHOOK_COMPLETE"
FAMILIES = ("customer", "multi", "waba", "channel", "fleet", "validate", "signature", "serve", "completion")


def _print_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        output.line(versions())
        context.exit()


@click.group(
    cls=Group,
    elsewhere=FAMILIES,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        "export D360_API_KEY=…\nd360-webhook customer set https://hooks.example.com/main",
        "d360-webhook --service sqlite:webhooks.db --json multi get",
    ),
)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the versions.")
def cli() -> None:
    """Where 360dialog sends the events of WhatsApp numbers: read it, set it, check it.

    An event goes to the phone number's own webhook (customer), else to that of its WhatsApp Business Account (waba), else it
    is lost. Destinations (multi) get a copy of it.

    Options of this list may stand before the command or behind it. Secrets are never arguments.
    """


def run(arguments: Sequence[str]) -> int:
    """The exit status. Everything that goes wrong ends here, as one line or one JSON document on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if COMPLETION in os.environ:
        return _complete(os.environ[COMPLETION])
    session = Session()
    try:
        with cli.make_context(PROGRAM, list(arguments), obj=session) as context:
            status = cli.invoke(context)
        return status if isinstance(status, int) else exit.DONE
    except click.exceptions.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, click.Abort) as interrupt:
        return _interrupted(interrupt, session)
    except D360Error as error:
        return _failed(error.document, session)
    except exit.Failure as failure:
        return _refused(failure, session)
    except click.ClickException as wrong:
        session.json = session.json or "--json" in arguments  # it may stand behind what is wrong
        command = getattr(wrong, "ctx", None)
        path = command.command_path if command is not None else PROGRAM
        return _refused(exit.usage(f"{wrong.format_message().rstrip('.')}; see {path} --help"), session)
    except BrokenPipeError:  # under a help text, which click prints
        output.abandon(sys.stdout)
        return exit.DONE
    except OSError as failed:  # a full disk behind standard output
        return _refused(exit.Failure(f"{failed.filename or 'cannot write'}: {failed.strerror or failed}"), session)


def _refused(failure: exit.Failure, session: Session) -> int:
    _say(failure.message, failure.document, session)
    return failure.status


def _failed(error: dict[str, object], session: Session) -> int:
    place = f" at {error['path']}" if error.get("path") else ""
    outcome = "; whether it was applied is unknown" if error.get("outcome") == "unknown" else ""
    _say(f"{error.get('message')}{outcome} ({error.get('status')}{place})", error, session)
    return exit.status_of(error)


def _interrupted(interrupt: BaseException, session: Session) -> int:
    cause = interrupt.__cause__
    if isinstance(cause, D360Error):
        outcome = {"unknown": "; whether it was applied is unknown", "applied": "; it was applied"}.get(cause.outcome, "")
        _say(f"interrupted{outcome}", cause.document, session)
    else:
        output.line(f"{PROGRAM}: interrupted", to_errors=True)
    return exit.INTERRUPTED


def _say(message: str, error: dict[str, object], session: Session) -> None:
    if session.json:
        output.document({"error": error}, to_errors=True)
    else:
        output.line(f"{PROGRAM}: {plain(message)}", to_errors=True)


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(cli, {}, PROGRAM, COMPLETION, instruction)
