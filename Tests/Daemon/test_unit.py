"""The systemd unit: hardened, sound, and started as the daemon wants to be. Nothing here needs a running systemd."""

import os
import re
import shlex
import socket
import subprocess
from pathlib import Path

import pytest
from support.daemon import PROGRAM

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
UNIT = PACKAGING / "d360-webhookd.service"
DEFAULTS = PACKAGING / "d360-webhookd.default"
USERS = PACKAGING / "d360-webhookd.sysusers"


def run(*command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def values(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), flags=re.M)


def value(name: str) -> str:
    found = values(name)
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with the program that was built, as verify looks for it, and the page that it names."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text().replace("/usr/bin/d360-webhookd", str(PROGRAM))
    copy.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.M))
    return copy


def test_the_exposure_is_at_most_2(unit: Path) -> None:
    said = run("systemd-analyze", "--no-pager", "security", "--offline=true", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure and float(exposure[1]) <= 2.0, said


def test_systemd_finds_no_fault_in_it(unit: Path) -> None:
    assert [line for line in run("systemd-analyze", "--no-pager", "verify", unit).splitlines() if unit.name in line] == []


def test_it_runs_as_a_user_of_its_own_with_its_state_in_a_folder_of_its_own() -> None:
    assert (value("Type"), value("User"), value("StateDirectory")) == ("notify", "d360-webhookd", "d360-webhookd")
    assert (value("StateDirectoryMode"), value("UMask")) == ("0700", "0077")
    assert "D360_SERVICE=sqlite:/var/lib/d360-webhookd/webhooks.db" in values("Environment")


def test_systemd_waits_longer_for_its_end_than_it_may_take() -> None:
    assert 10 < int(value("TimeoutStopSec")) <= 15


def test_the_user_is_one_that_systemd_can_make(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", USERS)
    users = (tmp_path / "etc/passwd").read_text()
    assert re.search(r"^d360-webhookd:x:\d+:\d+:[^:]*:/var/lib/d360-webhookd:/usr/sbin/nologin$", users, re.M)


def test_its_command_line_starts_the_daemon_with_the_flags_of_the_defaults_file(tmp_path: Path) -> None:
    """The settings that the file shows, uncommented, in the unit's command, as systemd puts them in."""
    options = re.search(r'^#DAEMON_OPTS="(.*)"$', DEFAULTS.read_text(), re.M)
    assert options
    settings = {"DAEMON_OPTS": options[1].replace("8360", "0"), "D360_SERVICE": f"sqlite:{tmp_path}/webhooks.db"}
    words: list[str] = []
    for word in shlex.split(value("ExecStart"))[1:]:
        # $NAME is several words, ${NAME} is part of one: systemd.service(5).
        given = re.sub(r"\$\{(\w+)\}", lambda found: settings[found[1]], word)
        words += settings[word[1:]].split() if re.fullmatch(r"\$\w+", word) else [given]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        process = subprocess.Popen(
            [str(PROGRAM), *words], env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert manager.recv(256) == b"READY=1"
            process.terminate()
            assert manager.recv(256) == b"STOPPING=1"
            _, log = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert '"message":"listening on http://127.0.0.1:' in log
    assert (tmp_path / "webhooks.db").stat().st_mode & 0o777 == 0o600
