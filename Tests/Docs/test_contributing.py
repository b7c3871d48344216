"""CONTRIBUTING.md is true, and a clean checkout says the one command that is missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.documents import programs

TOP = Path(__file__).resolve().parents[2]
TEXT = (TOP / "CONTRIBUTING.md").read_text()
ROWS = dict(re.findall(r"^\| ([^|]+) \| `([^|]+)` \|$", TEXT, re.M))


def clean(**more: str) -> dict[str, str]:
    """The environment of someone who has sourced nothing."""
    mine = ("D360", "PYTHONPATH", "PYTEST", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(mine)}, **more}


def run_pytest(*arguments: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; {before}\nimport pytest; sys.exit(pytest.main({list(arguments)!r}))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=TOP,
        env=clean(**environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_table_has_every_suite() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| [\d,]+ \|", TEXT, re.M))
    assert listed == {path.parent.name for path in (TOP / "Tests").glob("*/test_*.py")} | {"Swift", "Layout"}


def test_every_target_of_make_exists() -> None:
    pages = [TOP / name for name in ("CONTRIBUTING.md", "README.md")] + list((TOP / "docs").glob("*.md"))
    named = {target for page in pages for target in re.findall(r"`make ([a-z-]+)", page.read_text())}
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.M))
    assert named
    assert named <= targets


def test_the_first_test_runs_in_a_clean_environment() -> None:
    (block,) = programs(TOP / "CONTRIBUTING.md", "sh")
    command = block.splitlines()[-1].split()
    assert command[0] == "build/venv/bin/pytest"
    stage = {"D360_STAGE": os.environ["D360_STAGE"]} if "D360_STAGE" in os.environ else {}
    done = run_pytest(*command[1:], "-p", "no:xdist", **stage)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)


def test_the_test_and_the_filter_that_the_table_names_exist() -> None:
    _, *arguments = ROWS["one test"].split()
    collected = run_pytest(*arguments, "--collect-only", "-q", D360_STAGE=os.environ.get("D360_STAGE", "build/stage"))
    assert collected.returncode == 0, collected.stdout
    name = ROWS["one test in Swift"].split()[-1]
    assert list((TOP / "Tests").rglob(f"{name}.swift"))


def test_one_call_can_run_any_suites() -> None:
    folders = {f"Tests/{path.parent.name}" for path in (TOP / "Tests").glob("*/test_*.py")}
    # With the environment that is set up: a clean one asks for what every suite needs.
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *sorted(folders)]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_without_a_build_pytest_says_how_to_build(tmp_path: Path) -> None:
    done = run_pytest("Tests/C", "-q", D360_STAGE=str(tmp_path / "stage"))
    assert done.returncode == 4
    assert done.stderr.strip().endswith("libd360webhook.so.0 is missing.\nRun: make stage"), done.stderr


def test_without_the_packages_pytest_says_how_to_get_them() -> None:
    done = run_pytest("Tests/C", "-q", before="sys.modules['rich'] = None")
    assert done.returncode == 4
    assert "Run: make venv, then build/venv/bin/pytest" in done.stderr, done.stderr


@pytest.fixture
def without_chromium(tmp_path: Path) -> str:
    """A PATH with every program of this machine but the browser."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in map(Path, os.environ["PATH"].split(":")):
        for path in folder.iterdir() if folder.is_dir() else ():
            link = programs / path.name
            if not path.name.startswith("chromium") and not link.is_symlink():
                link.symlink_to(path)
    assert shutil.which("chromium", path=str(programs)) is None
    return str(programs)


def test_only_the_suite_that_needs_a_browser_asks_for_it(without_chromium: str) -> None:
    def missing(suite: str) -> str:
        command = ["scripts/setup", "--check", suite]
        return subprocess.run(
            command, cwd=TOP, env=clean(PATH=without_chromium), capture_output=True, text=True, timeout=60, check=False
        ).stderr

    assert "chromium" in missing("CommandLine")
    assert "chromium" in missing("test")
    assert "chromium" not in missing("C")


def test_the_suite_that_needs_bare_debians_asks_for_debootstrap(tmp_path: Path) -> None:
    for name in ("sh", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        ["scripts/setup", "--check", "Wheel"], cwd=TOP, env=clean(PATH=str(tmp_path)), capture_output=True, text=True, check=False
    )
    assert {"debootstrap", "npm", "openssl", "postgresql"} <= set(done.stderr.split())


def test_pytest_says_how_to_set_up_a_suite(without_chromium: str) -> None:
    stage = os.environ.get("D360_STAGE", "build/stage")
    done = run_pytest("Tests/CommandLine/test_exit.py", "-q", PATH=without_chromium, D360_STAGE=stage)
    assert done.returncode == 4
    assert done.stderr.strip().endswith("Run: scripts/setup CommandLine"), done.stderr


def test_a_suite_that_does_not_exist_is_an_error() -> None:
    done = subprocess.run(["scripts/setup", "--check", "Nothing"], cwd=TOP, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "There is no suite Nothing.\n")


def test_every_task_that_the_makefile_sets_up_is_known() -> None:
    tasks = set(re.findall(r"scripts/setup (?:--check )?(\w+)", (TOP / "Makefile").read_text()))
    assert {"build", "bundle", "deb"} <= tasks
    for task in tasks:
        done = subprocess.run(["scripts/setup", "--check", task], cwd=TOP, capture_output=True, text=True, check=False)
        assert "There is no suite" not in done.stderr, task
