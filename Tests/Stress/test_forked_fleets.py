"""Fleet calls run threads: what a fork before them, after them and beside them leaves to a child."""

import json
from collections.abc import Callable
from pathlib import Path

from Peers.certificates import Authority
from Peers.service import Peer

from .building import Program
from .databases import check_integrity, register, webhooks
from .services import channels

Programs = Callable[[str], Program]
Size = Callable[[int], int]

#: Of each process, as the program has it.
ACCOUNTS = 8


def own(n: int) -> list[str]:
    """The keys of the parent, which is 0, or of a child."""
    return [f"key-{index}" for index in range(n * ACCOUNTS, (n + 1) * ACCOUNTS)]


def expected(children: int) -> dict[str, str]:
    """The own webhooks at the end, by key."""
    wanted = dict.fromkeys(own(0), f"https://hooks.example.com/parent/{children + 1}")
    return wanted | {key: "https://hooks.example.com/child/2" for n in range(1, children + 1) for key in own(n)}


def test_children_use_the_fleet_calls_of_a_remote_client(program: Programs, size: Size, authority: Authority) -> None:
    children = size(40)
    with Peer(tls=authority.identity().context(), channels=channels((children + 1) * ACCOUNTS)) as peer:
        program("fork_fleets").run("idle", peer.url, json.dumps({"ca_file": str(authority.bundle)}), children)
        assert {key: peer.service.state(key)["customer"]["url"] for key in expected(children)} == expected(children)
        used = [{one.connection for one in peer.record if one.fields["d360-api-key"] in own(n)} for n in range(children + 1)]
        # No process touches another's connections: nothing ended those of the parent, which had 8 at once.
        assert sum(len(connections) for connections in used) == len(set().union(*used)) == peer.record.connections
        assert max(len(connections) for connections in used) <= ACCOUNTS
        assert peer.record.failed_handshakes == []


def test_children_use_the_fleet_calls_of_a_file_client(program: Programs, size: Size, database: Path) -> None:
    children = size(40)
    program("fork_fleets").run("idle", f"sqlite:{database}", "{}", children)
    check_integrity(database)
    assert webhooks(database, expected(children)) == expected(children)


def test_a_remote_client_with_a_running_apply_is_refused_in_the_child(
    program: Programs, size: Size, authority: Authority
) -> None:
    children = size(200)
    with Peer(tls=authority.identity().context(), channels=channels(ACCOUNTS + 1)) as peer:
        options = json.dumps({"ca_file": str(authority.bundle)})
        program("fork_fleets").run("busy", peer.url, options, children, peer.url)
        assert {peer.service.state(key)["customer"]["url"] for key in own(0)} == {f"https://hooks.example.com/busy/{children}"}


def test_a_file_client_with_a_running_apply_is_refused_in_the_child(program: Programs, size: Size, database: Path) -> None:
    children, other = size(200), database.with_name("other.db")
    register(other, ACCOUNTS)
    program("fork_fleets").run("busy", f"sqlite:{database}", "{}", children, f"sqlite:{other}")
    check_integrity(database)
    assert set(webhooks(database, own(0)).values()) == {f"https://hooks.example.com/busy/{children}"}
