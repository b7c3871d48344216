"""The library in a bare Debian 11 with glibc 2.31. Its Python is too old for the package, so a C program calls."""

import shutil
import subprocess
from pathlib import Path

import pytest
from Debian.bare_root import Bare, Root
from Peers.certificates import Authority
from Peers.service import Peer

from .place import CHANNEL, TOP

BERLIN = {**CHANNEL, "api_key": "key-berlin"}


@pytest.fixture
def older(bare: Bare, library: Path) -> Root:
    """With the example of the nine operations, linked for it."""
    root = bare("bullseye")
    shutil.copy(library, root.folder / "usr/local/lib")
    program = root.folder / "usr/local/bin/operations"
    subprocess.run(
        [TOP / "build/bundle/bin/d360-cc", TOP / "examples/operations.c", f"-I{TOP / 'include'}", library,
         "-Wl,-rpath,/usr/local/lib", "-o", program], check=True,
    )  # fmt: skip
    return root


def test_the_nine_operations_work_on_the_embedded_service_and_over_tls(older: Root, authority: Authority) -> None:
    shutil.copy(authority.bundle, older.folder / "tmp/authority.pem")
    with Peer(tls=authority.identity().context(), channels=[BERLIN]) as peer:
        said = older.run("/usr/local/bin/operations", "sqlite:/tmp/service.db", peer.url, SSL_CERT_FILE="/tmp/authority.pem")
        assert len(peer.record) >= 9
    assert said.count("D360_OK") == 18


def test_none_of_the_c_libraries_is_there(older: Root) -> None:
    assert not [name for name in older.installed() if name.startswith(("libcurl", "libjansson", "libnghttp2", "libsqlite3"))]
    assert "not found" not in older.sh("ldd /usr/local/bin/operations")


def test_its_python_is_too_old_for_the_package(older: Root) -> None:
    """Else the package should be tried here too."""
    offered = older.run("apt-cache", "madison", "python3").splitlines()
    assert offered and all("3.9" in line for line in offered)
