# SPDX-License-Identifier: Apache-2.0
"""The servers beside which the daemon is measured, each on a port of loopback, and what wrk says of them."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests

SECONDS = 20
PATH = "/multi_webhook"
# Not every user's PATH has it.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"


class Listener(AbstractContextManager["Listener"]):
    """A server with all its processes. Every answer to API_KEY's reading must be `body`."""

    def __init__(
        self, command: Sequence[str | Path], api_key: str, body: str, port: int | None = None, **environment: str
    ) -> None:
        self._name = str(command[0])
        self._api_key = api_key
        self._body = body
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=dict(os.environ, **environment)
        )
        assert self._process.stdout is not None
        try:
            self.port = port or int(self._process.stdout.readline())
            self._wait()
        except BaseException:
            self.__exit__()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def _wait(self) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                check(self.url, self._api_key, self._body)
                return
            except requests.ConnectionError:
                time.sleep(0.02)
        raise SystemExit(f"{self._name} does not listen")

    def __exit__(self, *exception: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def bare_microhttpd(program: Path, threads: int, api_key: str, body: str) -> Listener:
    return Listener([program, str(threads), body], api_key, body)


def fastapi(folder: Path, workers: int, api_key: str, digest: bytes, body: str) -> Listener:
    path = folder / "fastapi.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE multi_webhook (key_digest BLOB PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID")
    database.execute("INSERT INTO multi_webhook VALUES (?, ?)", (digest, body))
    database.close()
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--no-access-log", "--log-level", "error"]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(Path(__file__).parent), "fastapi_service:app", *options]
    return Listener(command, api_key, body, port, DATABASE=str(path))


def nginx(
    folder: Path, workers: int, api_key: str, body: str, tls: tuple[int, Path, Path] | None = None, before: Sequence[str] = ()
) -> Listener:
    """It answers without asking anybody. `tls`: another port, which speaks TLS, with its certificate and key."""
    port = free_port()
    secure = f"listen 127.0.0.1:{tls[0]} ssl; ssl_certificate {tls[1]}; ssl_certificate_key {tls[2]};" if tls else ""
    places = "\n".join(
        f"    {kind}_temp_path {folder}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(f"""\
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    keepalive_requests 1000000000;
{places}
    server {{
        listen 127.0.0.1:{port};
        {secure}
        location = {PATH} {{ default_type application/json; return 200 '{body}'; }}
    }}
}}
""")
    return Listener([*before, NGINX, "-p", folder, "-e", "stderr", "-c", configuration], api_key, body, port)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def check(url: str, api_key: str, body: str) -> int:
    """The bytes of the whole answer, which must be as it should be."""
    answer = requests.get(url, headers={"D360-API-KEY": api_key}, timeout=SECONDS)
    if answer.status_code != 200 or answer.text != body or answer.headers["Content-Type"] != "application/json":
        raise SystemExit(f"{url} answers {answer.status_code}: {answer.text}")
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.raw.headers.items())
    return len(f"HTTP/1.1 200 {answer.reason}\r\n{head}\r\n{body}".encode())


def requests_a_second(url: str, api_key: str, body: str, connections: int = 64) -> float:
    """wrk's, in a round of one second. One answer before and one after are compared, and the length of all between."""
    length = check(url, api_key, body)
    sums = wrk(url, connections, api_key)
    check(url, api_key, body)
    # The last answers may be cut off by the end of the round.
    missing = sums["requests"] * length - sums["bytes"]
    if not -connections * length <= missing <= 0:
        raise SystemExit(f"{url}: {sums['requests']} answers of {length} bytes make {sums['bytes']} bytes")
    return rate(sums)


def wrk(url: str, connections: int, *arguments: str) -> dict[str, Any]:
    """The sums of one second; none of its requests may have failed."""
    script = Path(__file__).with_name("wrk.lua")
    command = ["wrk", "-t2", f"-c{connections}", "-d1", "-s", str(script), url, "--", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    sums: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if not sums["requests"] or sums["broken"] or sums["refused"]:
        raise SystemExit(f"wrk on {url}: {sums}")
    return sums


def rate(sums: dict[str, Any]) -> float:
    return float(sums["requests"] / sums["microseconds"] * 1e6)
