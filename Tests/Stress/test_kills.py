import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from support.chance import chance

from .acknowledged import Acknowledged, destinations, get, phone_numbers
from .building import Program
from .databases import check_integrity, opened

Programs = Callable[[str], Program]
Size = Callable[[int], int]


def test_a_killed_process_loses_nothing_that_was_acknowledged(program: Programs, size: Size, database: Path) -> None:
    """Beside each writer that is killed runs another on the same file, which goes on; its turn comes next."""
    pause = chance()
    acknowledged = Acknowledged()
    url = f"sqlite:{database}"
    names = [f"writer{n}" for n in range(size(200) + 1)]
    writers = [program("writer").start(url, names[0], 0)]
    try:
        for n, name in enumerate(names[1:]):
            writers.append(program("writer").start(url, name, 0))
            victim = writers[n]
            time.sleep(pause.uniform(0, 0.25))
            os.kill(victim.pid, signal.SIGKILL)
            output, errors = victim.communicate(timeout=60)
            assert (victim.returncode, errors) == (-signal.SIGKILL, ""), errors
            acknowledged.read(names[n], output.splitlines())
        assert writers[-1].poll() is None, writers[-1].communicate()
    finally:
        for writer in writers:
            writer.kill()
    acknowledged.read(names[-1], writers[-1].communicate()[0].splitlines())
    for writer in writers:
        writer.communicate()
    assert len(acknowledged.channels) > size(200)
    check_integrity(database)
    check(database, acknowledged, names)


def test_a_process_killed_while_it_makes_the_file_leaves_one_that_opens(program: Programs, size: Size, tmp_path: Path) -> None:
    pause = chance()
    for n in range(size(200)):
        database = tmp_path / f"{n}.db"
        writer = program("writer").start(f"sqlite:{database}", "writer", 0)
        time.sleep(pause.uniform(0, 0.03))
        writer.kill()
        acknowledged = Acknowledged()
        acknowledged.read("writer", writer.communicate(timeout=60)[0].splitlines())
        check(database, acknowledged, ["writer"])
        check_integrity(database)


def check(database: Path, acknowledged: Acknowledged, names: list[str]) -> None:
    """Everything acknowledged is there; beyond it at most the one write that each writer was at."""
    with opened(database) as client:
        registered = phone_numbers(client)
        assert acknowledged.channels <= registered
        unacknowledged = registered - acknowledged.channels - set(names)
        assert len({name.partition("-")[0] for name in unacknowledged}) == len(unacknowledged)
        for name in names:
            if name not in registered:
                assert name not in acknowledged.webhooks
                continue
            shown = json.loads(get(client, "d360_customer_webhook_get", name)).get("url", "/0")
            last = acknowledged.webhooks.get(name, 0)
            assert int(shown.rpartition("/")[2]) in (last, last + 1)
            there = destinations(client, name)
            known = acknowledged.destinations[name]
            assert there[: len(known)] == known and len(there) <= len(known) + 1
