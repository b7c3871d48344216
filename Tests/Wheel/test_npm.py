"""The package of Node with the library that carries its C libraries, in bare Debians with their own Node."""

import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from Debian.bare_root import Bare

from .binary import NEWEST_GLIBC, output
from .place import TOP

PROGRAM = """
const { Client, version } = require('d360webhook');
(async () => {
  const client = new Client('sqlite:/tmp/webhooks.db');
  await client.channelRegister({ phone_number_id: '1', waba_id: 7, api_key: 'key' });
  await client.customerWebhookSet('key', { url: 'https://hooks.example.com/main' });
  console.log(version, JSON.stringify(await client.customerWebhookGet('key')));
  await client.close();
})();
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    subprocess.run(["make", "--no-print-directory", "npm"], cwd=TOP, check=True)
    (tarball,) = (TOP / "build" / "npm").glob("*.tgz")
    folder = tmp_path_factory.mktemp("npm")
    with tarfile.open(tarball) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def test_the_addon_needs_no_newer_glibc_than_the_library(package: Path) -> None:
    (addon,) = package.glob("prebuilt/*/d360webhook.node")
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"@GLIBC_([\d.]+)", output("nm", "-D", addon))}
    assert max(versions) <= NEWEST_GLIBC


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_it_works_with_the_node_of_a_bare_debian(release: str, package: Path, bare: Bare, tmp_path: Path) -> None:
    root = bare(release).copy(tmp_path / "root")
    root.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "nodejs")
    subprocess.run(["mkdir", "-p", root.folder / "app/node_modules"], check=True)
    subprocess.run(["cp", "-a", package, root.folder / "app/node_modules/d360webhook"], check=True)
    said = root.run("node", "-e", PROGRAM, cwd="/app")
    assert re.fullmatch(r'\d+\.\d+\.\d+ \{"url":"https://hooks.example.com/main"\}\n', said)
