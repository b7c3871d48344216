"""What the shared library is: its exports, what it needs, how it is linked."""

import re
from pathlib import Path

import pytest
from support import raw
from support.source import TOP, VERSION, declared_functions

from C.compilers import run

HEADER = (TOP / "include" / "d360webhook.h").read_text()
STATUSES = HEADER[HEADER.index("typedef int32_t d360_status") : HEADER.index("typedef int32_t d360_outcome")]
CONSTANTS = {name: int(number) for name, number in re.findall(r"^    (D360_[A-Z_]+) *= (\d+)", STATUSES, flags=re.M)}
# curl, jansson, SQLite, libcrypto, and what belongs to libc.
NEEDED = {"libcurl.so", "libjansson.so", "libsqlite3.so", "libcrypto.so", "libc.so", "libm.so"}


def dynamic(library: Path, tag: str) -> list[str]:
    return re.findall(rf"\({tag}\)\s+(?:[\w ]+:\s*)?(.*)", run(["readelf", "-dW", library]).stdout)


def test_exports_are_what_the_header_declares_with_their_symbol_version(library: Path) -> None:
    exported = {line.split()[-1] for line in run(["nm", "-D", "--defined-only", library]).stdout.splitlines()}
    wanted = {f"{name}@@D360WEBHOOK_0" for name in declared_functions()}
    # Some linkers list the version itself as well.
    assert exported - {"D360WEBHOOK_0"} == wanted


def test_it_needs_only_its_four_libraries_and_libc(library: Path) -> None:
    needed = {re.sub(r"\.so.*", ".so", name.strip("[]")) for name in dynamic(library, "NEEDED")}
    loader = {name for name in needed if name.startswith("ld-linux")}
    assert needed - loader == NEEDED


def test_it_names_itself_after_its_abi(library: Path) -> None:
    assert dynamic(library, "SONAME") == ["[libd360webhook.so.0]"]
    assert library.resolve().name == f"libd360webhook.so.{VERSION}"
    assert (library.parent / "libd360webhook.so").resolve() == library.resolve()


def test_its_relocations_are_read_only_and_it_is_never_unloaded(library: Path) -> None:
    segments = run(["readelf", "-lW", library]).stdout
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK .* RW +0", segments)
    assert dynamic(library, "FLAGS") == ["BIND_NOW"]
    assert set(dynamic(library, "FLAGS_1")[0].split()) == {"NOW", "NODELETE"}


def test_it_looks_for_libraries_where_the_system_does(library: Path) -> None:
    assert dynamic(library, "RUNPATH") == dynamic(library, "RPATH") == []


def test_it_is_stripped_and_at_most_8_mib(library: Path) -> None:
    """The limit of ordinary Swift; Tests/Build has that of the library that is shipped."""
    assert library.resolve().stat().st_size <= 8 * 1024 * 1024
    assert not re.search(r"\.symtab|\.debug_info", run(["readelf", "-SW", library]).stdout)


def test_the_header_has_every_status_from_0_to_21() -> None:
    assert sorted(CONSTANTS.values()) == list(range(22))


@pytest.mark.parametrize("name", CONSTANTS)
def test_the_status_has_the_name_of_its_constant(name: str) -> None:
    assert raw.status_name(CONSTANTS[name]) == name


@pytest.mark.parametrize("number", [-(2**31), -1, 22, 2**31 - 1])
def test_a_number_that_is_no_status_has_a_name_all_the_same(number: int) -> None:
    assert raw.status_name(number) == "D360_UNKNOWN_STATUS"
