# SPDX-License-Identifier: Apache-2.0
"""Long output at a terminal goes through a pager."""

import os
import shlex
import shutil
import signal
import subprocess


def command() -> list[str] | None:
    """The pager of the environment, else less; None if there is none, or if PAGER is empty."""
    words = shlex.split(os.environ.get("PAGER", "less"))
    return words if words and shutil.which(words[0]) else None


def show(text: str) -> bool:
    """Shows the text until the reader quits; False if no pager can be started."""
    words = command()
    if words is None:
        return False
    # F: less ends by itself if all fits on one screen. R: colours. X: the text stays on the screen afterwards.
    environment = {"LESS": "FRX", **os.environ}
    # Ctrl-C belongs to the pager.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment, restore_signals=True)
        pager.communicate(text.encode(errors="backslashreplace"))
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True
