"""The library that carries its C libraries: what it shows to a process, and what it takes from it."""

import re
from pathlib import Path

from .binary import NEWEST_GLIBC, SYSTEM, output
from .conftest import NAMES
from .place import TOP, listed


#: All of glibc.
def test_it_needs_nothing_but_glibc(library: Path) -> None:
    dynamic = output("readelf", "-dW", library)
    needed = {name for name in re.findall(r"NEEDED.*\[(.*)\]", dynamic) if not name.startswith("ld-linux")}
    assert needed <= SYSTEM and "libc.so.6" in needed
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic


def test_it_calls_no_function_that_is_newer_than_its_tag_says(library: Path) -> None:
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"@GLIBC_([\d.]+)", output("nm", "-D", library))}
    assert max(versions) == NEWEST_GLIBC


def test_it_exports_its_own_functions_and_no_other(library: Path) -> None:
    exported = set(re.findall(r" [^U w] (\S+)", output("nm", "-D", "--defined-only", library)))
    names = {name.partition("@")[0] for name in exported}
    header = re.sub(r"/\*.*?\*/", "", (TOP / "include" / "d360webhook.h").read_text(), flags=re.DOTALL)
    assert names - {"D360WEBHOOK_0"} == set(re.findall(r"\b(d360_\w+)\([^;{]*\);", header))
    assert all(name.endswith("@@D360WEBHOOK_0") for name in exported if name.startswith("d360_"))


def test_its_abi_is_the_one_on_record(library: Path) -> None:
    assert "as on record" in output(TOP / "scripts" / "abi", "check", library)


def test_it_takes_no_function_of_another_copy_of_its_libraries(library: Path) -> None:
    """Nothing of OpenSSL, libcurl and the others is left for the dynamic linker to find in the process."""
    undefined = re.findall(r" [Uw] (\S+)", output("nm", "-D", "--undefined-only", library))
    others = {name for name in undefined if "@GLIBC_" not in name}
    # What any object of GCC's asks for.
    assert others <= {"__gmon_start__", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable"} < set(undefined)


def test_it_is_hardened_and_stays_loaded(library: Path) -> None:
    dynamic, segments = output("readelf", "-dW", library), output("readelf", "-lW", library)
    assert "GNU_RELRO" in segments and re.search(r"GNU_STACK.* RW +0", segments)
    assert re.search(r"FLAGS_1.*NOW.*NODELETE|FLAGS_1.*NODELETE.*NOW", dynamic)
    assert "__stack_chk_fail" in output("nm", "-D", library)


def test_nothing_of_the_machine_that_built_it_is_in_it(library: Path) -> None:
    content = library.read_bytes()
    assert str(TOP).encode() not in content and b"/usr/lib/swift" not in content


def test_what_the_list_says_is_inside_is_inside(library: Path) -> None:
    """By the texts that libraries have of their own versions."""
    version = {name: re.sub(r"^\d+:|[-.]dfsg.*|-.*", "", version) for name, version in listed("library").items()}
    assert sorted(version) == NAMES
    content = library.read_bytes()
    for text in (f"OpenSSL {version['openssl']} ", *(f"\0{version[name]}\0" for name in ("curl", "nghttp2", "sqlite3", "zlib"))):
        assert text.encode() in content, text
