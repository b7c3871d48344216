import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import bare_root
from .bare_root import Bare, Root, bare_roots
from .packages import TOP, Packages, build, older


@pytest.fixture(scope="session")
def packages() -> Packages:
    """Of this tree, in build/deb."""
    return build(TOP / "build" / "deb")


@pytest.fixture(scope="session")
def older_packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The same with the version 0.0.9."""
    folder = tmp_path_factory.mktemp("older")
    return build(folder / "deb", older(folder / "tree", "0.0.9"))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Nothing of ours is in these roots; nobody changes them."""
    with bare_roots(tmp_path_factory.mktemp("bare")) as bare:
        yield bare


@pytest.fixture
def release() -> str:
    """Which Debian the test's root is; a test that is parametrized over releases says another."""
    return bare_root.OWN


@pytest.fixture
def root(bare: Bare, release: str, tmp_path: Path) -> Iterator[Root]:
    """A bare root of the test's own."""
    copy = bare(release).copy(tmp_path / "root")
    yield copy
    shutil.rmtree(copy.folder)
