import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.chance import seeds

from .hostile_input import POSSIBLE


@pytest.mark.parametrize("seed", seeds(1, 2))
def test_no_mutation_of_a_request_crashes_an_embedded_service(seed: int, soak: bool, tmp_path: Path) -> None:
    trying, count = tmp_path / "trying", 250_000 if soak else 10_000
    command = [sys.executable, "-m", "Stress.hostile_input", str(seed), str(count), str(trying)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.returncode} after {trying.read_bytes().partition(bytes(1))[0][:2000]!r}\n{done.stderr}"
    seen = json.loads(done.stdout)
    assert sum(seen.values()) == count
    # The mutations reach every rule, not the parser alone.
    assert seen.keys() >= POSSIBLE
