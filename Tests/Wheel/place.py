"""A bare Debian with the wheel in a virtual environment, and nothing of this machine's libraries."""

import platform
import shutil
import subprocess
from pathlib import Path

from Debian.bare_root import Root

TOP = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
CHANNEL = {"phone_number_id": "106540352242922", "phone_number": "+4930901820", "waba_id": 123065260884961, "api_key": "key"}
PYTHON = "/venv/bin/python"
#: Of each release; a wheel that is not pure Python is for one of them.
VERSIONS = {"bookworm": "3.11", "trixie": "3.13"}


def listed(*lists: str) -> dict[str, str]:
    """Versions of Debian's source packages, by name, in lists of packaging/bundle."""
    lines = [line for name in lists for line in (TOP / "packaging" / "bundle" / name).read_text().splitlines()]
    return {line.split()[0]: line.split()[1] for line in lines if not line.startswith("#")}


class Place:
    """`root` shares this machine's loopback, so that a peer in the test's own process can be called."""

    def __init__(self, root: Root, release: str, wheels: Path) -> None:
        self.root = root
        root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "python3-venv")
        root.run("python3", "-m", "venv", "/venv")
        house = root.folder / "wheels"
        download(house, VERSIONS[release])
        for wheel in wheels.glob("*.whl"):
            shutil.copy(wheel, house)

    def pip(self, *words: str) -> str:
        return self.root.run(PYTHON, "-m", "pip", "--disable-pip-version-check", *words)

    def install(self, *names: str) -> str:
        return self.pip("install", "--no-index", "--find-links", "/wheels", *names)

    def python(self, program: str, *arguments: str, **environment: str) -> str:
        return self.root.run(PYTHON, "-c", program, *arguments, **environment)

    def put(self, source: Path, path: str) -> None:
        """Copies a file into the root."""
        target = self.root.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def download(folder: Path, version: str) -> None:
    """Wheels of what requirements.txt lists, for a Python of this version."""
    kinds = [f"--platform=manylinux_{glibc}_{platform.machine()}" for glibc in ("2_17", "2_28", "2_34")]
    subprocess.run(
        ["pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", f"--python-version={version}",
         f"--platform=manylinux2014_{platform.machine()}", *kinds, "--dest", folder, "--requirement", REQUIREMENTS],
        check=True,
    )  # fmt: skip
