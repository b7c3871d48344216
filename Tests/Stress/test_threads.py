from collections.abc import Callable
from pathlib import Path

import pytest
from Peers.certificates import Authority

from .building import Program
from .databases import check_integrity
from .services import KINDS, service

Programs = Callable[[str], Program]
Size = Callable[[int], int]


@pytest.mark.parametrize("kind", KINDS)
def test_sixteen_threads_on_one_client_see_what_they_wrote(
    program: Programs, size: Size, kind: str, tmp_path: Path, authority: Authority
) -> None:
    with service(kind, tmp_path, authority, 17) as (url, options):
        printed = program("threads").run(url, options, size(60_000), seconds=1200)
    assert int(printed.split()[0]) >= size(60_000)
    if kind == "file":
        check_integrity(tmp_path / "webhooks.db")


def test_thread_sanitizer_would_say_so(sanitized: Programs) -> None:
    process = sanitized("threads").start("race")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 66 and "WARNING: ThreadSanitizer: data race" in errors, errors


@pytest.mark.parametrize("kind", KINDS)
def test_sixteen_threads_on_one_client_race_nowhere(
    sanitized: Programs, size: Size, kind: str, tmp_path: Path, authority: Authority
) -> None:
    with service(kind, tmp_path, authority, 17) as (url, options):
        printed = sanitized("threads").run(url, options, size(60_000), seconds=1200)
    assert int(printed.split()[0]) >= size(60_000)


@pytest.mark.parametrize("kind", KINDS)
def test_the_threads_of_fleet_calls_race_nowhere(
    sanitized: Programs, size: Size, kind: str, tmp_path: Path, authority: Authority
) -> None:
    for n in range(size(30)):
        folder = tmp_path / str(n)
        folder.mkdir()
        with service(kind, folder, authority, 8) as (url, options):
            sanitized("fork_fleets").run("idle", url, options, 0)
