# SPDX-License-Identifier: Apache-2.0
"""The command line d360-webhook, on the public binding alone. Needs the extra: pip install 'd360webhook[cli]'."""

import sys


PROGRAM = "d360-webhook"


def versions() -> str:
    """The program's version and the library's."""
    from d360webhook import __version__, version

    return f"{PROGRAM} {__version__} (libd360webhook {version()})"


def main() -> None:
    """The program: runs the command line's arguments and ends with its exit status."""
    if sys.argv[1:] == ["--version"]:
        # Without click, which takes as long to import as all the rest.
        from d360webhook.cli import output

        output.line(versions())
        return
    sys.unraisablehook = _ignored
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # before a command began, or while its end was being told
        from d360webhook.cli import exit, output

        output.line(f"{PROGRAM}: interrupted", to_errors=True)
        sys.exit(exit.INTERRUPTED)


def _ignored(what: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C at the start of a callback is ignored there: the binding raises it once the call has ended."""
    if what.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(what)


def _run() -> int:
    try:
        import click  # noqa: F401
    except ImportError:
        sys.stderr.write("d360-webhook: click is missing; install the extra: pip install 'd360webhook[cli]'\n")
        return 1
    from d360webhook.cli.main import run

    return run(sys.argv[1:])
