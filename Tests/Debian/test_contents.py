"""What is in the packages, and what they say of themselves."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest

from .packages import NAMES, TOP, Packages

# Of Debian; nothing of Swift.
LIBRARIES = {"libc6", "libcurl4", "libjansson4", "libsqlite3-0", "libssl3"}
DAEMONS = LIBRARIES | {"libmicrohttpd12", "libpq5"}
NEW_IN_0_2 = {"d360_error_outcome", "d360_error_text", "d360_json_quote", "d360_stop"}


def triplet() -> str:
    return subprocess.run(
        ["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], capture_output=True, text=True, check=True
    ).stdout.strip()


def depends(packages: Packages, name: str) -> set[str]:
    """Names of packages, as releases before and after the change of time_t call them."""
    field = packages.field(name, "Depends")
    return {one.split()[0].removesuffix("t64") for one in field.split(", ") if "|" not in one}


def test_the_library_is_where_several_architectures_can_be_at_once(packages: Packages) -> None:
    version = packages.field("libd360webhook0", "Version")
    contents = {path for path in packages.contents("libd360webhook0") if "/doc/" not in path}
    assert contents == {f"/usr/lib/{triplet()}/libd360webhook.so.0", f"/usr/lib/{triplet()}/libd360webhook.so.{version}"}
    contents = {path for path in packages.contents("libd360webhook-dev") if "/doc/" not in path}
    assert contents == {
        "/usr/include/d360webhook.h",
        f"/usr/lib/{triplet()}/libd360webhook.so",
        f"/usr/lib/{triplet()}/pkgconfig/d360webhook.pc",
    }
    assert [packages.field(name, "Multi-Arch") for name in ("libd360webhook0", "libd360webhook-dev")] == ["same", "same"]


def test_every_symbol_is_listed_with_the_version_that_brought_it(packages: Packages, tmp_path: Path) -> None:
    packages.unpacked(tmp_path, "libd360webhook0")
    exported = subprocess.run(
        ["nm", "-D", "--defined-only", *tmp_path.glob("usr/lib/*/libd360webhook.so.0")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = subprocess.run(
        ["dpkg-deb", "--ctrl-tarfile", packages.path("libd360webhook0")], capture_output=True, check=True
    ).stdout
    symbols = subprocess.run(["tar", "-xO", "./symbols"], input=listed, capture_output=True, check=True).stdout.decode()
    there = set(re.findall(r" T (\w+)@@D360WEBHOOK_0", exported))
    assert len(there) == 28
    assert dict(re.findall(r"^ (d360_\w+)@D360WEBHOOK_0 ([\d.]+)$", symbols, re.M)) == dict.fromkeys(
        there, "0.1.0"
    ) | dict.fromkeys(NEW_IN_0_2, "0.2.0")


@pytest.mark.parametrize(("name", "wanted"), [("libd360webhook0", LIBRARIES), ("d360-webhookd", DAEMONS)])
def test_what_is_built_depends_on_what_it_is_linked_with(packages: Packages, name: str, wanted: set[str]) -> None:
    assert depends(packages, name) == wanted


def test_python_needs_a_library_of_its_own_major_and_minor_number(packages: Packages) -> None:
    series = packages.field("python3-d360webhook", "Version").rpartition(".")[0]
    major, minor = series.split(".")
    field = packages.field("python3-d360webhook", "Depends")
    assert f"libd360webhook0 (>= {series}~)" in field and f"libd360webhook0 (<< {major}.{int(minor) + 1}~)" in field
    assert depends(packages, "d360-webhook") == {
        "python3-click",
        "python3-d360webhook",
        "python3-rich",
        "python3-yaml",
        "python3:any",
    }


def test_the_command_line_comes_with_its_pages_and_its_completion(packages: Packages) -> None:
    contents = packages.contents("d360-webhook")
    pages = {path.name for path in (TOP / "docs" / "man").iterdir()}
    assert {f"/usr/share/man/man1/{page}.gz" for page in pages} <= contents
    assert {
        "/usr/bin/d360-webhook",
        "/usr/share/bash-completion/completions/d360-webhook",
        "/usr/share/fish/vendor_completions.d/d360-webhook.fish",
        "/usr/share/zsh/vendor-completions/_d360-webhook",
    } <= contents


def test_the_daemon_comes_with_its_unit_its_user_and_its_settings(packages: Packages) -> None:
    contents = {re.sub(r"^/lib/", "/usr/lib/", path) for path in packages.contents("d360-webhookd")}
    assert {
        "/usr/bin/d360-webhookd",
        "/etc/default/d360-webhookd",
        "/usr/lib/systemd/system/d360-webhookd.service",
        "/usr/lib/sysusers.d/d360-webhookd.conf",
        "/usr/share/man/man8/d360-webhookd.8.gz",
    } <= contents


@pytest.mark.parametrize("name", ["libd360webhook0", "d360-webhookd"])
def test_debugging_symbols_are_those_of_the_very_build(packages: Packages, name: str, tmp_path: Path) -> None:
    packages.unpacked(tmp_path, name)
    (built,) = [path for path in tmp_path.rglob("*") if re.search(r"/libd360webhook\.so\.\d+\.|bin/d360-webhookd$", str(path))]
    notes = subprocess.run(["readelf", "-nW", built], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Build ID: (..)(\w+)", notes)
    assert found
    assert f"/usr/lib/debug/.build-id/{found[1]}/{found[2]}.debug" in packages.contents(f"{name}-dbgsym")


@pytest.mark.parametrize("name", NAMES)
def test_every_package_has_the_copyright_that_names_the_runtimes_linked_in(packages: Packages, name: str, tmp_path: Path) -> None:
    packages.unpacked(tmp_path, name)
    text = " ".join((tmp_path / f"usr/share/doc/{name}/copyright").read_text().split())
    assert "The Swift runtime" in text and "Apache-2.0 with the Runtime Library Exception" in text
    assert "GCC Runtime Library Exception" in text


def test_nothing_of_the_machine_that_built_them_is_in_them(packages: Packages, tmp_path: Path) -> None:
    packages.unpacked(tmp_path)
    packages.unpacked(tmp_path, "libd360webhook0-dbgsym", "d360-webhookd-dbgsym")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert str(packages.folder).encode() not in path.read_bytes(), path


def test_what_is_built_is_hardened_where_that_applies(packages: Packages, tmp_path: Path) -> None:
    packages.unpacked(tmp_path, "libd360webhook0", "d360-webhookd")
    # Swift's own code calls nothing that glibc fortifies; control flow protection is no flag of this release on amd64.
    wanted = ("Position Independent Executable", "Stack protected", "Read-only relocations", "Immediate binding")
    for path in [*tmp_path.glob("usr/lib/*/libd360webhook.so.0"), tmp_path / "usr/bin/d360-webhookd"]:
        said = subprocess.run(["hardening-check", path], capture_output=True, text=True, check=False).stdout
        assert [kind for kind in wanted if f"{kind}: yes" not in said] == [], said


def test_the_flags_of_dpkg_reach_the_compiler_and_the_linker(packages: Packages) -> None:
    compiling = [line for line in packages.log.splitlines() if line.startswith("swift build")]
    # The daemon is linked by swift build, the library by swiftc.
    linking = [line for line in packages.log.splitlines() if line.startswith("swiftc -emit-library")] + compiling[1:]
    assert (len(compiling), len(linking)) == (2, 2)
    for_c = ("-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-Werror=format-security", "-O2")
    check_flags(compiling, "-Xcc", for_c)
    check_flags(linking, "-Xclang-linker", ("-Wl,-z,relro", "-Wl,-z,now"))


def check_flags(commands: list[str], before: str, flags: tuple[str, ...]) -> None:
    for command in commands:
        words = [word for word in command.split() if word != "-Xswiftc"]
        assert {(before, flag) for flag in flags} <= set(itertools.pairwise(words)), command


def test_no_command_of_the_build_lacks_a_flag_for_hardening(packages: Packages) -> None:
    done = subprocess.run(["blhc", "--all", packages.folder / "build.log"], capture_output=True, text=True, check=False)
    # 1: it knows none of the commands, as they are the Swift compiler's. Whatever it knows must be whole.
    assert done.returncode in (0, 1), done.stdout


def test_there_is_no_watch_file_and_the_reason_is_written_down() -> None:
    assert not (TOP / "debian" / "watch").exists()
    assert "No debian/watch" in (TOP / "debian" / "README.source").read_text()
    assert (TOP / "debian" / "source" / "format").read_text() == "3.0 (native)\n"
