"""/metrics agrees with what was asked."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.daemon import Daemon

from .accounts import Account
from .files import spoil
from .wire import JSON, Answer, Wire

OPERATIONS = {
    "multi_webhook_get", "multi_webhook_set", "multi_webhook_append", "multi_webhook_update", "multi_webhook_delete",
    "customer_webhook_get",
    "customer_webhook_set", "waba_webhook_get", "waba_webhook_set", "channel_register", "channel_list", "channel_remove", "reset",
    "healthz", "readyz",
    "metrics", "openapi", "other",
}  # fmt: skip
DURATION = "d360_request_duration_seconds"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(daemon: Daemon) -> Samples:
    with Wire(daemon.port) as wire:
        answer = wire.ask("GET", "/metrics")
    families = list(text_string_to_metric_families(answer.body.decode()))
    assert {(family.name, family.type) for family in families} == {
        ("d360_requests", "counter"), (DURATION, "histogram"), ("d360_storage_errors", "counter"), ("d360_connections", "gauge"),
        ("d360_log_lines_dropped", "counter"),
    }  # fmt: skip
    assert all(family.documentation for family in families)
    found = {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}
    assert len(found) == sum(len(family.samples) for family in families), "a sample is there twice"
    return found


def requests(found: Samples) -> Counter[tuple[str, str]]:
    labels = {
        dict(labels)["operation"] + " " + dict(labels)["code"]: value
        for (name, labels), value in found.items()
        if name == "d360_requests_total"
    }
    return Counter({(key.split()[0], key.split()[1]): int(value) for key, value in labels.items()})


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def eventually(daemon: Daemon, is_so: Callable[[Samples], bool]) -> Samples:
    """A request is counted after its answer has gone."""
    end = time.monotonic() + 5
    while not is_so(found := samples(daemon)):
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


@pytest.fixture
def alone() -> Iterator[Account]:
    """Of a daemon that no other test uses."""
    with Daemon("sqlite::memory:") as daemon:
        yield Account(daemon, 1).register()


def ask_everything(account: Account, wire: Wire) -> Counter[tuple[str, str]]:
    """The number of requests by operation and code."""
    seen: Counter[tuple[str, str]] = Counter()

    def count(operation: str, answer: Answer, code: int) -> None:
        assert answer.code == code, answer
        seen[operation, str(code)] += 1

    url = {"url": "https://hooks.example.com/a"}
    token = [("Authorization", f"Bearer {account.daemon.admin_token}")]
    count("multi_webhook_append", account.append("a", wire=wire), 409)
    count("multi_webhook_set", account.ask("POST", "/multi_webhook", {"enabled": True}, wire=wire), 200)
    count("multi_webhook_append", account.append("a", "b", wire=wire), 200)
    count("multi_webhook_append", account.append("c", "d", wire=wire), 400)
    count("multi_webhook_update", account.ask("PATCH", "/multi_webhook", {"name": "a", **url}, wire=wire), 200)
    count("multi_webhook_update", account.ask("PATCH", "/multi_webhook", {"name": "x", **url}, wire=wire), 404)
    count("multi_webhook_delete", account.ask("DELETE", "/multi_webhook/a", wire=wire), 200)
    count("customer_webhook_set", account.ask("POST", "/v1/configs/webhook", url, wire=wire), 200)
    count("waba_webhook_set", account.ask("POST", "/waba_webhook", url, wire=wire), 200)
    for operation, path in [
        ("multi_webhook", "/multi_webhook"),
        ("customer_webhook", "/v1/configs/webhook"),
        ("waba_webhook", "/waba_webhook"),
    ]:
        count(f"{operation}_get", account.ask("GET", path, wire=wire), 200)
        count(f"{operation}_get", wire.ask("HEAD", path, account.headers), 200)
        count(f"{operation}_get", wire.ask("GET", path), 401)
        count(f"{operation}_set", wire.ask("POST", path, account.headers, b"{}"), 415)
        count(f"{operation}_set", wire.ask("POST", path, account.json_headers, b"{"), 400)
    count("other", wire.ask("GET", "/nowhere"), 404)
    count("other", wire.ask("GET", "/nowhere" + "/x" * 100), 404)
    count("other", wire.ask("BREW", "/multi_webhook"), 405)
    count("channel_list", wire.ask("GET", "/admin/channels", token), 200)
    count("channel_list", wire.ask("GET", "/admin/channels"), 401)
    count("channel_register", wire.ask("POST", "/admin/channels", [*token, JSON], b"{}"), 400)
    count("reset", wire.ask("POST", "/admin/reset"), 401)
    count("channel_remove", wire.ask("DELETE", "/admin/channels/none", token), 404)
    for operation, path in [("healthz", "/healthz"), ("readyz", "/readyz"), ("openapi", "/openapi.json")]:
        count(operation, wire.ask("GET", path), 200)
    too_long = [*account.json_headers, ("Content-Length", "1048577")]
    count("multi_webhook_set", wire.ask("POST", "/multi_webhook", too_long), 413)
    return seen


def test_requests_are_counted_by_operation_and_code(alone: Account) -> None:
    before = requests(eventually(alone.daemon, lambda found: requests(found)["channel_register", "200"] == 1))
    with Wire(alone.daemon.port) as wire:
        asked = ask_everything(alone, wire)

    def new(found: Samples) -> Counter[tuple[str, str]]:
        now = requests(found)
        now.subtract(before)
        del now["metrics", "200"]
        return +now

    found = eventually(alone.daemon, lambda found: new(found) == asked)
    assert {operation for operation, _ in requests(found)} == OPERATIONS


def test_what_many_clients_ask_at_once_is_counted_whole(alone: Account) -> None:
    def ask(_: int) -> None:
        with Wire(alone.daemon.port) as wire:
            for _ in range(100):
                assert alone.ask("GET", "/multi_webhook", wire=wire).code == 200

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))
    eventually(alone.daemon, lambda found: requests(found)["multi_webhook_get", "200"] == 1_600)


def test_durations_are_a_cumulative_histogram(alone: Account) -> None:
    with Wire(alone.daemon.port) as wire:
        ask_everything(alone, wire)
    found = samples(alone.daemon)
    for operation in OPERATIONS:
        buckets = [
            (float(dict(labels)["le"]), count)
            for (name, labels), count in found.items()
            if name == f"{DURATION}_bucket" and dict(labels)["operation"] == operation
        ]
        assert buckets == sorted(buckets) and buckets[-1][0] == float("inf") and len(buckets) > 5
        counts = [count for _, count in buckets]
        assert counts == sorted(counts)
        total = value(found, f"{DURATION}_count", operation=operation)
        assert counts[-1] == total == sum(number for (name, _), number in requests(found).items() if name == operation)
        assert (value(found, f"{DURATION}_sum", operation=operation) > 0) == (total > 0)


def test_a_request_that_waits_is_counted_with_the_time_it_took() -> None:
    with Daemon("sqlite::memory:") as daemon:
        account = Account(daemon, 1).register()
        with Wire(daemon.port) as wire:
            wire.send(b"POST /multi_webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\nContent-Type: application/json\r\n")
            wire.send(f"D360-API-KEY: {account.key}\r\n\r\n".encode())
            time.sleep(0.3)
            wire.send(b'{"enabled":true}')
            assert wire.answer().code == 200
        found = eventually(daemon, lambda found: value(found, f"{DURATION}_count", operation="multi_webhook_set") == 1)
        assert value(found, f"{DURATION}_bucket", operation="multi_webhook_set", le="0.25") == 0
        assert 0.3 <= value(found, f"{DURATION}_sum", operation="multi_webhook_set") < 10


def test_the_gauge_of_connections_goes_up_and_down(alone: Account) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(Wire(alone.daemon.port))
        eventually(alone.daemon, lambda found: value(found, "d360_connections") == 51)
    eventually(alone.daemon, lambda found: value(found, "d360_connections") == 1)


def test_errors_of_the_storage_are_counted(tmp_path: Path) -> None:
    database = tmp_path / "w.db"
    with Daemon(f"sqlite:{database}") as daemon:
        account = Account(daemon, 1).register()
        assert value(samples(daemon), "d360_storage_errors_total") == 0
        spoil(database)
        account.ask("GET", "/multi_webhook").must_fail(503, "D360_STORAGE_ERROR")
        account.ask("POST", "/multi_webhook", {"enabled": True}).must_fail(503, "D360_STORAGE_ERROR")
        with Wire(daemon.port) as wire:
            assert wire.ask("GET", "/readyz").code == 503
        found = eventually(daemon, lambda found: requests(found)["readyz", "503"] == 1)
        assert value(found, "d360_storage_errors_total") == 3
        assert requests(found)["multi_webhook_get", "503"] == requests(found)["multi_webhook_set", "503"] == 1
