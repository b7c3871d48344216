"""The image of packaging/Containerfile: built by buildah on a bare root, without a registry, and run as its own settings say."""

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .bare_root import Root
from .packages import TOP, Packages

ENVIRONMENT = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
STATE = "/var/lib/d360-webhookd"
SECONDS = 20


def buildah(*arguments: str | Path) -> str:
    done = subprocess.run(["buildah", *arguments], cwd=TOP, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image(bare: Root, packages: Packages) -> Iterator[str]:
    scratch = buildah("from", "scratch")
    buildah("add", "-q", scratch, bare.folder, "/")
    base = buildah("commit", "-q", "--rm", scratch, "localhost/d360-test-base")
    made = buildah(
        "bud", "-q", "--format", "docker", "-f", "packaging/Containerfile", "--build-arg", f"BASE={base}", "-t",
        "localhost/d360-test", ".",
    )  # fmt: skip
    yield made.split()[-1]
    buildah("rmi", "--force", "localhost/d360-test", base)


@pytest.fixture(scope="module")
def settings(image: str) -> dict[str, Any]:
    return json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]


class Container:
    """A running daemon, in a network of its own; `volume` is its folder."""

    def __init__(self, image: str, settings: dict[str, Any], volume: Path, *arguments: str) -> None:
        self.name = buildah("from", image)
        self._user = settings["User"]
        self._volume = volume
        self._health = settings["Healthcheck"]["Test"][1:]
        command = shlex.join(self._run(*settings["Entrypoint"], *arguments))
        self._process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", f"ip link set lo up && exec {command}"],
            env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def _run(self, *command: str) -> list[str]:
        return ["buildah", "run", "--user", self._user, "-v", f"{self._volume}:{STATE}", self.name, "--", *command]

    def sh(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command in the container and its network."""
        entered = ["nsenter", "--net", f"--target={self._process.pid}", *self._run(*command)]
        return subprocess.run(entered, env=ENVIRONMENT, capture_output=True, text=True, check=False)

    def becomes_healthy(self) -> bool:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if self.sh(*self._health).returncode == 0:
                return True
            time.sleep(0.2)
        return False

    def ask(self, method: str, path: str, body: str = "") -> str:
        """By bash alone, as the image has no client."""
        text = f"{method} {path} HTTP/1.1\\r\\nHost: localhost\\r\\nD360-API-KEY: key\\r\\nContent-Type: application/json\\r\\n"
        text += f"Content-Length: {len(body)}\\r\\nConnection: close\\r\\n\\r\\n{body}"
        return self.sh("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/8360; printf '{text}' >&3; cat <&3").stdout

    def daemon(self) -> int:
        """The process that the entrypoint became."""
        found = subprocess.run(["pgrep", "-x", "d360-webhookd"], capture_output=True, text=True, check=True).stdout.split()
        return next(pid for pid in map(int, found) if self._is_ours(pid))

    def _is_ours(self, pid: int) -> bool:
        return os.readlink(f"/proc/{pid}/ns/net") == os.readlink(f"/proc/{self._process.pid}/ns/net")

    def ends(self) -> tuple[int, str]:
        output, _ = self._process.communicate(timeout=SECONDS)
        buildah("rm", self.name)
        return self._process.returncode, output


@pytest.fixture
def volume(image: str, tmp_path: Path) -> Path:
    """As a new volume is: it has the owner of the image's folder."""
    container = buildah("from", image)
    owner = Path(buildah("mount", container)).joinpath(STATE[1:]).stat()
    buildah("rm", container)
    folder = tmp_path / "volume"
    folder.mkdir(mode=0o700)
    channels = folder / "channels.json"
    channels.write_text('{"channels": [{"phone_number_id": "1", "waba_id": 7, "api_key": "key"}]}')
    for path in (folder, channels):
        os.chown(path, owner.st_uid, owner.st_gid)
    return folder


def test_the_image_says_how_it_is_run(settings: dict[str, Any]) -> None:
    assert settings["User"] == "d360-webhookd"
    assert settings["Volumes"] == {STATE: {}}
    assert settings["StopSignal"] == "SIGTERM"
    assert settings["ExposedPorts"] == {"8360/tcp": {}}


def test_the_daemon_serves_is_stopped_by_its_signal_and_finds_its_data_again(
    image: str, settings: dict[str, Any], volume: Path
) -> None:
    first = Container(image, settings, volume, "--channels", f"{STATE}/channels.json")
    assert first.becomes_healthy(), first.ends()
    assert os.stat(f"/proc/{first.daemon()}").st_uid == volume.stat().st_uid != 0
    assert " 200 " in first.ask("POST", "/v1/configs/webhook", '{"url":"https://hooks.example.com/main"}')
    os.kill(first.daemon(), getattr(signal, settings["StopSignal"]))
    assert first.ends()[0] == 0
    second = Container(image, settings, volume)
    assert second.becomes_healthy(), second.ends()
    assert '{"url":"https://hooks.example.com/main"}' in second.ask("GET", "/v1/configs/webhook")
    os.kill(second.daemon(), signal.SIGTERM)
    assert second.ends()[0] == 0


def test_a_container_whose_volume_cannot_be_written_says_so_and_ends(
    image: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "of root"
    folder.mkdir(mode=0o700)
    status, output = Container(image, settings, folder).ends()
    assert status != 0 and "cannot be opened" in output, output


def test_the_example_of_compose_is_valid_and_uses_the_same_image() -> None:
    file = TOP / "examples" / "compose.yaml"
    done = subprocess.run(["docker-compose", "-f", file, "config"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "dockerfile: packaging/Containerfile" in done.stdout
    assert (file.parent.parent / "packaging" / "Containerfile").exists()
