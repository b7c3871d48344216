"""A child with its parent's process number: the fork says what a process inherited, not the number."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from Peers.certificates import Authority
from Peers.service import Peer

#: Root may make namespaces of processes; others need one of users around it.
UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork"]


def run(url: str, **options: object) -> None:
    command = [*UNSHARE, sys.executable, "-m", "Remote.same_pid", url, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == [
        "1 parent D360_OK ",
        "1 child D360_OK ",
        "1 parent-again D360_OK ",
        '1 reading D360_OK {"url":"https://hooks.example.com/parent-again"}',
    ], (done.stdout, done.stderr)  # fmt: skip


@pytest.mark.parametrize("kind", ["plain", "TLS"])
def test_a_child_takes_a_connection_of_its_own_and_leaves_its_parents_alone(authority: Authority, kind: str) -> None:
    tls: ssl.SSLContext | None = authority.identity().context() if kind == "TLS" else None
    with Peer(tls=tls) as peer:
        run(peer.url, timeout_ms=5_000, **({"ca_file": str(authority.bundle)} if tls else {}))
        assert [request.connection for request in peer.record] == [1, 2, 1, 1]


def test_a_child_opens_a_file_of_its_own(tmp_path: Path) -> None:
    run(f"sqlite:{tmp_path}/w.db")
