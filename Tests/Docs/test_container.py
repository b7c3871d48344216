"""docs/container.md: the image's program runs as its process 1, with its flags, health check and signal.

The image itself is built and run by the suite Debian.
"""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.daemon import PROGRAM

from .ports import free_port

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "container.md").read_text()
IMAGE = dict(re.findall(r"^([A-Z]+) (.+)$", (TOP / "packaging" / "Containerfile").read_text().replace("\\\n", ""), re.M))
STATE = "/var/lib/d360-webhookd"
GRACE = int(re.search(r"docker stop -t (\d+)", PAGE)[1])  # type: ignore[index]
SECONDS = 20
NAMESPACES = ["unshare", "--user", "--map-user=990", "--map-group=990", "--pid", "--fork", "--kill-child"]


class Container:
    """The entrypoint in namespaces of its own: it is process 1 there, and not root."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.volume = folder / "volume"
        self.volume.mkdir(mode=0o700, exist_ok=True)
        self.places = {STATE: str(self.volume), "8360": self.port}
        self.log = folder / "log"
        (service,) = self.here([IMAGE["ENV"].removeprefix("D360_SERVICE=")])
        environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "D360_SERVICE": service}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*NAMESPACES, *self.here(json.loads(IMAGE["ENTRYPOINT"])), *arguments], env=environment, stderr=log
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
        return subprocess.run(self.here(command), stderr=subprocess.DEVNULL, timeout=SECONDS, check=False).returncode

    def stop(self) -> int:
        """As docker stop does; the exit status."""
        (child,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert Path(f"/proc/{child}/status").read_text().split("NSpid:")[1].splitlines()[0].split()[-1] == "1"
        os.kill(int(child), signal.Signals[IMAGE["STOPSIGNAL"]])
        return self.process.wait(GRACE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    one = Container(tmp_path, "--access-log", "--log-format", "json", "--channels", channels(tmp_path))
    yield one
    one.close()


def channels(folder: Path) -> str:
    path = folder / "channels.json"
    path.write_text('{"channels": [{"phone_number_id": "1065", "waba_id": 7001, "api_key": "key"}]}')
    return str(path)


def test_it_is_healthy_stops_by_its_signal_as_process_1_and_logs_json(container: Container) -> None:
    assert container.check_health() == 0
    assert container.stop() == 0
    lines = [json.loads(line) for line in container.log.read_text().splitlines()]
    assert any(line.get("path") == "/readyz" for line in lines)
    assert {line["level"] for line in lines} == {"info"}


def test_the_state_is_in_the_volume_and_the_next_container_has_it(container: Container, tmp_path: Path) -> None:
    assert container.stop() == 0
    assert (container.volume / "webhooks.db").stat().st_mode & 0o777 == 0o600
    again = Container(tmp_path)
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{again.port}/waba_webhook", headers={"D360-API-KEY": "key"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            assert json.load(answer) == {"waba_id": 7001, "numbers_on_this_waba": ["1065"]}
    finally:
        again.close()


def test_the_page_says_what_the_image_is() -> None:
    assert GRACE > 10
    assert f"webhooks:{IMAGE['VOLUME']} " in PAGE and IMAGE["VOLUME"] == STATE
    assert f"the user is `{IMAGE['USER']}`" in PAGE
    assert f"`{IMAGE['ENV'].partition('sqlite:')[2]}`" in PAGE
    assert "--insecure-listen" in IMAGE["ENTRYPOINT"]
    compose = yaml.safe_load((TOP / "examples" / "compose.yaml").read_text())["services"]["webhooks"]
    assert compose["stop_grace_period"] == f"{GRACE}s"
    assert compose["read_only"] is True and compose["cap_drop"] == ["ALL"]


def test_a_database_file_that_is_a_mount_of_its_own_is_rejected(tmp_path: Path) -> None:
    for name in ("own.db", "mounted.db"):
        (tmp_path / name).touch()
    script = 'mount --bind own.db mounted.db && exec "$0" --service sqlite:mounted.db --listen 127.0.0.1:0'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    (quoted,) = re.findall(r"`… (is a mount .+?)`", PAGE)
    assert done.returncode == 1
    assert quoted in done.stderr
