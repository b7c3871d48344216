"""The shared library as it is shipped: Embedded Swift. Tests/C tests its exports and how it is linked, in both modes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
LIBRARY = Path(os.environ["D360WEBHOOK_LIBRARY"]).resolve()
ORDINARY = TOP / "build" / "ordinary" / LIBRARY.name
#: A name of C++'s runtime type information, which every library has that carries libstdc++.
OF_CXX_RUNTIME = b"St9bad_alloc"


def output(*command: str | Path, cwd: Path = TOP) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def glibc_versions(library: Path) -> set[tuple[int, ...]]:
    text = output("readelf", "--version-info", "--wide", library)
    return {tuple(map(int, version.split("."))) for version in re.findall(r"Name: GLIBC_([\d.]+)", text)}


def glibc_of_this_machine() -> tuple[int, ...]:
    return tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")))


def test_it_is_at_most_1_3_mib_and_has_no_symbols_for_debugging() -> None:
    assert LIBRARY.stat().st_size <= 1.3 * 2**20
    assert not re.search(r"\.symtab|\.debug_", output("readelf", "--section-headers", "--wide", LIBRARY))


def test_it_carries_and_needs_no_cxx_runtime() -> None:
    assert OF_CXX_RUNTIME in ORDINARY.read_bytes()
    assert OF_CXX_RUNTIME not in LIBRARY.read_bytes()
    assert not re.search(r"libstdc\+\+|GLIBCXX|CXXABI", output("readelf", "--dynamic", "--version-info", "--wide", LIBRARY))


def test_it_needs_no_glibc_newer_than_2_34() -> None:
    """A newer Debian's headers replace functions by newer ones, so there nothing but the machine's own version is certain."""
    is_debian_12 = glibc_of_this_machine() == (2, 36)
    versions = glibc_versions(LIBRARY)
    assert versions and max(versions) <= ((2, 34) if is_debian_12 else glibc_of_this_machine())


def test_another_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    tree = tmp_path / "a-longer-name"
    shutil.copytree(TOP, tree, symlinks=True, ignore=shutil.ignore_patterns("build", ".build*", ".git", "__pycache__"))
    output("make", f"build/{LIBRARY.name}", cwd=tree)
    assert (tree / "build" / LIBRARY.name).read_bytes() == LIBRARY.read_bytes()
