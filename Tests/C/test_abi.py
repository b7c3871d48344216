"""make abi-check: what breaks programs is told from what is new, and both from what is as it was."""

import re
import subprocess
from pathlib import Path

import pytest
from support.source import TOP

from C.compilers import run

HEADER = (TOP / "include" / "d360webhook.h").read_text()
RULE = "This breaks programs that were linked with libd360webhook.so.0."


def checked(library: Path, header: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """scripts/abi check, with another text for the header."""
    path = folder / "d360webhook.h"
    path.write_text(header)
    command = [TOP / "scripts" / "abi", "check", library, path]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def changed(pattern: str, by: str) -> str:
    text, count = re.subn(pattern, by, HEADER, flags=re.S)
    assert count == 1
    return text


def made(folder: Path, header: str) -> Path:
    """A library that exports what a header declares."""
    source, library = folder / "library.c", folder / "libd360webhook.so.0"
    declared = re.findall(r"^((?:const )?\w+ \*?d360_\w+\([^;{]*\));", re.sub(r"/\*.*?\*/", "", header, flags=re.S), re.M)
    (folder / "d360webhook.h").write_text(header)
    source.write_text('#include "d360webhook.h"\n' + "".join(f"{one} {{ __builtin_trap(); }}\n" for one in declared))
    versions = f"-Wl,--version-script={TOP / 'packaging' / 'libd360webhook.map'}"
    run(["cc", "-shared", "-fPIC", "-Wl,-soname,libd360webhook.so.0", versions, source, "-o", library])
    return library


def test_the_library_and_its_header_are_as_on_record(library: Path, tmp_path: Path) -> None:
    done = checked(library, HEADER, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"libd360webhook\.so\S* *: 32 functions, as on record\n", done.stdout)


@pytest.mark.parametrize(
    ("pattern", "by", "said"),
    [
        (r"int64_t timeout_ms", "int32_t timeout_ms", "d360_waba_webhook_wait"),
        (r"(D360_CONFLICT +=) 6", r"\1 66", "D360_CONFLICT"),
        (r" +D360_CONFLICT += 6,[^\n]*\n", "", "D360_CONFLICT"),
        (r"typedef int32_t d360_status", "typedef int64_t d360_status", "d360_status"),
        (r"const char \*d360_version\(void\);", "", "d360_version"),
    ],
)
def test_a_change_of_the_header_that_breaks_programs_names_the_rule_of_the_soname(
    library: Path, tmp_path: Path, pattern: str, by: str, said: str
) -> None:
    done = checked(library, changed(pattern, by), tmp_path)
    assert done.returncode == 1 and said in done.stderr and RULE in done.stderr
    assert "libd360webhook.so.1, libd360webhook1, D360WEBHOOK_1" in done.stderr


def test_a_symbol_that_the_library_lacks_breaks_programs(tmp_path: Path) -> None:
    done = checked(made(tmp_path, changed(r"void d360_cancel\([^;]*;", "")), HEADER, tmp_path)
    assert done.returncode == 1 and "d360_cancel" in done.stderr and RULE in done.stderr


def test_a_symbol_without_its_version_breaks_programs(tmp_path: Path) -> None:
    library = made(tmp_path, HEADER)
    run(["cc", "-shared", "-fPIC", "-Wl,-soname,libd360webhook.so.0", tmp_path / "library.c", "-o", library])
    done = checked(library, HEADER, tmp_path)
    assert done.returncode == 1 and RULE in done.stderr


@pytest.mark.parametrize("name", ["d360_anew", "D360_ANEW"])
def test_what_is_new_asks_for_its_line_in_the_symbols_file_and_the_changelog(tmp_path: Path, name: str) -> None:
    function = changed(r"(/\* Frees text that)", r"void d360_anew(int a);\n\1")
    constant = changed(r"(D360_INTERNAL_ERROR += 21)", r"\1, D360_ANEW = 22")
    header = function if name.islower() else constant
    library = made(tmp_path, header)
    done = checked(library, header, tmp_path)
    assert done.returncode == 1 and RULE not in done.stderr and "The SONAME stays." in done.stderr
    assert f"{name}: make abi-record" in done.stderr and f"{name}: a line in CHANGELOG.md" in done.stderr
    assert (f"{name}: a line in debian/libd360webhook0.symbols" in done.stderr) == name.islower()
