import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import bare_root
from .bare_root import Root
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
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """Nothing of ours is in it; nobody changes it."""
    folder = tmp_path_factory.mktemp("bare") / "root"
    bare_root.make(folder)
    yield Root(folder)
    shutil.rmtree(folder)


@pytest.fixture
def root(bare: Root, tmp_path: Path) -> Iterator[Root]:
    """A bare root of the test's own."""
    copy = bare.copy(tmp_path / "root")
    yield copy
    shutil.rmtree(copy.folder)
