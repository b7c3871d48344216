# SPDX-License-Identifier: Apache-2.0
"""Finds the daemon's program."""

import os
import shutil

NAME = "d360-webhookd"
PACKAGE = "d360webhook-daemon"
VARIABLE = "D360_WEBHOOKD"


def find() -> str | None:
    """The program that the extra d360webhook[daemon] has installed, else the one on PATH."""
    return _installed() or shutil.which(NAME)


def _installed() -> str | None:
    from importlib.metadata import PackageNotFoundError, files

    try:
        found = files(PACKAGE) or []
    except PackageNotFoundError:
        return None
    paths = [os.path.realpath(file.locate()) for file in found if file.name == NAME]
    return next((path for path in paths if os.access(path, os.X_OK)), None)
