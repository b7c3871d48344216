import shutil
from collections.abc import Callable, Iterator
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
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Root]]:
    """The root of a release. Nothing of ours is in it; nobody changes it."""
    made: dict[str, Root] = {}

    def of(release: str) -> Root:
        if release not in made:
            folder = tmp_path_factory.mktemp(release) / "root"
            bare_root.make(folder, release)
            made[release] = Root(folder)
        return made[release]

    yield of
    for root in made.values():
        shutil.rmtree(root.folder)


@pytest.fixture
def release() -> str:
    """Which Debian the test's root is; a test that is parametrized over releases says another."""
    return bare_root.OWN


@pytest.fixture
def root(bare: Callable[[str], Root], release: str, tmp_path: Path) -> Iterator[Root]:
    """A bare root of the test's own."""
    copy = bare(release).copy(tmp_path / "root")
    yield copy
    shutil.rmtree(copy.folder)
