"""Facts that the source states: the version, and the functions of the header."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
(VERSION,) = re.findall(r'let version.*"([\d.]+)"', (TOP / "Sources" / "WebhookModel" / "Version.swift").read_text())


def declared_functions() -> set[str]:
    """The names in include/d360webhook.h."""
    header = re.sub(r"/\*.*?\*/", "", (TOP / "include" / "d360webhook.h").read_text(), flags=re.S)
    return set(re.findall(r"\b(d360_[a-z_]+)\(", header))
