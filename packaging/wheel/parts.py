# SPDX-License-Identifier: Apache-2.0
"""Lists the parts of what was built, with versions and licences, in CycloneDX's format too."""

import json
import re
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Part:
    """A component. `package` is its purl."""

    name: str
    version: str
    licence: str
    package: str


def of_debian(name: str, version: str, licence: str, release: str = "bookworm") -> Part:
    """From a source package."""
    package = f"pkg:deb/debian/{name}@{quote(version, safe='')}?arch=source&distro={release}"
    return Part(name, upstream(version), licence, package)


def c_libraries(*lists: str) -> list[Part]:
    """Of lists in packaging/bundle."""
    lines = [line for name in lists for line in (TOP / "packaging" / "bundle" / name).read_text().splitlines()]
    return [of_debian(*line.split(maxsplit=2)) for line in lines if not line.startswith("#")]


def gcc(bundle: Path) -> tuple[Part, str]:
    """The compiler's own library, and that of C++, with their licence."""
    (package,) = (bundle / "packages").glob("gcc-10-base_*.deb")
    version = subprocess.run(["dpkg-deb", "-f", package, "Version"], capture_output=True, text=True, check=True).stdout.strip()
    text = (bundle / "root/usr/share/doc/gcc-10-base/copyright").read_text()
    return of_debian("gcc-10", version, "GPL-3.0-or-later WITH GCC-exception-3.1", "bullseye"), text


def upstream(version: str) -> str:
    """A Debian version without what Debian adds: 1:1.2.13.dfsg-1 is 1.2.13."""
    found = re.fullmatch(r"(?:\d+:)?(\d[\d.]*?\d)(?:[.+~]?dfsg\d*)?(?:-[^-]+)?", version)
    assert found, version
    return found[1]


def swift() -> tuple[Part, str]:
    """The parts of Swift's standard library that are compiled in, and the text of their licence."""
    said = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Swift version ([\d.]+)", said)
    assert found, said
    target = json.loads(subprocess.run(["swiftc", "-print-target-info"], capture_output=True, check=True).stdout)
    text = (Path(target["paths"]["runtimeResourcePath"]).parents[1] / "share/swift/LICENSE.txt").read_text()
    package = f"pkg:github/swiftlang/swift@swift-{found[1]}-RELEASE"
    return Part("swift", found[1], "Apache-2.0 WITH Swift-exception", package), text


def bill(name: str, version: str, parts: list[Part]) -> str:
    """CycloneDX 1.6; the same parts give the same text."""
    about = {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "bom-ref": name}
    components = [
        {"type": "library", "bom-ref": part.name, "name": part.name, "version": part.version, "purl": part.package,
         "licenses": [{"expression": part.licence}]}
        for part in parts
    ]  # fmt: skip
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([about, components]))}",
        "version": 1,
        "metadata": {"component": about},
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": [part.name for part in parts]}],
    }
    return json.dumps(document, indent=1) + "\n"
