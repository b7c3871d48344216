"""Every example of the README and of the header works as it is printed, and prints what is printed below it."""

import re
from pathlib import Path

import pytest
from support.source import TOP

from C.compilers import C99, flags, run
from C.examples import Example, in_header, in_markdown

README = in_markdown(TOP / "README.md")


def test_the_readme_has_examples_in_c_and_in_python_that_show_their_output() -> None:
    assert {example.language for example in README if example.output} == {"c", "python"}


@pytest.mark.parametrize("example", README, ids=lambda example: f"line-{example.line}")
def test_an_example_of_the_readme_prints_what_stands_below_it(example: Example, tmp_path: Path) -> None:
    check(example, tmp_path)


def test_the_first_program_of_the_header_prints_what_stands_below_it(tmp_path: Path) -> None:
    check(in_header(TOP / "include" / "d360webhook.h"), tmp_path)


def check(example: Example, folder: Path) -> None:
    if example.language == "python":
        (folder / "example.py").write_text(example.code)
        done = run(["python3", "-W", "error", "example.py"], cwd=folder)
    else:
        assert example.command, "a C program without the command that builds and runs it"
        name = re.search(r"\S+\.c\b", example.command)
        assert name, example.command
        (folder / name[0]).write_text(example.code)
        run([*C99["gcc"], "-fsyntax-only", folder / name[0], *flags()])
        done = run(["sh", "-ec", example.command], cwd=folder)
    if example.output is not None:
        assert done.stdout == example.output
