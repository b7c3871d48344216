"""The connection to PostgreSQL is lost amid a commit: neither the daemon nor a client of it denies the write."""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from support import raw
from support.cutting_proxy import CuttingProxy
from support.daemon import Daemon
from support.postgres import Cluster

from .accounts import URL, Account, destination
from .document import DOCUMENT, check
from .document import Answer as DescribedAnswer
from .wire import Answer

HOOK = {"url": URL, "headers": {}}


@dataclass(frozen=True)
class Write:
    function: str
    method: str
    target: str
    argument: Any
    is_hidden: bool = False

    @property
    def body(self) -> Any:
        return None if self.method == "DELETE" else self.argument


WRITES = [
    Write("multi_webhook_set", "POST", "/multi_webhook", {"enabled": False}),
    Write("multi_webhook_append", "PUT", "/multi_webhook", {"destinations": [destination("crm")]}),
    Write("multi_webhook_update", "PATCH", "/multi_webhook", {"name": "audit", "url": URL + "/other"}),
    Write("multi_webhook_delete", "DELETE", "/multi_webhook/audit", "audit"),
    Write("customer_webhook_set", "POST", "/v1/configs/webhook", HOOK, is_hidden=True),
    Write("waba_webhook_set", "POST", "/waba_webhook", HOOK),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


class Doubt:
    """A daemon whose commits take a while, with an account for each write, and the proxy before its database."""

    def __init__(self, cluster: Cluster, proxy: CuttingProxy, daemon: Daemon, name: str) -> None:
        self.cluster, self.proxy, self.daemon, self.name = cluster, proxy, daemon, name
        self.accounts = [Account(daemon, number).register().enable("audit") for number in range(len(WRITES))]
        self.before = [self.state(account) for account in self.accounts]
        for table in ("channel", "waba_webhook"):
            cluster.execute(
                f"""
                CREATE FUNCTION public.wait_{table}() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER wait AFTER INSERT OR UPDATE ON d360_webhook.{table} DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.wait_{table}()
                """,
                name,
            )

    @staticmethod
    def state(account: Account) -> list[Any]:
        answers = [account.ask("GET", path) for path in ("/multi_webhook", "/v1/configs/webhook", "/waba_webhook")]
        assert [answer.code for answer in answers] == [200] * 3
        return [answer.json for answer in answers]

    def cut_amid_commits(self) -> None:
        self._wait(lambda: self._committing() == len(WRITES))
        self.proxy.cut()

    def wait_for_commits(self) -> None:
        self._wait(lambda: self._committing() == 0)

    def heal(self) -> None:
        self.proxy.heal()
        self._wait(lambda: self.accounts[0].ask("GET", "/readyz").code == 200)

    def _committing(self) -> int:
        sql = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}' AND query = 'COMMIT' AND state = 'active'"
        return int(self.cluster.execute(sql)[0])

    @staticmethod
    def _wait(is_so: Any) -> None:
        end = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.02)

    def must_be_done(self) -> None:
        for account, before in zip(self.accounts, self.before, strict=True):
            assert self.state(account) != before


@contextmanager
def doubt(cluster: Cluster, name: str) -> Iterator[Doubt]:
    cluster.make_database(name)
    with CuttingProxy(cluster.folder) as proxy:
        with Daemon(f"postgresql://d360@/{name}?host={proxy.folder}", ["--threads=16"]) as daemon:
            yield Doubt(cluster, proxy, daemon, name)


def in_doubt(answer: Answer, write: Write) -> None:
    assert (answer.code, answer.header("Retry-After")) == (503, "1"), answer
    assert answer.json["status"] == "D360_STORAGE_ERROR"
    assert answer.json.get("outcome") == "unknown", answer
    described = DOCUMENT["components"]["responses"]["StorageError"]
    headers = {name.lower(): value for name, value in answer.headers}
    check(described, DescribedAnswer(answer.code, headers, answer.body))


def asked(pool: ThreadPoolExecutor, doubt: Doubt) -> list[Future[Answer]]:
    return [
        pool.submit(account.ask, write.method, write.target, write.body)
        for account, write in zip(doubt.accounts, WRITES, strict=True)
    ]


def test_the_answer_says_that_the_outcome_of_a_write_is_unknown(cluster: Cluster) -> None:
    with ThreadPoolExecutor(len(WRITES)) as pool, doubt(cluster, "answer") as one:
        answers = asked(pool, one)
        one.cut_amid_commits()
        for answer, write in zip(answers, WRITES, strict=True):
            in_doubt(answer.result(), write)
        one.wait_for_commits()
        one.heal()
        one.must_be_done()


def test_a_daemon_that_stops_amid_a_commit_in_doubt_says_so_too(cluster: Cluster) -> None:
    with ThreadPoolExecutor(len(WRITES)) as pool, doubt(cluster, "stop") as one:
        answers = asked(pool, one)
        one.cut_amid_commits()
        one.daemon.process.send_signal(signal.SIGTERM)
        for answer, write in zip(answers, WRITES, strict=True):
            in_doubt(answer.result(), write)


def test_a_write_that_began_no_commit_is_not_in_doubt(cluster: Cluster) -> None:
    with doubt(cluster, "away") as one:
        one.proxy.cut()
        answer = one.accounts[1].ask(WRITES[1].method, WRITES[1].target, WRITES[1].body)
        answer.must_fail(503, "D360_STORAGE_ERROR")


def called(doubt: Doubt, account: Account, write: Write, attempts: int) -> tuple[str, Any]:
    status, client, error = raw.open_client(doubt.daemon.url, {"max_attempts": attempts, "timeout_ms": 15_000})
    assert status == "D360_OK" and client, error
    try:
        status, text = raw.call(f"d360_{write.function}", client, account.key, write.argument)
        return status, json.loads(text or "null")
    finally:
        raw.close(client)


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_client_of_the_daemon_does_not_deny_a_write_that_nobody_can_settle(cluster: Cluster, attempts: int) -> None:
    with ThreadPoolExecutor(len(WRITES)) as pool, doubt(cluster, f"client-{attempts}") as one:
        calls = [pool.submit(called, one, account, write, attempts) for account, write in zip(one.accounts, WRITES, strict=True)]
        one.cut_amid_commits()
        for call in calls:
            status, document = call.result()
            assert (status, document["error"]["outcome"]) == ("D360_OUTCOME_UNKNOWN", "unknown"), document
            assert document["error"]["retryable"] is True
        one.wait_for_commits()
        one.heal()
        one.must_be_done()


def test_a_client_of_the_daemon_settles_the_write_once_the_database_is_back(cluster: Cluster) -> None:
    with ThreadPoolExecutor(len(WRITES)) as pool, doubt(cluster, "settled") as one:
        calls = [pool.submit(called, one, account, write, 4) for account, write in zip(one.accounts, WRITES, strict=True)]
        one.cut_amid_commits()
        time.sleep(5)
        one.wait_for_commits()
        one.proxy.heal()
        for call in calls:
            status, document = call.result()
            assert status == "D360_OK", document
        one.must_be_done()
