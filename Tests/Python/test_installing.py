# SPDX-License-Identifier: Apache-2.0
"""The documented pip install, with the system's own Python, and the wheel that it makes.

pip takes what it needs from build/venv/wheels, where `make venv` put it, and asks no index.
"""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from support.documents import blocks

import d360webhook
from Python.source import SOURCE

TOP = SOURCE.parents[2]
PAGES = ["README.md", "bindings/python/README.md", "docs/fleet.md"]
WHEELS = TOP / "build" / "venv" / "wheels"
LIBRARY = os.environ["D360WEBHOOK_LIBRARY"]
INSTALLING = re.compile(r"^python3 -m venv (\.venv) && \1/bin/pip install ('?)\./bindings/python(?:\[cli\])?\2$")
IMPORTING = "import d360webhook, importlib.metadata as m; print(d360webhook.__file__, m.version('d360webhook'))"


def commands(page: str) -> list[str]:
    """Every command of a page that says pip install, in a block or in the text."""
    text = (TOP / page).read_text()
    lines = [line for block in blocks(text) for line in block.text.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"(?m)^```(?:.*\n)*?```$", "", text))
    return [command for command in lines + inline if "pip install" in command]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the package's source, as a checkout has it."""
    shutil.copytree(SOURCE.parent, tmp_path / "bindings" / "python", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(command: str, checkout: Path) -> str:
    """Runs a command with the PATH of a bare system: Debian's python3."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(checkout), "D360WEBHOOK_LIBRARY": LIBRARY}
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(["sh", "-ec", command], cwd=checkout, env=environment | pip, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_pip_install_of_a_page_makes_a_virtual_environment_first(page: str) -> None:
    found = commands(page)
    assert found and all(INSTALLING.match(command) for command in found), found


@pytest.mark.parametrize("command", sorted({command for page in PAGES for command in commands(page)}))
def test_the_documented_command_installs_it_with_the_systems_python(command: str, checkout: Path) -> None:
    run(command, checkout)
    file, version = run(f'.venv/bin/python -c "{IMPORTING}"', checkout).split()
    assert Path(file).is_relative_to(checkout / ".venv") and version == d360webhook.__version__
    if "[cli]" in command:
        assert run(".venv/bin/d360-webhook --service sqlite::memory: channel list", checkout) == "No channels.\n"


def test_the_wheel_holds_the_two_packages_their_types_and_the_licence_and_nothing_else(checkout: Path) -> None:
    run("python3 -m venv .venv && .venv/bin/pip wheel --no-deps --wheel-dir . ./bindings/python", checkout)
    (path,) = checkout.glob("*.whl")
    sources = {str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    records = f"d360webhook-{d360webhook.__version__}.dist-info/"
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        made = {name.removeprefix(records) for name in names - sources}
        assert sources <= names and {"d360webhook/py.typed", "pytest_d360webhook/py.typed"} <= names
        licences = {name for name in made if name.rpartition("/")[2] == "LICENSE"}
        assert len(licences) == 1 and made - licences == {"METADATA", "RECORD", "WHEEL", "entry_points.txt"}
        assert wheel.read(records + licences.pop()) == (TOP / "LICENSE").read_bytes()
        metadata = Parser().parsestr(wheel.read(records + "METADATA").decode())
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text())["project"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Provides-Extra") == ["cli", "daemon", "pytest"]
    assert metadata.get_all("Requires-Python") == [">=3.11"]
    assert metadata.get_all("Project-URL") == [f"{name}, {url}" for name, url in project["urls"].items()]
    assert all("extra ==" in requirement for requirement in metadata.get_all("Requires-Dist", []))
