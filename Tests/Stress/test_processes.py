import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from support import raw

from .acknowledged import Acknowledged, destinations, get, phone_numbers
from .building import Program
from .databases import check_integrity, opened

Programs = Callable[[str], Program]
Size = Callable[[int], int]


def test_eight_processes_on_one_file_lose_nothing(program: Programs, size: Size, database: Path) -> None:
    names = [f"process{n}" for n in range(8)]
    count = size(1_000) // 8
    with opened(database, {"max_destinations": 1000}) as client:
        everybody = {"phone_number_id": "999999999999999", "phone_number": "all", "waba_id": 123065260884961, "api_key": "all"}
        assert raw.call("d360_channel_register", client, everybody)[0] == "D360_OK"
        assert raw.call("d360_multi_webhook_set", client, "all", {"enabled": True})[0] == "D360_OK"
    writers = [program("writer").start(f"sqlite:{database}", name, count) for name in names]
    acknowledged = Acknowledged()
    try:
        for name, writer in zip(names, writers, strict=True):
            output, errors = writer.communicate(timeout=600)
            assert (writer.returncode, errors) == (0, ""), errors
            acknowledged.read(name, output.splitlines())
    finally:
        for writer in writers:
            if writer.poll() is None:
                writer.kill()
                writer.communicate()
    check_integrity(database)
    with opened(database) as client:
        own = {f"{name}-{round}" for name in names for round in range(1, count + 1)}
        assert phone_numbers(client) == own | set(names) | {"all"}
        assert acknowledged.channels == own
        there = destinations(client, "all")
        assert sorted(there) == sorted(own)
        for name in names:
            mine = [destination for destination in there if destination.startswith(f"{name}-")]
            assert mine == acknowledged.destinations[name]
            assert get(client, "d360_customer_webhook_get", name) == f'{{"url":"https://hooks.example.com/{name}/{count}"}}'


def test_eight_processes_may_make_the_same_file_at_once(program: Programs, size: Size, tmp_path: Path) -> None:
    for n in range(size(500)):
        database = tmp_path / f"{n}.db"
        begin, end = os.pipe()
        openers = [program("opener").start(f"sqlite:{database}", number, stdin=begin) for number in range(8)]
        os.close(begin)
        os.close(end)
        check_ended(openers)
        check_integrity(database)


def test_a_file_opens_while_others_write_to_it(program: Programs, size: Size, database: Path) -> None:
    """Among the writes are checkpoints, which change the file itself."""
    with writing(program, database, 4):
        for _ in range(size(20_000)):
            _, client, error = raw.open_client(f"sqlite:{database}")
            assert client, error
            status, text = raw.call("d360_multi_webhook_get", client, "writer0")
            raw.close(client)
            assert status == "D360_OK", text
    check_integrity(database)


@contextlib.contextmanager
def writing(program: Programs, database: Path, count: int) -> Iterator[None]:
    writers = [program("writer").start(f"sqlite:{database}", f"writer{n}", 0) for n in range(count)]
    try:
        for writer in writers:
            assert writer.stdout and writer.stdout.readline() == "ready\n", writer.communicate()
        yield
        assert [writer.poll() for writer in writers] == [None] * count
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def check_ended(processes: "list[subprocess.Popen[str]]") -> None:
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, ""), errors
