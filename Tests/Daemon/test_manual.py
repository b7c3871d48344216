"""The manual page: sound mdoc, and every flag of --help is in it, and no other."""

import re
import subprocess
from pathlib import Path

from support.daemon import PROGRAM

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "d360-webhookd.8"


def said(*command: object) -> str:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False).stdout


def test_mandoc_finds_nothing_to_complain_of() -> None:
    # Which other pages are installed is the machine's matter.
    # The foot of the page says the version.
    fine = "operating system explicitly specified: Os libd360webhook"
    lines = [line for line in said("mandoc", "-T", "lint", MANUAL).splitlines() if fine not in line]
    assert [line for line in lines if "referenced manual not found" not in line] == []


def test_it_renders_with_all_of_its_sections() -> None:
    text = re.sub(r".\x08", "", said("mandoc", "-T", "ascii", MANUAL))
    for section in re.findall(r"^\.Sh (.*)$", MANUAL.read_text(), re.M):
        assert re.search(rf"^{section}\n +\S", text, re.M), section


def test_synopsis_and_options_name_the_flags_of_help_and_no_other() -> None:
    source = MANUAL.read_text()
    known = set(re.findall(r"^  --([a-z-]+)", said(PROGRAM, "--help"), re.M))
    assert "service" in known
    synopsis, options = source.split(".Sh DESCRIPTION")[0], source.split(".Sh DESCRIPTION")[1].split(".Ss ")[0]
    assert set(re.findall(r"Fl Fl ([a-z-]+)", synopsis)) == known
    described = " ".join(re.findall(r"^\.It (Fl Fl .*)$", options, re.M))
    assert set(re.findall(r"Fl Fl ([a-z-]+)", described)) == known
