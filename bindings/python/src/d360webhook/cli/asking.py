# SPDX-License-Identifier: Apache-2.0
"""Questions before what cannot be undone."""

import select
import sys
from collections.abc import Callable

from d360webhook.cli import messages, output
from d360webhook.cli.exit import usage

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


def may_go_on(yes: bool, what: str, announce: Callable[[], object]) -> bool:
    """True with --yes. At a terminal it shows what will happen and asks; elsewhere --yes is required."""
    if yes:
        return True
    if not output.can_ask():
        raise usage(messages.no_terminal(what))
    announce()
    answered = None
    while answered is None:
        output.write(messages.GO_ON, to_errors=True)
        typed = _line()
        if not typed:  # the end of input is a no
            output.write("\n", to_errors=True)
        answered = _ANSWERS.get(typed.strip().lower())
    if not answered:
        output.line(messages.NOTHING_CHANGED, to_errors=True)
    return answered


def _line() -> str:
    """The line that was typed. It is read when it is there: a Ctrl-C just before a read that blocks would not end it."""
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        pass
    return sys.stdin.readline()
