"""Sphinx: one site of all pages. The source folder is the top of the tree, so links lead where they lead on GitHub."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(TOP / "bindings" / "python" / "src")]

project = "libd360webhook"
version = release = re.search(r'version.*"([\d.]+)"', (TOP / "Sources/WebhookModel/Version.swift").read_text())[1]  # type: ignore[index]
project_copyright = "the libd360webhook maintainers, Apache-2.0"
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "docs/findings/*.md", "docs/reference/*.md", "bindings/*/README.md"]
exclude_patterns = ["build", "debian", "Sources", "Tests", "benchmarks", "packaging", ".*", "docs/site", "docs/man"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "header", "plain_text", "python_names"]
suppress_warnings = ["misc.highlighting_failure"]  # JSON with "…" in it
myst_heading_anchors = 3
smartquotes = False
pygments_style = "default"
nitpicky = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
html_theme = "furo"
html_title = f"libd360webhook {release}"
html_extra_path = ["start"]
html_show_sourcelink = False
html_copy_source = False


def list_the_rest(app: Sphinx, docname: str, source: list[str]) -> None:
    """A page of docs that the index does not list follows the architecture."""
    if docname == root_doc:
        listed = set(re.findall(r"^\w[\w-]*$", source[0], re.M))
        rest = [page.stem for page in sorted((TOP / "docs").glob("*.md")) if page.stem not in {*listed, "index"}]
        source[0] = source[0].replace("\narchitecture\n", "\n".join(["\narchitecture", *rest, ""]))


def setup(app: Sphinx) -> None:
    app.connect("source-read", list_the_rest)
