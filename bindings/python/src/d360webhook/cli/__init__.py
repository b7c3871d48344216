# SPDX-License-Identifier: Apache-2.0
"""The command line d360-webhook, on the public binding alone. Needs the extra: pip install 'd360webhook[cli]'."""

import sys

PROGRAM = "d360-webhook"


def versions() -> str:
    """The program's version and the library's."""
    from d360webhook import __version__, version

    return f"{PROGRAM} {__version__} (libd360webhook {version()})"


def main() -> None:
    """Runs the arguments of the command line and exits with their status."""
    if sys.argv[1:] == ["--version"]:
        # Without click, which takes as long to import as all the rest.
        from d360webhook.cli import output

        try:
            output.line(versions())
        except ImportError as failure:
            sys.exit(f"{PROGRAM}: {failure}")
        return
    sys.unraisablehook = _ignored
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # before a command began, or while its result was being printed
        from d360webhook.cli import exit, messages, output

        output.line(f"{PROGRAM}: {messages.INTERRUPTED}", to_errors=True)
        sys.exit(exit.INTERRUPTED)


def _ignored(what: "sys.UnraisableHookArgs") -> None:
    """Ignores Ctrl-C at the start of a callback: the binding raises it when the call has ended."""
    if what.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(what)


def _run() -> int:
    try:
        from d360webhook.cli.main import run
    except ModuleNotFoundError as failure:
        from d360webhook.cli import messages

        sys.stderr.write(f"{PROGRAM}: {messages.extra_missing(failure.name)}\n")
        return 1
    return run(sys.argv[1:])
