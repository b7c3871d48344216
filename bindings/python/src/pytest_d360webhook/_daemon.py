# SPDX-License-Identifier: Apache-2.0
"""A running d360-webhookd."""

import json
import os
import secrets
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from d360webhook import Client
from d360webhook._daemon import NAME, VARIABLE, find
from pytest_d360webhook._service import CHANNELS, URL_POLICY, D360Service
from pytest_d360webhook._starting import SECONDS, end, start


@dataclass(frozen=True, kw_only=True)
class D360Daemon(D360Service):
    """A D360Service over HTTP.

    admin_token  for /admin/channels, as `Authorization: Bearer`
    log_file     what the daemon has written, requests included
    process      the daemon
    """

    admin_token: str = field(repr=False)
    log_file: Path
    process: "subprocess.Popen[bytes]"

    def reset(self) -> None:
        """Removes every channel with its configuration, and registers the two again."""
        for registered in self._admin("GET")["channels"]:
            self._admin("DELETE", f"/{registered['phone_number_id']}")
        for channel in self.channels:
            self._admin("POST", body=asdict(channel))

    def _admin(self, method: str, path: str = "", body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.admin_token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/admin/channels{path}", data, headers, method=method)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy of the machine's
        with direct.open(request) as response:
            return json.load(response)


@contextmanager
def running(folder: Path, given: Mapping[str, Any]) -> Iterator[D360Daemon]:
    """A daemon on a free port of 127.0.0.1, its data in memory; ended by SIGTERM, and by SIGKILL if that does not end it."""
    token = secrets.token_hex(16)
    port_file, log_file = folder / "d360-port", folder / "d360-webhookd.log"
    channels = json.dumps({"channels": [asdict(channel) for channel in CHANNELS]})
    options = {
        "service": "sqlite::memory:",
        "listen": "127.0.0.1:0",
        "port-file": port_file,
        "url-policy": URL_POLICY,
        "channels": _private(folder / "d360-channels.json", channels),
        "admin-token-file": _private(folder / "d360-admin-token", token),
        **{name.replace("_", "-"): value for name, value in given.items()},
    }
    command = [_program(), "--access-log", *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
    try:
        process, port = start(command, port_file, log_file)
    except AssertionError as problem:
        pytest.fail(f"d360_daemon: {problem}", pytrace=False)
    try:
        url = f"http://127.0.0.1:{port}"
        with Client(url, url_policy=URL_POLICY) as client:
            yield D360Daemon(url=url, client=client, admin_token=token, log_file=log_file, process=process)
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            end(process)


def _program() -> str:
    chosen = os.environ.get(VARIABLE)
    found = shutil.which(chosen) if chosen else find()
    if found is None:
        where = f"{VARIABLE} names {chosen!r}, which is no program" if chosen else f"{NAME} is not on PATH"
        help = f"install d360webhook[daemon] or the program, or set {VARIABLE} to its path"
        pytest.fail(f"d360_daemon: {where}; {help}", pytrace=False)
    return found


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
