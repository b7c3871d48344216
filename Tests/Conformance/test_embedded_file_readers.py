"""Other code of a process reads the database file: the system then drops the process's locks, and no write may be lost."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import raw
from support.chance import chance

from . import child
from .channel import URL

ROUNDS = 100 if os.environ.get("D360_SOAK") else 10
PROCESSES = 5

#: Does what each line of its input says, and answers with a line. Its channel's key is argv[2].
PROGRAM = """
import shutil
path, key = sys.argv[1:]
client = raw.open_client(f"sqlite:{path}")[1]
for line in sys.stdin:
    action, _, value = line.strip().partition(" ")
    if action == "copy":
        shutil.copyfile(path, f"{path}.{key}")
        answer = "D360_OK"
    elif action == "reopen":
        raw.close(client)
        answer, client, _ = raw.open_client(f"sqlite:{path}")
    elif action == "visit":
        answer, other, _ = raw.open_client(f"sqlite:{path}")
        raw.close(other)
    else:
        answer, _ = raw.call("d360_customer_webhook_set", client, key, {"url": value})
    print(answer, flush=True)
raw.close(client)
"""

#: Another program opens the file, reads and closes it, with the SQLite of Python.
READER = """
import sqlite3
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM channel").fetchone()[0])
connection.close()
"""

Program = subprocess.Popen[str]


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[list[Program]]:
    client = raw.open_client(f"sqlite:{tmp_path}/w.db")[1] or 0
    for number in range(PROCESSES):
        channel = {"phone_number_id": str(number), "waba_id": 1, "api_key": f"key-{number}"}
        assert raw.call("d360_channel_register", client, channel)[0] == "D360_OK"
    raw.close(client)
    programs = [child.start(PROGRAM, tmp_path / "w.db", f"key-{number}") for number in range(PROCESSES)]
    yield programs
    for program in programs:
        child.finish(program)


def do(programs: list[Program], actions: list[str]) -> None:
    """One action in each process, all at once."""
    for program, action in zip(programs, actions, strict=True):
        assert program.stdin
        program.stdin.write(action + "\n")
        program.stdin.flush()
    assert [program.stdout.readline() for program in programs if program.stdout] == ["D360_OK\n"] * PROCESSES


def shown(path: Path) -> list[str]:
    """The URL of each channel, as a process reads it that opens the file now."""
    program = """
    client = raw.open_client(f"sqlite:{sys.argv[1]}")[1]
    for number in range(int(sys.argv[2])):
        print(raw.call("d360_customer_webhook_get", client, f"key-{number}")[1])
    raw.close(client)
    """
    return [json.loads(line).get("url", "") for line in child.run(program, path, PROCESSES)]


def test_no_write_is_lost_while_processes_read_the_file_and_others_open_and_close_it(
    programs: list[Program], tmp_path: Path
) -> None:
    choices = chance()
    for round_ in range(ROUNDS):
        # At least one process loses its locks; then the file is closed by a process that may think that it is the last.
        actions = [choices.choice(["copy", "copy", "copy", "visit", "reopen"]) for _ in range(PROCESSES)]
        actions[round_ % PROCESSES] = "copy"
        do(programs, actions)
        assert child.run(READER, tmp_path / "w.db") == [str(PROCESSES)]
        urls = [f"{URL}/{round_}/{number}" for number in range(PROCESSES)]
        do(programs, [f"set {url}" for url in urls])
        assert shown(tmp_path / "w.db") == urls, f"round {round_}: {actions}"
