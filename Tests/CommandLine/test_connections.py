"""How the service is reached: a CA of one's own, a proxy, plain HTTP, one number of a fleet document."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from Peers.certificates import Authority
from Peers.model import Answer
from Peers.server import Server
from Peers.service import Peer

from .conftest import CHANNELS
from .program import KEY, Program


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(Path(tmp_path_factory.mktemp("certificates")))


def test_a_service_with_a_private_ca_is_reached_with_ca_file(tmp_path: Path, authority: Authority) -> None:
    with Peer(channels=CHANNELS, tls=authority.identity().context()) as peer:
        run = Program(tmp_path, peer.url)
        untrusted = run("--timeout", "2", "multi", "get", SSL_CERT_FILE="")
        assert (untrusted.status, "D360_TLS_ERROR" in untrusted.errors) == (1, True)
        assert run("multi", "get", "--ca-file", str(authority.bundle)).status == 0


def test_plain_http_to_another_machine_needs_insecure_http_and_the_error_says_so(run: Program) -> None:
    refused = run("--service", "http://d360.invalid:8360", "multi", "get")
    assert (refused.status, len(refused.errors.splitlines())) == (64, 1)
    assert "--insecure-http" in refused.errors and "allow_insecure_http" not in refused.errors
    tried = run("--service", "http://d360.invalid:8360", "--insecure-http", "--timeout", "1", "multi", "get")
    assert tried.status == 75


@pytest.fixture
def proxy() -> Iterator[Server]:
    """It answers by itself what it is asked to pass on."""
    body = b'{"enabled": false, "destinations": []}'
    server = Server(lambda _: Answer(200, body, [("Content-Type", "application/json")]), lambda _: None)
    yield server
    server.close()


def test_a_proxy_carries_the_requests(run: Program, proxy: Server) -> None:
    given = ("--service", "http://d360.invalid:8360", "--insecure-http", "--proxy", f"http://127.0.0.1:{proxy.port}")
    done = run(*given, "--json", "multi", "get")
    assert (done.status, done.json) == (0, {"enabled": False, "destinations": []})
    (request,) = proxy.record.requests
    assert "d360.invalid:8360" in request.target


def test_an_option_that_is_out_of_range_is_called_as_it_was_typed(run: Program) -> None:
    for seconds in ("0.0001", "100000", "0"):
        wrong = run("--timeout", seconds, "multi", "get")
        assert (wrong.status, "--timeout" in wrong.errors, "timeout_ms" in wrong.errors) == (64, True, False)


DOCUMENT = """
accounts:
- name: berlin
  api_key: ${BERLIN_KEY}
- {name: munich, api_key: "${MUNICH_KEY}"}
- {name: rome}
"""


def test_one_number_of_a_document_is_addressed_by_its_name(run: Program) -> None:
    run.file("fleet.yaml", DOCUMENT)
    run.file("s.env", f"BERLIN_KEY={KEY}\n")
    del run.environment["D360_API_KEY"]
    berlin = ("--fleet", "fleet.yaml", "--account", "berlin", "--secrets", "s.env")
    assert run(*berlin, "customer", "set", "https://hooks.example.com/berlin").status == 0
    assert run("customer", "get", *berlin).output == "https://hooks.example.com/berlin\n"
    assert run("--fleet", "fleet.yaml", "--account", "munich", "customer", "get", MUNICH_KEY="key-of-munich").output == ""


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("belrin", 64, "fleet.yaml has no account 'belrin'; did you mean berlin?"),
        ("munich", 65, "fleet.yaml:5: account munich: ${MUNICH_KEY} is not set in the environment"),
        ("rome", 65, "fleet.yaml:6: account rome: api_key must be a string"),
    ],
)
def test_an_account_that_cannot_be_used_is_named(run: Program, name: str, status: int, said: str) -> None:
    run.file("fleet.yaml", DOCUMENT)
    done = run("--fleet", "fleet.yaml", "--account", name, "customer", "get")
    assert (done.status, len(done.errors.splitlines())) == (status, 1)
    assert said in done.errors


def test_a_key_and_an_account_exclude_each_other(run: Program) -> None:
    run.file("fleet.json", json.dumps({"accounts": []}))
    done = run("--fleet", "fleet.json", "--account", "a", "--api-key-file", "k", "customer", "get")
    assert (done.status, "exclude each other" in done.errors) == (64, True)
