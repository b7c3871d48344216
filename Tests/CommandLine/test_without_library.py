"""The command line was installed with pip, and the shared library is not there."""

from pathlib import Path

import pytest

from .program import Program

NOWHERE = {"D360WEBHOOK_LIBRARY": "/nowhere/libd360webhook.so.0"}


@pytest.mark.parametrize(
    "arguments", [["--version"], ["validate", "https://a.example.com/"], ["multi", "get"], ["fleet", "check", "fleet.json"]]
)
def test_one_line_says_which_package_brings_it(tmp_path: Path, arguments: list[str]) -> None:
    run = Program(tmp_path, None)
    run.file("fleet.json", '{"accounts": []}')
    done = run(*arguments, **NOWHERE)
    assert (done.status, done.output, len(done.errors.splitlines())) == (1, "", 1), done.errors
    assert done.errors.startswith("d360-webhook: ") and "libd360webhook0" in done.errors


@pytest.mark.parametrize("arguments", [["--help"], [], ["fleet", "plan", "--help"], ["fleet", "schema"], ["completion", "bash"]])
def test_what_needs_no_library_works_without_it(tmp_path: Path, arguments: list[str]) -> None:
    done = Program(tmp_path, None)(*arguments, **NOWHERE)
    assert (done.status, done.errors) == (0, "")
