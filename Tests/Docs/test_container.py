"""docs/container.md: the image's program runs as its process 1, with its user, flags, health check and signal."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.daemon import PROGRAM
from support.documents import blocks

from .ports import free_port

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "container.md").read_text()
FILES = {block.file: block.text for block in blocks(PAGE) if block.file}
IMAGE = dict(re.findall(r"^([A-Z]+) (.+)$", FILES["Dockerfile"].replace("\\\n", ""), re.M))
SERVICE: dict[str, Any] = yaml.safe_load(FILES["compose.yaml"])["services"]["webhooks"]
SECONDS = 20


def namespaces(*more: str) -> list[str]:
    user, group = IMAGE["USER"].split(":")
    return ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", *more]


class Container:
    """The program in namespaces of its own: it is process 1 there, and the user of the image."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.port = free_port()
        self.volume = folder / "volume"
        self.volume.mkdir(mode=0o700, exist_ok=True)
        token = folder / "admin-token"
        token.write_text("token\n")
        token.chmod(0o600)
        self.places = {"/var/lib/d360": str(self.volume), "/run/secrets/admin-token": str(token), "8360": self.port}
        program, *flags = json.loads(IMAGE["ENTRYPOINT"])
        assert Path(program).name == PROGRAM.name
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*namespaces("--pid", "--fork", "--kill-child"), PROGRAM, *self.here([*flags, *command])], stderr=log
            )
        end = time.monotonic() + SECONDS
        while self.check_health() != 0:
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def here(self, words: list[str]) -> list[str]:
        for shown, ours in self.places.items():
            words = [word.replace(shown, ours) for word in words]
        return words

    def check_health(self) -> int:
        command = json.loads(IMAGE["HEALTHCHECK"].partition("CMD ")[2])
        return subprocess.run(self.here(command), timeout=SECONDS, check=False).returncode

    def stop(self) -> int:
        """As docker stop does; the exit status."""
        (child,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert Path(f"/proc/{child}/status").read_text().split("NSpid:")[1].splitlines()[0].split()[-1] == "1"
        os.kill(int(child), signal.Signals[IMAGE["STOPSIGNAL"]])
        return self.process.wait(seconds(SERVICE["stop_grace_period"]))

    def close(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    one = Container(tmp_path, SERVICE["command"])
    yield one
    one.close()


def test_it_is_healthy_stops_by_its_signal_as_process_1_and_logs_json(container: Container) -> None:
    assert container.check_health() == 0
    assert container.stop() == 0
    lines = [json.loads(line) for line in container.log.read_text().splitlines()]
    assert any(line.get("path") == "/readyz" for line in lines)
    assert {line["level"] for line in lines} == {"info"}


def register(port: str, token: str) -> int:
    body = json.dumps({"phone_number_id": "1065", "waba_id": 7001, "api_key": "key"}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/admin/channels", body, headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_state_is_in_the_volume_and_the_next_container_has_it(container: Container, tmp_path: Path) -> None:
    assert register(container.port, "other") == 401
    assert register(container.port, "token") == 200
    assert container.stop() == 0
    assert (container.volume / "webhooks.db").stat().st_mode & 0o777 == 0o600
    again = Container(tmp_path, json.loads(IMAGE["CMD"]))
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{again.port}/waba_webhook", headers={"D360-API-KEY": "key"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            assert json.load(answer) == {"waba_id": 7001, "numbers_on_this_waba": ["1065"]}
    finally:
        again.close()


def test_the_stop_takes_longer_than_the_daemon_and_the_user_is_that_of_the_image() -> None:
    assert seconds(SERVICE["stop_grace_period"]) > 10
    assert SERVICE["user"] == IMAGE["USER"]
    assert SERVICE["volumes"] == [f"state:{IMAGE['VOLUME']}"]
    assert "-o 10001 -g 10001 " + IMAGE["VOLUME"] in IMAGE["RUN"]


def test_a_database_file_that_is_a_mount_of_its_own_is_rejected(tmp_path: Path) -> None:
    for name in ("own.db", "mounted.db"):
        (tmp_path / name).touch()
    script = 'mount --bind own.db mounted.db && exec "$0" --service sqlite:mounted.db --listen 127.0.0.1:0'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    (quoted,) = re.findall(r"`… (is a mount .+?)`", PAGE)
    assert done.returncode == 1
    assert quoted in done.stderr


def test_the_packages_of_the_image_are_built_by_make_deb() -> None:
    copied = re.findall(r"([a-z0-9-]+)_\*\.deb", IMAGE["COPY"])
    packages = re.findall(r"^Package: (.*)$", (TOP / "debian" / "control").read_text(), re.M)
    assert set(copied) <= set(packages)
