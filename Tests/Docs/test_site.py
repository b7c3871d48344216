"""make docs: one site of all pages, with both references; every link in it leads to a place."""

import fcntl
import html
import inspect
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import d360webhook

TOP = Path(__file__).resolve().parents[2]
SITE = TOP / "build" / "site"
BUILDER = TOP / "build" / "docs-venv" / "bin" / "sphinx-build"


@pytest.fixture(scope="module")
def site() -> Path:
    """Built once in a run, by the first of its processes."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with (TOP / "build" / "site.run").open("a+") as built:
        fcntl.flock(built, fcntl.LOCK_EX)
        built.seek(0)
        if built.read() != run:
            done = subprocess.run(["make", "--no-print-directory", "docs"], cwd=TOP, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            built.truncate(0)
            built.write(run)
    return SITE


@cache
def places(page: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page.read_text()))


def reference(site: Path, name: str) -> str:
    return (site / "docs" / "reference" / f"{name}.html").read_text()


def test_every_page_of_the_tree_is_in_the_site(site: Path) -> None:
    pages = [
        *TOP.glob("*.md"),
        *(TOP / "docs").glob("*.md"),
        *(TOP / "docs").glob("findings/*.md"),
        *TOP.glob("bindings/*/README.md"),
    ]
    assert len(pages) >= 40
    for page in pages:
        assert (site / page.relative_to(TOP)).with_suffix(".html").exists(), page


def test_every_link_leads_to_a_place(site: Path) -> None:
    checked = 0
    for page in site.rglob("*.html"):
        for href in map(html.unescape, re.findall(r'\bhref="([^"]+)"', page.read_text())):
            link = urlsplit(href)
            if link.scheme or link.netloc:
                continue
            target = (page.parent / unquote(link.path)).resolve() if link.path else page
            assert target.exists(), f"{page.relative_to(site)}: {href}"
            if link.fragment and target.suffix == ".html":
                assert unquote(link.fragment) in places(target), f"{page.relative_to(site)}: {href}"
            checked += 1
    assert checked > 1_000


def test_the_c_reference_has_every_function_and_constant_of_the_header(site: Path) -> None:
    header = (TOP / "include" / "d360webhook.h").read_text()
    declared = set(re.findall(r"^[^/*#\n]*?\b(d360_\w+)\([^;]*\);", header, re.M)) | set(
        re.findall(r"^    (D360_\w+) += ", header, re.M)
    )
    assert len(declared) > 50
    found = set(re.findall(r'id="c\.(\w+)"', reference(site, "c")))
    assert declared <= found, declared - found


def test_the_python_reference_has_every_public_name(site: Path) -> None:
    text = reference(site, "python")
    found = set(re.findall(r'id="d360webhook\.([\w.]+)"', text))
    operations = {name for name, _ in inspect.getmembers(d360webhook.Client, inspect.isfunction) if not name.startswith("_")}
    assert set(d360webhook.__all__) <= found, set(d360webhook.__all__) - found
    for kind in ("Client", "AsyncClient"):
        assert {f"{kind}.{name}" for name in operations} <= found


def test_a_name_of_the_header_on_a_page_leads_to_the_reference(site: Path) -> None:
    assert 'href="reference/c.html#c.d360_error_outcome"' in (site / "docs" / "outcomes.html").read_text()


@pytest.mark.parametrize(
    "text", ["[a page](nowhere.md)", "[a place](index.md#nowhere)", "```{eval-rst}\n.. c:nothing:: here\n```"]
)
def test_a_page_with_a_broken_link_fails_the_build(text: str, site: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Title\n\n{text}\n")
    command = [BUILDER, "-W", "-q", "-c", TOP / "docs" / "site", "-b", "html", tmp_path, tmp_path / "site"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert re.search(r"index.md:[34]:", done.stderr), done.stderr
