"""Building twice gives the same bytes."""

import subprocess
from pathlib import Path

from .packages import Packages, build


def test_another_folder_umask_locale_time_zone_and_home_give_the_same_bytes(packages: Packages, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    other = build(
        tmp_path / "a" / "longer name".replace(" ", "-") / "deb", umask=0o077,
        LC_ALL="C", LANG="de_DE.UTF-8", TZ="Pacific/Kiritimati", HOME=str(home), DEB_BUILD_OPTIONS="parallel=1",
    )  # fmt: skip
    names = sorted(path.name for path in packages.folder.glob("*.deb"))
    assert names == sorted(path.name for path in other.folder.glob("*.deb")) and len(names) == 7
    differing = [name for name in names if (packages.folder / name).read_bytes() != (other.folder / name).read_bytes()]
    assert not differing, _differences(packages.folder / differing[0], other.folder / differing[0])


def _differences(one: Path, two: Path) -> str:
    done = subprocess.run(["diffoscope", "--text", "-", one, two], capture_output=True, text=True, timeout=600, check=False)
    return done.stdout[:6000]
