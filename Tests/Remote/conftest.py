import pathlib

import pytest
from Peers.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(pathlib.Path(tmp_path_factory.mktemp("certificates")))
