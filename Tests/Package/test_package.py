"""Another Swift package can depend on this one."""

import subprocess
from pathlib import Path

from support.source import TOP, VERSION

FOLDER = Path(__file__).resolve().parent


def test_a_package_that_depends_on_this_one_opens_an_embedded_service() -> None:
    done = subprocess.run(
        ["swift", "run", "--quiet", "--explicit-target-dependency-import-check", "error", "--package-path", FOLDER,
         "--scratch-path", TOP / "build" / "package", "Consumer"],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{VERSION}\nD360_OK\n"
