"""C programs, built as C99 and as C++17 by two compilers each, on the installed library."""

import re
import subprocess
from pathlib import Path

import pytest
from Peers import faults
from Peers.service import Peer
from support.source import declared_functions

from C.compilers import COMPILERS, MEMCHECK, Compile, run


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("program", ["every_function", "null_arguments", "text"])
def test_the_program_passes_and_the_library_prints_nothing(compiled: Compile, program: str, compiler: str) -> None:
    done = run([compiled(program, compiler)])
    assert (done.stdout, done.stderr) == ("", "")


def test_one_program_calls_every_function_of_the_header(compiled: Compile) -> None:
    symbols = run(["nm", "--undefined-only", compiled("every_function")]).stdout
    assert set(re.findall(r"\b(d360_[a-z_]+)", symbols)) - {"d360_webhook"} == declared_functions()


@pytest.fixture(params=[[], MEMCHECK], ids=["plain", "memcheck"])
def checker(request: pytest.FixtureRequest) -> list[str]:
    """Comes before a program: nothing, or valgrind, which fails it for an invalid access or lost memory."""
    return request.param


@pytest.mark.parametrize("program", ["every_function", "null_arguments", "text"])
def test_memcheck_finds_no_invalid_access_and_no_lost_text(compiled: Compile, program: str) -> None:
    done = run([*MEMCHECK, compiled(program)])
    assert done.stderr == ""


def test_memcheck_would_see_text_that_is_not_freed(compiled: Compile) -> None:
    done = subprocess.run([*MEMCHECK, compiled("leak")], capture_output=True, text=True, check=False)
    assert done.returncode == 99
    assert "definitely lost" in done.stderr


def test_the_library_is_never_unloaded(compiled: Compile, library: Path, checker: list[str]) -> None:
    run([*checker, compiled("loading"), library])


def test_signals_are_left_alone_by_a_service_that_ends_its_connections(compiled: Compile, checker: list[str]) -> None:
    with Peer() as peer:
        peer.script.when(lambda request: True, faults.cut_kept())
        run([*checker, compiled("signals"), peer.url])
        assert len(peer.record.requests) >= 40


def test_descriptors_are_not_inherited_by_other_programs(compiled: Compile, tmp_path: Path) -> None:
    file = tmp_path / "webhooks.db"
    with Peer() as peer:
        done = run([compiled("descriptors"), peer.url, file])
    parent, child = ({int(number): target for number, target in re.findall(r"(\d+) (.+)", part)}
                     for part in done.stdout.split("child\n"))  # fmt: skip
    assert str(file) in parent.values()
    assert any(target.startswith("socket:") for target in parent.values())
    assert {0, 1, 2} <= child.keys()
    inherited = [target for number, target in child.items() if number > 2]
    # libcurl's own wake-up: an eventfd, or a pair of sockets or of pipe ends.
    assert len(inherited) <= 2
    assert all(re.match(r"anon_inode:\[eventfd\]|unix socket|pipe:", target) for target in inherited), inherited


def test_sixteen_threads_share_a_client_of_each_service(compiled: Compile, tmp_path: Path, checker: list[str]) -> None:
    with Peer() as peer:
        rounds = 10 if checker else 40
        run([*checker, compiled("threads"), rounds, peer.url, "sqlite::memory:", f"sqlite:{tmp_path / 'webhooks.db'}"])
