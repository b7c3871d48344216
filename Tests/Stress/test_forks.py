import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from Peers import faults
from Peers.certificates import Authority
from Peers.service import Peer

from .building import Program
from .databases import check_integrity, hold_write_lock, register, webhooks
from .services import channels

Size = Callable[[int], int]
Programs = Callable[[str], Program]


def test_children_of_a_remote_client_write_and_the_parents_connection_goes_on(
    program: Programs, size: Size, authority: Authority
) -> None:
    children = size(100)
    with Peer(tls=authority.identity().context(), channels=channels(children + 1)) as peer:
        program("forks").run(peer.url, json.dumps({"ca_file": str(authority.bundle)}), children)
        parents = [request for request in peer.record if request.fields["d360-api-key"] == "key-0"]
        assert len(parents) == 2 * (1 + 2 * (children // 2) + (children - children // 2) + 1)
        # Whoever ends a connection, by close_notify, FIN or garbage, ends it here: nothing came on it in between.
        assert {request.connection for request in parents} == {parents[0].connection}
        for n in range(1, children + 1):
            assert peer.service.state(f"key-{n}")["customer"] == {"url": f"https://hooks.example.com/child/{n}", "headers": {}}
            own = {request.connection for request in peer.record if request.fields["d360-api-key"] == f"key-{n}"}
            assert len(own) == 1 and parents[0].connection not in own
        assert peer.record.connections == 1 + children
        assert peer.record.failed_handshakes == []


def test_children_of_a_file_client_write_and_nothing_is_lost(program: Programs, size: Size, database: Path) -> None:
    children = size(100)
    program("forks").run(f"sqlite:{database}", "{}", children)
    check_integrity(database)
    wanted = {f"key-{n}": f"https://hooks.example.com/child/{n}" for n in range(1, children + 1)}
    wanted["key-0"] = f"https://hooks.example.com/parent/{children + 1}"
    assert webhooks(database, wanted) == wanted


@pytest.mark.parametrize(
    "case", ["parent-closes-between-writes", "parent-closes-before-first-write", "two-clients", "derived-and-grandchild"]
)
def test_nothing_is_lost_when_the_parent_closes_beside_its_child(program: Programs, database: Path, case: str) -> None:
    acknowledged = program("forked_files").run(database, case, seconds=60)
    check_acknowledged(database, acknowledged)


def test_a_child_closes_what_it_inherited_of_a_file_by_whatever_name(program: Programs, database: Path) -> None:
    other = database.with_name("other.db")
    other.symlink_to(database)
    check_acknowledged(database, program("forked_files").run(database, "two-clients", other, seconds=60))


def test_a_child_that_only_closes_leaves_the_file_and_its_log_alone(program: Programs, database: Path) -> None:
    check_acknowledged(database, program("forked_files").run(database, "child-only-closes", seconds=60))
    assert not database.with_name("webhooks.db-wal").exists()


def test_a_service_in_memory_ends_in_a_child_and_a_new_one_can_be_opened(program: Programs, database: Path) -> None:
    program("forked_files").run(database, "memory", seconds=60)


def test_the_first_calls_of_a_child_may_come_at_once_from_many_threads(program: Programs, size: Size, database: Path) -> None:
    children = size(200)
    program("fork_into_threads").run(f"sqlite:{database}", "{}", children)
    with Peer(channels=channels(1)) as peer:
        program("fork_into_threads").run(peer.url, "{}", children)


def test_a_remote_client_busy_at_the_fork_is_refused_in_the_child(program: Programs, authority: Authority) -> None:
    with Peer(tls=authority.identity().context(), channels=channels(1)) as peer:
        peer.script.writes(faults.late(4))
        fork_while_busy(program, peer.url, peer.url, json.dumps({"ca_file": str(authority.bundle)}))
        assert peer.service.state("key-0")["customer"]["url"] == "https://hooks.example.com/busy"
        assert len(peer.record.writes) == 1


def test_a_file_client_busy_at_the_fork_is_refused_in_the_child(program: Programs, database: Path) -> None:
    other = database.with_name("other.db")
    for path in (database, other):
        register(path, 1)
    with hold_write_lock(database):
        process = program("fork_while_busy").start(f"sqlite:{database}", "{}", f"sqlite:{other}", stdin=subprocess.PIPE)
        said = process.stdout.readline()
    finish(process, said)
    check_integrity(database)
    assert webhooks(database, ["key-0"]) == {"key-0": "https://hooks.example.com/busy"}


def fork_while_busy(program: Programs, url: str, second: str, options: str) -> None:
    process = program("fork_while_busy").start(url, options, second, stdin=subprocess.PIPE)
    finish(process, process.stdout.readline())


def finish(process: "subprocess.Popen[str]", said: str) -> None:
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "busy\n"), errors


def check_acknowledged(database: Path, lines: str) -> None:
    """`lines` are "key webhook"; the last of each key is there, and the file is whole."""
    last = {key: json.loads(webhook)["url"] for key, webhook in (line.split(" ", 1) for line in lines.splitlines())}
    assert last
    check_integrity(database)
    assert webhooks(database, last) == last
