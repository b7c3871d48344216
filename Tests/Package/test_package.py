"""Another Swift package can depend on this one."""

import re
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TOP = FOLDER.parents[1]


def test_a_package_that_depends_on_this_one_opens_an_embedded_service() -> None:
    version = re.search(r'"([\d.]+)"', (TOP / "Sources" / "WebhookModel" / "Version.swift").read_text())
    done = subprocess.run(
        ["swift", "run", "--quiet", "--explicit-target-dependency-import-check", "error", "--package-path", FOLDER,
         "--scratch-path", TOP / "build" / "package", "Consumer"],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert version and done.stdout == f"{version[1]}\nD360_OK\n"
