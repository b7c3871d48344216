# SPDX-License-Identifier: Apache-2.0
"""The program: its commands, its errors, its exit status."""

import io
import os
import sys
from collections.abc import Mapping, Sequence

import click

from d360webhook import D360Error
from d360webhook.cli import PROGRAM, exit, messages, output, versions
from d360webhook.cli.commands import Group, option
from d360webhook.cli.help import about
from d360webhook.cli.session import Session
from d360webhook.cli.text import plain, typed

COMPLETION = "_D360_WEBHOOK_COMPLETE"
FAMILIES = ("customer", "multi", "waba", "channel", "fleet", "service", "validate", "signature", "serve", "completion")


def _print_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        output.line(versions())
        context.exit()


@click.group(cls=Group, elsewhere=FAMILIES, context_settings={"help_option_names": ["-h", "--help"]}, **about(""))
@option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version)
def cli() -> None:
    """The root of all commands."""


def run(arguments: Sequence[str]) -> int:
    """Runs a command and returns its exit status. Every error ends here, as one line or one JSON document on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
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
        session.json = session.json or "--json" in arguments  # it may follow the wrong argument
        command = getattr(wrong, "ctx", None)
        path = command.command_path if command is not None else PROGRAM
        return _refused(exit.usage(messages.see_help(wrong.format_message(), path)), session)
    except BrokenPipeError:  # under a help text, which click prints
        output.abandon(sys.stdout)
        return exit.DONE
    except ModuleNotFoundError as missing:
        return _refused(exit.Failure(messages.extra_missing(missing.name)), session)
    except ImportError as missing:  # the library, which the binding loads when it is first needed
        return _refused(exit.Failure(str(missing)), session)
    except OSError as failed:  # a full disk behind standard output
        return _refused(exit.Failure(messages.output_failed(failed.filename, failed.strerror or failed)), session)


def _refused(failure: exit.Failure, session: Session) -> int:
    _say(failure.message, failure.document, session)
    return failure.status


def _failed(error: Mapping[str, object], session: Session) -> int:
    place = f" at {error['path']}" if error.get("path") else ""
    outcome = messages.OUTCOME_UNKNOWN if error.get("outcome") == "unknown" else ""
    _say(f"{typed(str(error.get('message')))}{outcome} ({error.get('status')}{place})", error, session)
    return exit.status_of(error)


def _interrupted(interrupt: BaseException, session: Session) -> int:
    cause = interrupt.__cause__
    if isinstance(cause, D360Error):
        outcome = {"unknown": messages.OUTCOME_UNKNOWN, "applied": messages.WAS_APPLIED}.get(cause.outcome, "")
        _say(f"{messages.INTERRUPTED}{outcome}", cause.document, session)
    else:
        output.line(f"{PROGRAM}: {messages.INTERRUPTED}", to_errors=True)
    return exit.INTERRUPTED


def _say(message: str, error: Mapping[str, object], session: Session) -> None:
    if session.json:
        output.document({"error": error}, to_errors=True)
    else:
        output.line(f"{PROGRAM}: {plain(message)}", to_errors=True)


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(cli, {}, PROGRAM, COMPLETION, instruction)
