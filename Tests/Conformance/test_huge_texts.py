"""A text longer than the memory that is left: rejected before it is copied, whichever argument of whichever function it is."""

import subprocess
import sys

import pytest

from .huge_text import SIGNATURES

CASES = [(name, place, kind) for name, kinds in SIGNATURES.items() for place, kind in enumerate(kinds) if kind.isupper()]
STATUS = {"JSON": "D360_INVALID_REQUEST", "SIGNATURE": "D360_SIGNATURE_MISMATCH"}
#: It may be a report of any length, and this one is none.
EXCEPTIONS = {"error_text": "D360_INVALID_ARGUMENT"}


@pytest.mark.parametrize(("function", "place", "kind"), CASES, ids=[f"{name} {kind}" for name, _, kind in CASES])
def test_a_text_that_memory_has_no_room_for_is_not_copied(function: str, place: int, kind: str) -> None:
    command = [sys.executable, "-m", "Conformance.huge_text", function, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    status = EXCEPTIONS.get(function) or STATUS.get(kind, "D360_INVALID_ARGUMENT")
    assert (done.returncode, done.stdout.strip()) == (0, status), done.stderr[-500:]
