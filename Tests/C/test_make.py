"""make: what it says when something is missing, what it installs and takes away."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.source import TOP, VERSION

from C.compilers import run

PAGES = sorted((TOP / "docs" / "man").glob("*.1"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree in which nothing was built."""
    folder = tmp_path / "tree"
    folder.mkdir()
    for name in ("Makefile", "Package.swift"):
        shutil.copy(TOP / name, folder)
    for name in ("Sources", "include", "packaging", "scripts"):
        shutil.copytree(TOP / name, folder / name)
    return folder


def failing_make(folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["make"], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert not (folder / "build").exists()
    return done.stderr


def fake(folder: Path, name: str, text: str) -> str:
    """A PATH on which `name` prints `text` and does nothing else."""
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\necho '{text}'\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_missing_libraries_are_named_with_the_command_that_installs_them(copy: Path) -> None:
    said = failing_make(copy, {"PKG_CONFIG_LIBDIR": "/nonexistent", "PKG_CONFIG_PATH": ""})
    packages = "libcurl4-openssl-dev libjansson-dev libsqlite3-dev libssl-dev libmicrohttpd-dev libpq-dev"
    assert f"Missing Debian packages: {packages}\n" in said
    assert f"apt-get install {packages}" in said


def test_one_missing_library_is_named_alone(copy: Path, tmp_path: Path) -> None:
    installed = tmp_path / "pkgconfig"
    installed.mkdir()
    for name in ("libcurl", "sqlite3", "libcrypto", "libmicrohttpd", "libpq"):
        (installed / f"{name}.pc").write_text(f"Name: {name}\nDescription: {name}\nVersion: 99\n")
    said = failing_make(copy, {"PKG_CONFIG_LIBDIR": str(installed), "PKG_CONFIG_PATH": ""})
    assert "Missing Debian packages: libjansson-dev\n" in said


def test_an_older_swift_is_missing(copy: Path, tmp_path: Path) -> None:
    path = fake(tmp_path / "bin", "swift", "Swift version 6.2.4 (swift-6.2.4-RELEASE)")
    said = failing_make(copy, {"PATH": path})
    assert "Swift 6.3 or newer is not on PATH. https://www.swift.org/install/linux/" in said
    assert "Missing" not in said


def test_a_compiler_that_is_missing_is_named(copy: Path, tmp_path: Path) -> None:
    """A PATH of links to all commands but the compiler."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for command in Path(place).glob("*"):
            if command.name != "cc" and not (folder / command.name).exists():
                (folder / command.name).symlink_to(command)
    said = failing_make(copy, {"PATH": str(folder)})
    assert re.search(r"Missing Debian packages: gcc\b", said)


def test_nothing_is_left_to_do_after_the_build() -> None:
    run(["make", "--question", "all", "stage"], cwd=TOP)


def test_run_shows_the_main_jobs_in_at_most_40_lines() -> None:
    lines = run(["make", "--no-print-directory", "run"], cwd=TOP).stdout.splitlines()
    # A new machine's first two lines: what is installed, and that it builds.
    assert len(lines) <= 38
    in_c = [line for line in lines if line.count("D360_OK") == 2 and "→" in line]
    assert len(in_c) == 9
    assert "The same from Python: 18 times D360_OK" in lines
    assert any(re.match(r"  append:  D360_OK ", line) for line in lines)
    assert '  {"waba_id":123065260884961,"numbers_on_this_waba":["106540352242922"]}' in lines
    at = lines.index("A fleet of 200 numbers with three faults put in, held to one document")
    fleet = [line.split() for line in lines[at + 1 :]]
    assert [words[0] for words in fleet] == [
        "audit", "number-010", "number-077", "number-123", "plan", "number-010", "number-077", "number-123", "apply", "again",
    ]  # fmt: skip
    assert lines[at + 1] == "  audit  200 accounts, 197 in sync, 1 losing events"
    found = ["customer_webhook_mismatch", "no_route, waba_webhook_missing", "multi_webhook_disabled"]
    assert [" ".join(words[1:]) for words in fleet[1:4]] == found
    assert [words[1] for words in fleet[5:8]] == ["customer_webhook_set", "waba_webhook_set", "multi_webhook_set"]
    assert lines[at + 9 :] == ["  apply  3 changed, 0 failed, 3 operations", "  again  200 in sync, 0 operations"]


def test_install_puts_everything_where_it_is_told(tmp_path: Path) -> None:
    where = [f"DESTDIR={tmp_path}", "PREFIX=/usr", "LIBDIR=/usr/lib/triplet"]
    run(["make", "install", *where], cwd=TOP)
    library = tmp_path / "usr/lib/triplet"
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir()} == {
        "usr/include/d360webhook.h",
        f"usr/lib/triplet/libd360webhook.so.{VERSION}",
        "usr/lib/triplet/libd360webhook.so.0",
        "usr/lib/triplet/libd360webhook.so",
        "usr/lib/triplet/pkgconfig/d360webhook.pc",
        "usr/bin/d360-webhookd",
        "usr/lib/systemd/system/d360-webhookd.service",
        "usr/lib/sysusers.d/d360-webhookd.conf",
        "usr/share/man/man8/d360-webhookd.8",
        *(f"usr/share/man/man1/{page.name}" for page in PAGES),
        "usr/share/bash-completion/completions/d360-webhook",
        "usr/share/zsh/site-functions/_d360-webhook",
        "usr/share/fish/vendor_completions.d/d360-webhook.fish",
    }
    pages = [page for page in tmp_path.rglob("*.[18]") if "/man/" in str(page)]
    checked = subprocess.run(["mandoc", "-T", "lint", *pages], capture_output=True, text=True, timeout=60, check=False).stdout
    assert len(pages) == len(PAGES) + 1
    # The foot of a page says the version.
    fine = ("referenced manual not found", "operating system explicitly specified: Os libd360webhook")
    assert [line for line in checked.splitlines() if not any(one in line for one in fine)] == []
    assert os.readlink(library / "libd360webhook.so") == "libd360webhook.so.0"
    assert os.readlink(library / "libd360webhook.so.0") == f"libd360webhook.so.{VERSION}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PKG_CONFIG")}
    said = run(
        ["pkg-config", "--cflags", "--libs", "d360webhook"],
        env={**environment, "PKG_CONFIG_PATH": str(library / "pkgconfig"), "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"},
    ).stdout
    assert said.split() == ["-I/usr/include", "-L/usr/lib/triplet", "-ld360webhook"]
    run(["make", "uninstall", *where], cwd=TOP)
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []
