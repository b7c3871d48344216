"""debian/tests, each in a bare root with what it declares and no more: of the release they were built on, and of a newer one."""

import re
import shutil

import pytest

from .bare_root import OWN, Root
from .packages import NAMES, TOP, Packages

CONTROL = (TOP / "debian" / "tests" / "control").read_text()
TESTS = {
    paragraph["Tests"]: paragraph["Depends"].split(", ")
    for paragraph in (dict(re.findall(r"^(\w+): (.*)$", text, re.M)) for text in CONTROL.split("\n\n"))
}


def needed(wanted: list[str]) -> set[str]:
    """Our own packages among these, with those of ours that they need."""
    needs = {
        "libd360webhook-dev": {"libd360webhook0"},
        "python3-d360webhook": {"libd360webhook0"},
        "d360-webhook": {"python3-d360webhook", "libd360webhook0"},
    }
    ours = {name for name in wanted if name in NAMES}
    return ours.union(*(needs.get(name, set()) for name in ours))


def test_every_script_is_in_control() -> None:
    assert {path.name for path in (TOP / "debian" / "tests").iterdir()} == {"control", *TESTS}


@pytest.mark.parametrize("release", [OWN, "trixie"])
@pytest.mark.parametrize("name", TESTS)
def test_it_passes_with_what_it_declares(name: str, release: str, root: Root, packages: Packages) -> None:
    ours = needed(TESTS[name])
    others = [one.split(" | ")[0] for one in TESTS[name] if one not in ours]
    root.install(packages.paths(*sorted(ours)), *others)
    tree = root.folder / "tree"
    ignored = shutil.ignore_patterns("build", ".git", ".build*", "__pycache__")
    shutil.copytree(TOP, tree, symlinks=True, ignore=ignored)
    (root.folder / "tmp" / "artifacts").mkdir()
    done = root.try_to(f"/tree/debian/tests/{name}", cwd="/tree", AUTOPKGTEST_TMP="/tmp/artifacts")
    # What a test writes to standard error fails it, unless it says otherwise.
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-6000:]
