"""Every link in every page leads to a file, and to a heading of it."""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[(?:[^\]]|\\\])*\]\(([^)\s]+)\)")


def pages() -> list[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    done = subprocess.run(listed, cwd=TOP, capture_output=True, text=True, check=True)
    return sorted(name for name in done.stdout.splitlines() if (TOP / name).exists())


def anchors(path: Path) -> set[str]:
    """As GitHub and the site make them of headings."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.M | re.S)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)}


def test_there_are_pages() -> None:
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/fleet.md"} <= set(pages())


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (TOP / page).read_text(), flags=re.M | re.S)
    for link in LINK.findall(text):
        if re.match(r"https?://|mailto:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (TOP / page).parent / name if name else TOP / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link
