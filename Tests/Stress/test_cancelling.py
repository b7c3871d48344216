import subprocess
from collections.abc import Callable
from pathlib import Path

from .building import Program
from .databases import check_integrity, hold_write_lock, register, webhooks


def test_cancel_ends_what_waits_for_a_locked_database_and_nothing_else(program: Callable[[str], Program], database: Path) -> None:
    register(database, 1)
    with hold_write_lock(database):
        process = program("cancelling").start(f"sqlite:{database}", 10, stdin=subprocess.PIPE)
        said = process.stdout.readline()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "waiting\n"), errors
    check_integrity(database)
    assert webhooks(database, ["key-0"]) == {"key-0": "https://hooks.example.com/a"}
