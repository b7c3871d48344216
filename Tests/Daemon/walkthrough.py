"""Runs the commands of a document as a reader would, with paths and ports of the test's own in place of the machine's."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from support.daemon import PROGRAM
from support.documents import Block

TOP = Path(__file__).resolve().parents[2]
SECONDS = 30


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Walkthrough:
    """One reader in one folder; what was started and goes on is ended with the walk."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder, self.root, self.port = folder, folder / "root", free_port()
        self.state = self.root / "var/lib/d360-webhookd"
        for path in ("var/lib/d360-webhookd", "var/backups", "etc/default", "usr/lib/systemd/system", "usr/lib/sysusers.d"):
            (self.root / path).mkdir(parents=True)
        environment = environment or dict(os.environ)
        self.environment = {**environment, "PATH": f"{PROGRAM.parent}:{environment['PATH']}", "LC_ALL": "C.UTF-8"}
        self.replacements = {
            "8360": str(self.port),
            "/var/": f"{self.root}/var/",
            "/etc/": f"{self.root}/etc/",
            "-o d360-webhookd -g d360-webhookd ": "",
            "systemd-sysusers": f"systemd-sysusers --root={self.root}",
            # Without a systemd that runs, a service can be enabled, not started.
            "systemctl enable --now": f"systemctl --root={self.root} enable",
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def run(self, block: Block, shell: tuple[str, ...] = ("sh", "-ec"), **environment: str) -> str:
        """Returns what the block prints. One that ends in a daemon goes on until `stop`."""
        text = block.text
        for found, replacement in self.replacements.items():
            text = text.replace(found, replacement)
        if block.is_daemon and "--listen" not in text:
            text = text.rstrip("\n") + f" --listen 127.0.0.1:{self.port}\n"
        output = self.folder / "output"
        with output.open("wb") as to, (self.folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [*shell, text], cwd=self.folder, env={**self.environment, **environment},
                stdin=subprocess.DEVNULL, stdout=to, stderr=errors, start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        if block.is_daemon:
            self._wait_for_port(process)
        else:
            assert process.wait(SECONDS) == 0, f"{text}\n{output.read_text()}{(self.folder / 'errors').read_text()}"
        return output.read_text()

    def _wait_for_port(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + SECONDS
        while True:
            with socket.socket() as connection:
                if connection.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert process.poll() is None and time.monotonic() < until, (self.folder / "errors").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the daemon of the block before, and everything else that was left running."""
        for process in self._running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
            process.wait(SECONDS)
        self._running.clear()

    def install_unit(self) -> None:
        """Copies systemd's files as `make install` does."""
        shutil.copy(TOP / "packaging/d360-webhookd.service", self.root / "usr/lib/systemd/system")
        shutil.copy(TOP / "packaging/d360-webhookd.sysusers", self.root / "usr/lib/sysusers.d/d360-webhookd.conf")
        shutil.copy(TOP / "packaging/d360-webhookd.default", self.root / "etc/default/d360-webhookd")

    def __enter__(self) -> "Walkthrough":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
