"""The version stands in Sources/WebhookModel/Version.swift; whatever repeats it agrees, and make version sees to that."""

import json
import re
import shutil
from pathlib import Path

from support import raw
from support.source import TOP, VERSION

from C.compilers import run

PAGES = [path.relative_to(TOP) for path in [TOP / "docs" / "d360-webhookd.8", *sorted((TOP / "docs" / "man").iterdir())]]


def written(tree: Path) -> dict[str, str]:
    """The version as each file says it."""

    def found(path: str, pattern: str) -> str:
        match = re.search(pattern, (tree / path).read_text(), re.M)
        assert match, path
        return match[1]

    return {
        "python": found("bindings/python/src/d360webhook/_version.py", r'^__version__ = "(.*)"'),
        "extra": found("bindings/python/pyproject.toml", r'"d360webhook-daemon~=(.*)"'),
        "node": json.loads((tree / "bindings/node/package.json").read_text())["version"],
        "header": found("include/d360webhook.h", r'The library\'s version, "(.*)"'),
        "openapi": json.loads((tree / "Sources/Daemon/openapi.json").read_text())["info"]["version"],
        **{str(page): found(str(page), r'^\.Os "libd360webhook (.*)"') for page in PAGES},
    }


def test_every_file_that_says_the_version_says_the_same() -> None:
    assert set(written(TOP).values()) == {VERSION}


def test_debians_newest_entry_is_of_this_version_and_the_changelog_has_it() -> None:
    assert re.match(rf"libd360webhook \({re.escape(VERSION)}\) ", (TOP / "debian" / "changelog").read_text())
    assert re.search(rf"^## {re.escape(VERSION)}\b", (TOP / "CHANGELOG.md").read_text(), re.M)


def test_what_is_built_says_it(library: Path) -> None:
    assert raw.library.d360_version().decode() == VERSION
    assert run(["pkg-config", "--modversion", "d360webhook"]).stdout.strip() == VERSION
    assert run([library.parent.parent / "bin" / "d360-webhookd", "--version"]).stdout == f"d360-webhookd {VERSION}\n"


def test_make_version_writes_it_wherever_it_stands(tmp_path: Path) -> None:
    for name in ("Makefile", "Sources", "include", "bindings", "docs"):
        source = TOP / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    source = tmp_path / "Sources" / "WebhookModel" / "Version.swift"
    source.write_text(source.read_text().replace(VERSION, "12.34.56"))
    run(["make", "version"], cwd=tmp_path)
    assert set(written(tmp_path).values()) == {"12.34.56"}


def test_no_symbol_of_debians_list_is_newer() -> None:
    numbers = re.findall(r" ([\d.]+)$", (TOP / "debian" / "libd360webhook0.symbols").read_text(), re.M)
    assert numbers and max(tuple(map(int, one.split("."))) for one in numbers) <= tuple(map(int, VERSION.split(".")))
