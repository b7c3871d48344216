"""docs/fleet.md, read from its beginning to its end: every command runs and prints what stands below it."""

import re
import shlex
import subprocess
from pathlib import Path

from support.documents import sections

from d360webhook import Client

from .guide import GUIDE, KEYS, SECRETS, TOP, Reader, guide_blocks, guide_document, set_up, systemd_units


def test_every_command_prints_what_stands_below_it(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    commands = 0
    for block in guide_blocks():
        if block.language == "yaml":
            (tmp_path / "fleet.yaml").write_text(block.text)
            continue
        for command, output in block.commands if block.language == "console" else ():
            assert reader.type(command).rstrip("\n") == output.rstrip("\n"), command
            commands += 1
    assert commands > 10


def test_systemd_takes_the_service_and_the_timer(tmp_path: Path) -> None:
    paths = []
    for name, text in systemd_units().items():
        place = tmp_path / Path(name).name
        place.write_text(text.replace("/usr/bin/d360-webhook", "/bin/true"))
        paths.append(place)
    assert {path.suffix for path in paths} == {".service", ".timer"}
    verified = subprocess.run(
        ["systemd-analyze", "--no-pager", "verify", *paths], capture_output=True, text=True, timeout=60, check=False
    )
    said = verified.stdout + verified.stderr
    assert verified.returncode == 0, said
    assert [line for line in said.splitlines() if "d360-fleet" in line] == []
    (when,) = re.findall(r"^OnCalendar=(.*)$", "\n".join(systemd_units().values()), re.M)
    calendar = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, timeout=60, check=False)
    assert calendar.returncode == 0, calendar.stderr


def test_the_service_runs_an_audit_that_ends_with_2_and_leaves_its_page(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in guide_blocks():
        if block.language == "yaml":
            (tmp_path / "fleet.yaml").write_text(block.text)
        for command, _ in block.commands if block.language == "console" else ():
            reader.type(command)
    (text,) = (text for text in systemd_units().values() if "ExecStart" in text)
    (line,) = re.findall(r"^ExecStart=(.*)", text.replace("\\\n", " "), re.M)
    line = line.replace("/usr/bin/", "").replace("/etc/d360/", "")
    done = subprocess.run(
        shlex.split(line.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path)).replace("${STATE_DIRECTORY}", str(tmp_path))),
        cwd=tmp_path, env=reader.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "")
    assert "vienna" in done.stdout and "vienna" in (tmp_path / "fleet.html").read_text()


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.environment["D360_SERVICE"] = f"sqlite:{tmp_path / 'webhooks.db'}"
    with Client(reader.environment["D360_SERVICE"]) as client:
        set_up(client)
    (tmp_path / "keys.csv").write_text("name,api_key\n" + "".join(f"{name},{key}\n" for name, key in KEYS.items()))
    (block,) = sections(TOP / "README.md")["Many numbers"]
    said = [reader.type(command) for command in block.text.splitlines()]
    assert said == ["3 accounts, 0 lose events, 3 in sync.\n"] * 2
    assert "vienna" in (tmp_path / "fleet.html").read_text()


def test_the_exit_statuses_are_those_of_the_table(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.environment["D360_SERVICE"] = f"sqlite:{tmp_path / 'webhooks.db'}"
    with Client(reader.environment["D360_SERVICE"]) as client:
        set_up(client)
    (tmp_path / "fleet.yaml").write_text(guide_document())
    (tmp_path / "fleet.secrets").write_text(SECRETS)
    audit = "d360-webhook fleet audit fleet.yaml --secrets fleet.secrets"
    done = {
        0: audit,
        2: f"sed -i s/key-1/rotated/ fleet.secrets; {audit}",
        75: f"D360_SERVICE=http://127.0.0.1:9 {audit} --timeout 0.5",
        1: f"D360_SERVICE=sqlite:/nowhere/at/all.db {audit}",
        66: f"{audit} --secrets nowhere",
        65: f"{audit} --secrets fleet.yaml",
        64: f"{audit} --colour red",
    }
    assert set(map(int, re.findall(r"^\| (\d+) \|", GUIDE.read_text(), re.M))) == set(done)
    for status, command in done.items():
        assert reader.type(f"{command}; echo status $?").splitlines()[-1] == f"status {status}"
