"""The packages as `make deb` leaves them in a folder."""

import os
import re
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
NAMES = ["libd360webhook0", "libd360webhook-dev", "python3-d360webhook", "d360-webhook", "d360-webhookd"]


class Packages:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        (found,) = self.folder.glob(f"{name}_*.deb")
        return found

    def paths(self, *names: str) -> list[Path]:
        """Of these packages, all five by default."""
        return [self.path(name) for name in names or NAMES]

    @property
    def log(self) -> str:
        return (self.folder / "build.log").read_text()

    def field(self, name: str, field: str) -> str:
        return _output("dpkg-deb", "-f", str(self.path(name)), field).strip()

    def contents(self, name: str) -> set[str]:
        """The files and links in a package, with the machine's triplet as it is."""
        lines = _output("dpkg-deb", "-c", str(self.path(name))).splitlines()
        paths = (re.sub(r" -> .*", "", line.split(maxsplit=5)[5]) for line in lines)
        return {path.removeprefix(".") for path in paths if not path.endswith("/")}

    def unpacked(self, folder: Path, *names: str) -> Path:
        for path in self.paths(*names):
            subprocess.run(["dpkg-deb", "-x", path, folder], check=True)
        return folder


def build(folder: Path, tree: Path = TOP, umask: int = 0o022, **environment: str) -> Packages:
    """Builds the packages of a tree."""
    done = subprocess.run(
        [tree / "scripts" / "deb", folder],
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Packages(folder)


def older(tree: Path, version: str) -> Path:
    """A copy of this tree that says that it is another version."""
    shutil.copytree(TOP, tree, symlinks=True, ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".build*"))
    source = tree / "Sources" / "WebhookModel" / "Version.swift"
    source.write_text(re.sub(r'"[\d.]+"', f'"{version}"', source.read_text()))
    changelog = tree / "debian" / "changelog"
    changelog.write_text(re.sub(r"\([\d.]+\)", f"({version})", changelog.read_text(), count=1))
    symbols = tree / "debian" / "libd360webhook0.symbols"
    symbols.write_text(re.sub(r" [\d.]+$", f" {version}", symbols.read_text(), flags=re.M))
    subprocess.run(["make", "--no-print-directory", "version"], cwd=tree, check=True, capture_output=True)
    return tree


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
