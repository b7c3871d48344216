"""Schemathesis, which reads /openapi.json and tries what it allows and forbids, finds nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.chance import SEED
from support.daemon import Daemon

from .document import OPERATIONS, ask

KEY = "key-of-the-tested"
TAG = "Channels"


# It learns identifiers from answers, and would remove the channel with the key that the other operations need.
@pytest.mark.parametrize("choice", ["--exclude-tag", "--include-tag"], ids=["without-channels", "channels"])
def test_schemathesis_finds_nothing(choice: str, tmp_path: Path) -> None:
    """All checks but positive_data_acceptance: the maximum, taken names and unknown names are no matter of schema."""
    with Daemon("sqlite::memory:", options=["--max-destinations", "1000"]) as daemon:
        daemon.register({"phone_number_id": "tested", "waba_id": 123065260884961, "api_key": KEY})
        (tmp_path / "schemathesis.toml").write_text(
            f'[auth.openapi.channelKey]\napi_key = "{KEY}"\n\n[auth.openapi.adminToken]\nbearer = "{daemon.admin_token}"\n'
        )
        command = [
            sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", tmp_path / "schemathesis.toml", "run",
            f"{daemon.url}/openapi.json", choice, TAG, "--checks", "all", "--exclude-checks", "positive_data_acceptance",
            "--max-examples", "15", "--seed", str(SEED), "--continue-on-failure",
            "--suppress-health-check", "all", "--generation-database", "none",
        ]  # fmt: skip
        done = subprocess.run(
            [str(word) for word in command], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        counted = ask(daemon.port, "GET", "/metrics").body.decode()
    for name, operation in OPERATIONS.items():
        if (TAG in operation.details["tags"]) == (choice == "--include-tag") and name != "metrics":
            # 401 comes before every other of these.
            assert re.search(rf'_total{{operation="{name}",code="(200|404|409)"}}', counted), f"{name} was never let in"
