import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from Debian.bare_root import Bare, bare_roots
from Peers.certificates import Authority

from .place import TOP, Place

NAMES = ["curl", "jansson", "nghttp2", "openssl", "sqlite3", "zlib"]


@pytest.fixture(scope="session")
def wheels() -> Path:
    """The folder that make wheel fills, from this tree."""
    without_ours = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    done = subprocess.run(["make", "wheel"], cwd=TOP, env=without_ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return TOP / "build" / "wheel"


@pytest.fixture(scope="session")
def wheel(wheels: Path) -> Path:
    (found,) = wheels.glob("d360webhook-*.whl")
    return found


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(wheel, folder, "zip")
    return folder


@pytest.fixture(scope="session")
def library(unpacked: Path) -> Path:
    return unpacked / "d360webhook" / "libd360webhook.so.0"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """No machine trusts it."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    with bare_roots(tmp_path_factory.mktemp("bare")) as bare:
        yield bare


@pytest.fixture(scope="session")
def places(bare: Bare, wheels: Path) -> Callable[[str], Place]:
    """A release with everything installed from files, without a network; tests leave it as it is."""
    made: dict[str, Place] = {}

    def of(release: str) -> Place:
        if release not in made:
            place = made[release] = Place(bare(release), release, wheels)
            place.install("d360webhook[daemon]", "pytest", "pycurl", "psycopg[binary]", "cryptography")
        return made[release]

    return of


@pytest.fixture(params=["bookworm", "trixie"])
def place(request: pytest.FixtureRequest, places: Callable[[str], Place]) -> Place:
    return places(request.param)
