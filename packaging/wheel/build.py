# SPDX-License-Identifier: Apache-2.0
"""Builds the wheel and the source distribution of the Python package, and the wheel of the daemon.

packaging/wheel/build.py BUNDLE OUT
    BUNDLE  what make bundle left
    OUT     the folder for them, and for the trees that they are built from
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from parts import TOP, Part, bill, c_libraries, gcc, swift

#: The newest glibc that a function it calls has appeared in; auditwheel has to say the same.
PLATFORM = f"manylinux_2_28_{platform.machine()}"
LIBRARY = "libd360webhook.so.0"
DAEMON = "d360-webhookd"
VERSION = TOP / "bindings" / "python" / "src" / "d360webhook" / "_version.py"


def main(bundle: Path, out: Path) -> None:
    shutil.rmtree(out / "tree", ignore_errors=True)
    for old in [*out.glob("*.whl"), *out.glob("*.tar.gz")]:
        old.unlink()
    tree = copy_of(TOP / "bindings" / "python", out)
    build(tree, "sdist", out)
    put_library_in(tree, bundle)
    build(tree, "wheel", out)
    tree = copy_of(TOP / "packaging" / "wheel" / "daemon", out)
    put_daemon_in(tree, bundle)
    build(tree, "wheel", out)
    for wheel in out.glob("*.whl"):
        check(wheel)


def copy_of(folder: Path, out: Path) -> Path:
    tree = out / "tree" / folder.name
    shutil.copytree(folder, tree, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(TOP / "LICENSE", tree)
    (tree / ".gitignore").touch()  # else hatchling takes the nearest one above
    return tree


def put_library_in(tree: Path, bundle: Path) -> None:
    package = tree / "src" / "d360webhook"
    shutil.copy(bundle / "lib" / LIBRARY, package)
    parts = c_libraries("library")
    versions = "".join(f'    "{part.name}": "{part.version}",\n' for part in parts)
    bundled = package / "_bundled.py"
    bundled.write_text(bundled.read_text().replace("= {}", f"= {{\n{versions}}}"))
    describe(tree, bundle, parts)


def put_daemon_in(tree: Path, bundle: Path) -> None:
    shutil.copy(bundle / "lib" / DAEMON, tree)
    shutil.copy(TOP / "docs" / f"{DAEMON}.8", tree)
    shutil.copy(VERSION, tree)
    describe(tree, bundle, c_libraries("library", "daemon"))


def describe(tree: Path, bundle: Path, parts: list[Part]) -> None:
    """Licences, the list of parts, and the platform."""
    for part in parts:
        shutil.copy(bundle / "licences" / part.name, tree / f"LICENSE.{part.name}")
    for part, text in (swift(), gcc(bundle)):
        (tree / f"LICENSE.{part.name}").write_text(text)
        parts = [*parts, part]
    licences = dict.fromkeys(["Apache-2.0", *(f"({part.licence})" if " OR " in part.licence else part.licence for part in parts)])
    project = tree / "pyproject.toml"
    text = re.sub(r'(?m)^license = ".*"', f'license = "{" AND ".join(licences)}"', project.read_text())
    name = re.search(r'(?m)^name = "(.*)"', text)
    version = re.search(r'"(.*)"', VERSION.read_text().rpartition("=")[2])
    assert name and version
    project.write_text(f'{text}\n[tool.hatch.build.hooks.custom]\nplatform = "{PLATFORM}"\n')
    shutil.copy(Path(__file__).with_name("hatch_build.py"), tree)
    (tree / "bom.cdx.json").write_text(bill(name[1], version[1], parts))


def build(tree: Path, kind: str, out: Path) -> None:
    # The date of every file in it.
    environment = {"SOURCE_DATE_EPOCH": "1577836800", **os.environ}
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(out.resolve())]
    subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)


def check(wheel: Path) -> None:
    """Fails if it needs a newer glibc than its name says, or an older one would do."""
    command = [str(Path(sys.executable).with_name("auditwheel")), "show", str(wheel)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if f'consistent with the following platform tag: "{PLATFORM}"' not in " ".join(said.split()):
        sys.exit(said)
    print(f"  {wheel.name}  {wheel.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
