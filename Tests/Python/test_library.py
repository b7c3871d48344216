# SPDX-License-Identifier: Apache-2.0
"""Which shared library is loaded, and what is declared of it."""

import ctypes
import os
import re
import shutil
import subprocess
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path

import pytest

import d360webhook
from d360webhook._library import NAME, PROTOTYPES, VARIABLE, LogFunction, ProgressFunction
from Python.source import SOURCE, Run

HEADER = SOURCE.parents[2] / "include" / "d360webhook.h"
VERSION = "import d360webhook; print(d360webhook.version())"


def stand_in(folder: Path, version: str, without: str = "") -> Path:
    """A library with the same functions, of which only the version is real."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in PROTOTYPES if name not in ("d360_version", without)]
    source = f'const char *d360_version(void) {{ return "{version}"; }}\n'
    source += "".join(f"int {name}(void) {{ return 0; }}\n" for name in names)
    (folder / "stand_in.c").write_text(source)
    library = folder / NAME
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "stand_in.c"], check=True)
    return library


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, so that libraries can be put beside it."""
    return Path(shutil.copytree(SOURCE / "d360webhook", tmp_path / "site" / "d360webhook"))


def imported(run: Run, package: Path, program: str = VERSION, **environment: str) -> tuple[str, str]:
    """What a program prints, and the last line of its errors."""
    environment = {VARIABLE: "", "PYTHONPATH": str(package.parent), **environment}
    out, errors = run(program, **environment).communicate(timeout=60)
    return out.strip(), (errors.strip().splitlines() or [""])[-1]


def test_the_environment_comes_first_then_the_package_then_the_folder_beside_it_then_the_system(
    run: Run, package: Path, tmp_path: Path
) -> None:
    chosen = stand_in(tmp_path / "chosen", "0.2.11")
    inside = stand_in(package, "0.2.12")
    beside = stand_in(package.parent, "0.2.13")
    system = {"LD_LIBRARY_PATH": str(stand_in(tmp_path / "system", "0.2.14").parent)}
    assert imported(run, package, **{VARIABLE: str(chosen)}, **system) == ("0.2.11", "")
    assert imported(run, package, **system) == ("0.2.12", "")
    inside.unlink()
    assert imported(run, package, **system) == ("0.2.13", "")
    beside.unlink()
    assert imported(run, package, **system) == ("0.2.14", "")


def test_a_missing_library_is_an_import_error_that_says_what_to_do(run: Run, package: Path) -> None:
    out, error = imported(run, package, **{VARIABLE: "/nowhere/libd360webhook.so.0"})
    assert out == ""
    assert error.startswith("ImportError: ")
    assert "/nowhere/libd360webhook.so.0" in error and VARIABLE in error and "Debian package libd360webhook0" in error


def test_types_errors_and_documentation_need_no_library(run: Run, package: Path) -> None:
    program = "from d360webhook import *; help(Client.multi_webhook_get); print(issubclass(RetryableTimeout, TimeoutError))"
    out, error = imported(run, package, program, **{VARIABLE: "/nowhere/libd360webhook.so.0"})
    assert "multi_webhook_get(self, api_key: str)" in out and out.endswith("True") and error == ""


@pytest.mark.parametrize("version", ["0.1.0", "1.1.0"])
def test_a_library_of_another_version_is_an_import_error_with_both_versions(
    run: Run, package: Path, tmp_path: Path, version: str
) -> None:
    library = stand_in(tmp_path / "other", version)
    out, error = imported(run, package, **{VARIABLE: str(library)})
    assert out == ""
    assert error == f"ImportError: {library} is version {version}, but d360webhook 0.2.0 needs 0.2.x"


def test_a_library_without_a_function_is_an_import_error_that_names_it(run: Run, package: Path, tmp_path: Path) -> None:
    library = stand_in(tmp_path / "old", "0.2.0", without="d360_derive")
    out, error = imported(run, package, **{VARIABLE: str(library)})
    assert out == ""
    assert error.startswith("ImportError: ") and "d360_derive" in error


def test_version_is_that_of_the_library_that_was_loaded() -> None:
    library = ctypes.CDLL(os.environ[VARIABLE])
    library.d360_version.restype = c_char_p
    assert d360webhook.version() == library.d360_version().decode() == d360webhook.__version__


def test_every_function_of_the_header_that_is_used_is_declared_with_its_types() -> None:
    types = {
        "d360_client *": c_void_p,
        "d360_client **": POINTER(c_void_p),
        "const char *": c_char_p,
        "char *": c_char_p,
        "char **": POINTER(c_char_p),
        "const void *": c_void_p,
        "void *": c_void_p,
        "void": None,
        "size_t": c_size_t,
        "int64_t": c_int64,
        "d360_status": c_int32,
        "d360_outcome": c_int32,
        "d360_log_fn": LogFunction,
        "d360_progress_fn": ProgressFunction,
    }
    code = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    declared = {}
    for result, name, parameters in re.findall(r"^([\w ]+?\**) ?(?<![\w])(d360_\w+)\(([^)]*)\);", code, re.MULTILINE):
        kinds = [re.sub(r"\s*\b\w+$", "", p.strip()) if p.strip() != "void" else "void" for p in parameters.split(",")]
        arguments = tuple(types[re.sub(r"(\w)\s*(\**)$", r"\1 \2", kind).strip()] for kind in kinds if kind != "void")
        declared[name] = (types[re.sub(r"(\w)\s*(\**)$", r"\1 \2", result).strip()], arguments)
    assert len(declared) > 20
    # These help programs that have no JSON of their own, and calls that are stopped one by one need no cancel.
    unused = {"d360_cancel", "d360_error_outcome", "d360_error_text", "d360_json_quote"}
    assert {name: declared[name] for name in declared.keys() - unused} == PROTOTYPES
