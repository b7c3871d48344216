from collections.abc import Callable
from pathlib import Path

import pytest
from Peers.certificates import Authority

from .building import Program
from .services import KINDS, service

Programs = Callable[[str], Program]
Size = Callable[[int], int]


@pytest.mark.parametrize("kind", KINDS)
def test_opening_and_closing_leaves_no_descriptor_and_no_thread(
    program: Programs, kind: str, tmp_path: Path, authority: Authority
) -> None:
    with service(kind, tmp_path, authority, 1) as (url, options):
        program("descriptors").run(url, options, 1_000)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_memory_stays_flat_over_many_calls(
    program: Programs, size: Size, kind: str, tmp_path: Path, authority: Authority
) -> None:
    with service(kind, tmp_path, authority, 1) as (url, options):
        program("memory").run(url, options, size(1_000_000), 10 if kind == "memory" else 100, seconds=1200)


def test_memory_stays_flat_over_many_remote_calls(program: Programs, size: Size, tmp_path: Path, authority: Authority) -> None:
    with service("remote", tmp_path, authority, 1) as (url, options):
        program("memory").run(url, options, size(50_000), 10, seconds=1200)
