"""32 clients at two daemons on one storage: never more than the maximum, no name twice, and exactly what was acknowledged."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from support.daemon import Daemon

from .accounts import STARTED, URL, Account
from .wire import Answer, Wire

CLIENTS = 32
MAXIMUM = 10

Size = Callable[[int], int]
Ask = Callable[[int, Account, Wire], Answer]


class Race:
    def __init__(self, daemons: list[Daemon]) -> None:
        self.daemons = daemons
        self.number = 0

    def account(self) -> Account:
        self.number += 1
        return Account(self.daemons[self.number % 2], self.number).register().enable()

    def run(self, account: Account, ask: Ask) -> list[Answer]:
        """Each client's answer; half of them are at each daemon, and all begin at once."""
        barrier = threading.Barrier(CLIENTS)

        def client(index: int) -> Answer:
            daemon = self.daemons[index % 2]
            with Wire(daemon.port) as wire:
                barrier.wait()
                return ask(index, account.at(daemon), wire)

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(client, range(CLIENTS)))

    def names(self, account: Account) -> list[str]:
        """As both daemons show them."""
        one, other = (account.at(daemon).names() for daemon in self.daemons)
        assert one == other
        return one


@pytest.fixture
def race(storage: str) -> Iterator[Race]:
    with ExitStack() as stack:
        yield Race([stack.enter_context(Daemon(storage, [f"--max-destinations={MAXIMUM}"])) for _ in range(2)])


def codes(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.code for answer in answers)


def test_the_maximum_holds_and_exactly_the_acknowledged_ones_are_there(race: Race, size: Size) -> None:
    for _ in range(size(50)):
        account = race.account()
        answers = race.run(account, lambda index, one, wire: one.append(f"name-{index}", wire=wire))
        assert codes(answers) == {200: MAXIMUM, 400: CLIENTS - MAXIMUM}
        for answer in answers:
            if answer.code == 400:
                answer.must_fail(400, "D360_LIMIT_EXCEEDED", "/destinations")
        acknowledged = [f"name-{index}" for index, answer in enumerate(answers) if answer.code == 200]
        assert sorted(race.names(account)) == sorted(acknowledged)


def test_one_of_many_who_append_the_same_name_gets_it(race: Race, size: Size) -> None:
    for _ in range(size(50)):
        account = race.account()
        answers = race.run(account, lambda index, one, wire: one.append(f"own-{index}", "same", wire=wire))
        assert codes(answers) == {200: 1, 409: CLIENTS - 1}
        winner = next(index for index, answer in enumerate(answers) if answer.code == 200)
        assert race.names(account) == [f"own-{winner}", "same"]


def test_one_of_many_who_delete_a_destination_deletes_it(race: Race, size: Size) -> None:
    for _ in range(size(50)):
        account = race.account()
        account.append("a", "b").must_be(STARTED)
        answers = race.run(account, lambda index, one, wire: one.ask("DELETE", "/multi_webhook/a", wire=wire))
        assert codes(answers) == {200: 1, 404: CLIENTS - 1}
        assert race.names(account) == ["b"]


def test_the_last_of_many_updates_is_whole(race: Race, size: Size) -> None:
    for _ in range(size(50)):
        account = race.account()
        account.append("a").must_be(STARTED)

        def update(index: int, one: Account, wire: Wire) -> Answer:
            document = {"name": "a", "url": f"{URL}/{index}", "headers": {"X-Client": str(index)}}
            return one.ask("PATCH", "/multi_webhook", document, wire=wire)

        assert codes(race.run(account, update)) == {200: CLIENTS}
        (shown,) = account.ask("GET", "/multi_webhook").json["destinations"]
        assert shown["url"] == f"{URL}/{shown['headers']['X-Client']}"


def test_a_key_goes_to_one_of_many_phone_numbers(race: Race, size: Size) -> None:
    for round_ in range(size(50)):

        def register(index: int, one: Account, wire: Wire, round_: int = round_) -> Answer:
            channel = {"phone_number_id": f"{round_}-{index}", "waba_id": 1, "api_key": f"shared-{round_}"}
            return one.ask_as_admin("POST", "/admin/channels", channel, wire=wire)

        account = race.account()
        answers = race.run(account, register)
        assert codes(answers) == {200: 1, 409: CLIENTS - 1}
        with Wire(account.daemon.port) as wire:
            listed = account.ask_as_admin("GET", "/admin/channels", wire=wire).json["channels"]
        winner = next(index for index, answer in enumerate(answers) if answer.code == 200)
        assert [one["phone_number_id"] for one in listed if one["phone_number_id"].startswith(f"{round_}-")] == [
            f"{round_}-{winner}"
        ]


def test_daemons_that_start_at_once_on_an_empty_storage_all_start(storage: str) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        daemons = [stack.enter_context(daemon) for daemon in pool.map(lambda _: Daemon(storage), range(8))]
        account = Account(daemons[0], 1).register().enable("a")
        for daemon in daemons:
            assert account.at(daemon).names() == ["a"]
