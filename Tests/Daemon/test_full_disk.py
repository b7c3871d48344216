"""A write to a full disk is answered 503; readings go on, and so do writes once there is room."""

import json
import resource
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.postgres import Cluster

from .accounts import STARTED, URL, Account
from .wire import Answer, Wire

KIB = 1_024


class Disk(ABC):
    """Where there is little room for a storage, until `grow`."""

    service: str

    def start(self) -> Daemon:
        return Daemon(self.service)

    @abstractmethod
    def grow(self, daemon: Daemon) -> None: ...


class FileLimit(Disk):
    """RLIMIT_FSIZE: no file of the daemon's grows beyond it."""

    def __init__(self, folder: Path) -> None:
        self.service = f"sqlite:{folder}/w.db"
        _, self.hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def start(self) -> Daemon:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (256 * KIB, self.hard))

        return Daemon(self.service, preexec_fn=limit)

    def grow(self, daemon: Daemon) -> None:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (self.hard, self.hard))


@contextmanager
def mounted(size: str) -> Iterator[Path]:
    """A small file system in memory."""
    folder = Path(tempfile.mkdtemp(prefix="d360-disk-", dir="/tmp"))
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "d360", folder], check=True, capture_output=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    finally:
        folder.rmdir()


class SmallDisk(Disk):
    def __init__(self, folder: Path, service: str, room: int) -> None:
        """All but `room` bytes of it are taken."""
        self.service = service
        self.filler = folder / "filler"
        with self.filler.open("wb") as file:
            file.write(b"x" * (shutil.disk_usage(folder).free - room))

    def grow(self, daemon: Daemon) -> None:
        self.filler.unlink()


@contextmanager
def sqlite_disk() -> Iterator[Disk]:
    with mounted("1m") as folder:
        yield SmallDisk(folder, f"sqlite:{folder}/w.db", 400 * KIB)


@contextmanager
def postgresql_disk() -> Iterator[Disk]:
    with Cluster() as cluster, mounted("32m") as folder:
        tablespace = folder / "tablespace"
        tablespace.mkdir()
        if cluster.user:
            shutil.chown(tablespace, cluster.user)
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{tablespace}'")
        cluster.execute("CREATE DATABASE small TABLESPACE small")
        service = cluster.url_of("small")
        with Daemon(service):
            pass
        yield SmallDisk(folder, service, 64 * KIB)


@contextmanager
def file_limit() -> Iterator[Disk]:
    with tempfile.TemporaryDirectory() as name:
        yield FileLimit(Path(name))


def can_mount() -> bool:
    try:
        with mounted("64k"):
            return True
    except subprocess.CalledProcessError:
        return False


DISKS = {"limit": file_limit}
if can_mount():
    DISKS |= {"tmpfs": sqlite_disk, "tmpfs-postgresql": postgresql_disk}


@pytest.fixture(params=DISKS)
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    with DISKS[request.param]() as disk:
        yield disk


def fill(daemon: Daemon, wire: Wire) -> tuple[list[Account], Answer]:
    """Registers until it fails: those that were acknowledged, and the failure."""
    done: list[Account] = []
    for number in range(1, 20_000):
        account = Account(daemon, number)
        answer = account.ask_as_admin("POST", "/admin/channels", {**account.registration, "phone_number": "+" * 250}, wire=wire)
        if answer.code != 200:
            return done, answer
        done.append(account)
    raise AssertionError("the disk does not get full")


def test_a_full_disk_is_a_storage_error_that_loses_nothing_and_passes(disk: Disk) -> None:
    with disk.start() as daemon, Wire(daemon.port) as wire:
        done, failure = fill(daemon, wire)
        assert len(done) > 10
        for answer in (
            failure,
            *(done[0].ask("POST", "/v1/configs/webhook", {"url": URL + "/" + "x" * 2_000}, wire=wire) for _ in range(20)),
        ):
            if answer.code != 200:  # where a few bytes are left
                assert answer.must_fail(503, "D360_STORAGE_ERROR").header("Retry-After") == "1"
        for account in done[:: len(done) // 10]:
            account.ask("GET", "/multi_webhook", wire=wire).must_be({"enabled": False, "destinations": []})
        wire.ask("GET", "/readyz").must_be({"status": "ready"})
        disk.grow(daemon)
        end = time.monotonic() + 10
        while (answer := done[-1].ask("POST", "/multi_webhook", {"enabled": True}, wire=wire)).code != 200:
            assert time.monotonic() < end, f"it does not go on: {answer}"
            time.sleep(0.05)
        answer.must_be(STARTED)
        listed = done[0].ask_as_admin("GET", "/admin/channels", wire=wire).json["channels"]
        assert [one["phone_number_id"] for one in listed] == [account.registration["phone_number_id"] for account in done]
        assert daemon.stop() == 0
        assert "storage" in daemon.log.lower() and json.loads(failure.body)["error"] in daemon.log
