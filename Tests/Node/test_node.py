# SPDX-License-Identifier: Apache-2.0
"""The npm package: its own tests by `node --test`, its types by tsc, and what `npm pack` puts into the tarball."""

import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.daemon import Daemon

HERE = Path(__file__).parent
TOP = HERE.parent.parent
PACKAGE = TOP / "bindings" / "node"
SYSTEM = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}[os.uname().machine]
#: More than the numbers that a file's tests use.
NUMBERS = 40


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `d360webhook` is installed: packed by npm, unpacked as npm does."""
    folder = tmp_path_factory.mktemp("node")
    library = os.environ["D360WEBHOOK_LIBRARY"]
    subprocess.run(["make", "--no-print-directory", "node", f"NODE_LIBRARY={library}"], cwd=TOP, check=True)
    packed = subprocess.run(
        ["npm", "pack", "--silent", "--offline", f"--pack-destination={folder}"],
        cwd=PACKAGE, env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tarball = folder / packed.stdout.split()[-1]
    with tarfile.open(tarball) as archive:
        archive.extractall(folder / "node_modules", filter="data")
    (folder / "node_modules" / "package").rename(folder / "node_modules" / "d360webhook")
    for file in HERE.glob("*.mjs"):
        text = file.read_text().replace("../Conformance/rules/", f"file://{HERE.parent}/Conformance/rules/")
        (folder / file.name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with Daemon("sqlite::memory:") as one:
        yield one


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_node_passes(file: str, modules: Path, daemon: Daemon) -> None:
    environment = {**os.environ, "D360_TEST_SERVICE": daemon.url, "D360_TEST_KEYS": file}
    for number in range(1, NUMBERS):
        key = f"{file}-{number}"
        daemon.register({"phone_number_id": key, "waba_id": 123065260884961, "api_key": key})
    ended = subprocess.run(
        ["node", "--test", "--test-reporter=tap", file], cwd=modules, env=environment, capture_output=True, text=True, timeout=300
    )
    counts = {name: int(count) for name, count in re.findall(r"^# (pass|fail|skipped|cancelled) (\d+)$", ended.stdout, re.M)}
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-4000:]
    assert counts["pass"] > 0 and not (counts["fail"] or counts["skipped"] or counts["cancelled"]), counts


def test_the_types_are_those_of_the_methods(modules: Path) -> None:
    program = (HERE / "types.ts").read_text()
    for name, module in (("types.mts", "node16"), ("types.ts", "node16"), ("types.ts", "commonjs")):
        (modules / name).write_text(program)
        resolution = "node16" if module == "node16" else "node"
        ended = subprocess.run(
            ["tsc", "--strict", "--noEmit", "--target", "es2020", "--lib", "es2020,dom", "--module", module,
             "--moduleResolution", resolution, name],
            cwd=modules, capture_output=True, text=True,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout


def test_every_name_is_in_both_kinds_of_modules_and_in_the_types(modules: Path) -> None:
    text = "import * as named from 'd360webhook'; console.log(JSON.stringify([named.default, named].map(Object.keys)))"
    ended = subprocess.run(["node", "--input-type=module", "-e", text], cwd=modules, capture_output=True, text=True, check=True)
    common, named = (set(names) - {"default", "module.exports"} for names in json.loads(ended.stdout))
    declared = re.findall(r"^export (?:class|function|const) (\w+)", (PACKAGE / "index.d.ts").read_text(), re.M)
    assert common == named == set(declared)


def test_a_channel_has_the_methods_of_its_types(modules: Path) -> None:
    text = "console.log(JSON.stringify(Object.getOwnPropertyNames(require('d360webhook').Channel.prototype)))"
    ended = subprocess.run(["node", "-e", text], cwd=modules, capture_output=True, text=True, check=True)
    types = (PACKAGE / "index.d.ts").read_text().split("interface Operations<")[1].split("\n}")[0]
    assert set(json.loads(ended.stdout)) == {"constructor", "client", *re.findall(r"^  (\w+)\(", types, re.M)}


def test_the_tarball_holds_the_package_and_the_library_and_nothing_else(modules: Path) -> None:
    folder = modules / "node_modules" / "d360webhook"
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    lib = {f"lib/{path.name}" for path in (PACKAGE / "lib").glob("*.js")}
    top = {"package.json", "README.md", "LICENSE", "index.js", "index.mjs", "index.d.ts", "index.d.mts"}
    assert found == top | lib | {f"prebuilt/{SYSTEM}/d360webhook.node", f"prebuilt/{SYSTEM}/libd360webhook.so.0"}


def test_the_programs_of_the_readme_print_what_it_says(modules: Path) -> None:
    readme = (PACKAGE / "README.md").read_text()
    programs = re.findall(r"```js\n(.*?)```\n\n```text\n(.*?)```", readme, re.S)
    assert programs
    for program, printed in programs:
        ended = subprocess.run(
            ["node", "--input-type=module", "-e", program], cwd=modules, capture_output=True, text=True, timeout=60
        )
        assert (ended.stdout, ended.returncode) == (printed, 0), ended.stderr
