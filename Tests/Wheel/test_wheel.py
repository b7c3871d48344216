"""The files that pip gets have the right names, tags and licences, and list their parts."""

import hashlib
import json
import os
import platform
import re
import subprocess
import tarfile
import urllib.parse
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from .place import TOP, listed

#: The lists of packaging/bundle that say what is inside each wheel.
LISTS = {"d360webhook": ["library"], "d360webhook_daemon": ["library", "daemon"]}


@pytest.fixture(params=LISTS)
def wheel(request: pytest.FixtureRequest, wheels: Path) -> Path:
    (found,) = wheels.glob(f"{request.param}-*.whl")
    return found


def read(wheel: Path, suffix: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(suffix)]
        return archive.read(name).decode()


def metadata(wheel: Path) -> Message:
    return Parser().parsestr(read(wheel, ".dist-info/METADATA"))


def parts(wheel: Path) -> dict[str, str]:
    """Of its list: versions by name."""
    return {one["name"]: one["version"] for one in json.loads(read(wheel, "bom.cdx.json"))["components"]}


def test_its_name_says_any_python_3_and_the_oldest_glibc_that_will_do(wheel: Path) -> None:
    assert re.search(rf"-py3-none-manylinux_2_\d+_{platform.machine()}\.whl$", wheel.name)
    said = subprocess.run(
        [TOP / "build/wheel/venv/bin/auditwheel", "show", wheel], capture_output=True, text=True, check=True
    ).stdout
    tag = wheel.name.removesuffix(".whl").rpartition("-")[2]
    assert f'consistent with the following platform tag: "{tag}"' in " ".join(said.split())


def test_its_version_is_the_one_of_the_sources(wheel: Path) -> None:
    version = (TOP / "bindings/python/src/d360webhook/_version.py").read_text().rpartition("= ")[2].strip().strip('"')
    assert metadata(wheel)["Version"] == version == wheel.name.split("-")[1]


def test_every_part_has_its_licence_in_the_wheel(wheel: Path) -> None:
    about = metadata(wheel)
    files = set(about.get_all("License-File") or [])
    assert files == {"LICENSE", *(f"LICENSE.{name}" for name in parts(wheel))}
    bill = json.loads(read(wheel, "bom.cdx.json"))
    licences = {one["licenses"][0]["expression"] for one in bill["components"]}
    assert licences <= {one.strip("()") for one in about["License-Expression"].split(" AND ")}
    with zipfile.ZipFile(wheel) as archive:
        for name in files:
            (path,) = [path for path in archive.namelist() if path.endswith(f".dist-info/licenses/{name}")]
            text = archive.read(path).decode(errors="replace").lower()
            assert len(text) > 200 and ("licen" in text or "blessing" in text or "permission" in text), name


def test_the_list_of_parts_names_each_with_the_version_that_was_built(wheel: Path) -> None:
    versions = listed(*LISTS[wheel.name.split("-")[0]])
    assert set(parts(wheel)) == {*versions, "gcc-10", "swift"}
    for one in json.loads(read(wheel, "bom.cdx.json"))["components"]:
        if one["name"] in versions:
            version = urllib.parse.unquote(re.search(r"@(.*)\?", one["purl"])[1])  # type: ignore[index]
            assert version == versions[one["name"]] and one["version"] in version


def test_the_list_of_parts_is_what_cyclonedx_1_6_asks_for(wheel: Path) -> None:
    bill = json.loads(read(wheel, "bom.cdx.json"))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    refs = [one["bom-ref"] for one in (bill["metadata"]["component"], *bill["components"])]
    assert len(set(refs)) == len(refs)
    assert {bill["dependencies"][0]["ref"], *bill["dependencies"][0]["dependsOn"]} == set(refs)
    for one in bill["components"]:
        assert one["type"] == "library" and one["name"] and one["version"] and one["purl"].startswith("pkg:")


def test_building_again_gives_the_same_bytes(wheels: Path, tmp_path: Path) -> None:
    subprocess.run(
        [wheels / "venv/bin/python", TOP / "packaging/wheel/build.py", TOP / "build/bundle", tmp_path],
        env={**os.environ, "TZ": "Pacific/Kiritimati", "HOME": str(tmp_path)}, umask=0o077, check=True, capture_output=True,
    )  # fmt: skip
    built = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.*") if path.is_file()}
    assert len(built) == 3
    assert built == {name: hashlib.sha256((wheels / name).read_bytes()).hexdigest() for name in built}


def test_the_source_distribution_has_the_sources_alone_and_says_what_they_need(wheels: Path) -> None:
    (path,) = wheels.glob("d360webhook-*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        member = archive.extractfile(next(name for name in archive.getnames() if name.endswith("/PKG-INFO")))
        assert member
        text = member.read().decode()
    assert {"LICENSE", "README.md", "pyproject.toml", "src/d360webhook/_library.py"} <= names
    assert not [name for name in names if ".so" in name]
    assert "libd360webhook0" in text and "make install" in text
