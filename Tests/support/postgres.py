"""A PostgreSQL cluster of a test's own: in a temporary folder, on a Unix socket, gone with the test however that ends."""

import functools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

OLDEST = 15
ROLE = "d360"
PORT = 5432
SECONDS = 60


def binaries() -> Path:
    """The folder of the newest server's programs."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    found = {int(path.parts[-3]): path.parent for path in debian if path.parts[-3].isdigit()}
    if on_path := shutil.which("initdb"):
        text = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=True).stdout
        if version := re.search(r"(\d+)", text):
            found.setdefault(int(version[1]), Path(on_path).resolve().parent)
    assert found and max(found) >= OLDEST, f"PostgreSQL {OLDEST} or newer is missing: apt-get install postgresql"
    return found[max(found)]


class Cluster:
    """Runs when it is made. The role of `url` is the superuser, without a password; `guarded` needs one.

    `settings` are postgresql.conf's: with listen_addresses and port it is on TCP, too.
    """

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self.programs = binaries()
        self.port = (settings or {}).get("port", PORT)
        # The server refuses to run as root.
        self.user: str | None = None
        if os.geteuid() == 0:
            self.user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
        # Not where TMPDIR says: a socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="d360-postgresql-", dir="/tmp"))
        self.data = self.folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.guard = subprocess.Popen([sys.executable, __file__, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True)
        try:
            self._make(settings or {})
            self.start()
        except BaseException:
            self.close()
            raise

    def _make(self, settings: Mapping[str, object]) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        rules = [f"{kind} scram-sha-256" for kind in ("local all guarded", "host all guarded 127.0.0.1/32")]
        rules += [f"{kind} trust" for kind in ("local all all", "host all all 127.0.0.1/32")]
        (self.data / "pg_hba.conf").write_text("\n".join(rules) + "\n")
        every = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "log_line_prefix": "%m [%p] ",
            **settings,
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in every.items())

    def url_of(self, database: str, role: str = ROLE) -> str:
        return f"postgresql://{role}@/{database}?host={self.folder}" + (f"&port={self.port}" if self.port != PORT else "")

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def make_database(self, name: str) -> str:
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url_of(name)

    def execute(self, sql: str, database: str = "postgres") -> list[str]:
        """The rows, their columns with | between them."""
        command = [str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url_of(database)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", str(self.data)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=True, **self._as_user(),
            )  # fmt: skip
        ready = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port), "-U", ROLE]
        end = time.monotonic() + SECONDS
        while subprocess.run(ready).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, f"PostgreSQL does not start:\n{self.log()}"
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends sessions at once and writes a checkpoint, SIGTERM waits for sessions, SIGQUIT is like a crash."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(SECONDS)
            self.process = None

    def kill(self) -> None:
        """Every process of the server at once, as where the machine stops; what the kernel has of its files stays."""
        if not self.process:
            return
        processes = [self.process.pid, *_children(self.process.pid)]
        for pid in processes:
            _kill(pid)
        self.process.wait(SECONDS)
        self.process = None
        _wait_for_the_end_of(processes)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def close(self) -> None:
        try:
            self.kill()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.guard.stdin:
                self.guard.stdin.close()
            self.guard.wait(SECONDS)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=SECONDS,
            **self._as_user(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def _as_user(self) -> dict[str, Any]:
        if not self.user:
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def fresh_database(name: str) -> str:
    """The URL of an empty database, in the cluster that the tests share, else in one of this process's own."""
    url = os.environ.get("D360_TEST_POSTGRESQL") or _own_cluster().url
    command = [str(binaries() / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", f'CREATE DATABASE "{name}"', url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@functools.cache
def _own_cluster() -> Cluster:
    """It ends with the process: its guard notices."""
    return Cluster()


def _children(pid: int) -> Iterator[int]:
    try:
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except FileNotFoundError:
        return


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _wait_for_the_end_of(processes: list[int]) -> None:
    """An orphan still holds the cluster's shared memory."""
    end = time.monotonic() + SECONDS
    while any(_is_running(pid) for pid in processes):
        assert time.monotonic() < end, "a process of PostgreSQL does not end"
        time.sleep(0.005)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _guard(folder: Path) -> None:
    """Waits until whoever made the cluster has closed it or is gone, by whatever signal, and removes what is left."""
    sys.stdin.buffer.read()
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if folder in (path.resolve(), path.resolve().parent):
                _kill(int(path.parent.name))
        except OSError:
            continue
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
