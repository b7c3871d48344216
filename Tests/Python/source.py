# SPDX-License-Identifier: Apache-2.0
"""Where the package is, and what starts a Python program with it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"

Run = Callable[..., "subprocess.Popen[str]"]
