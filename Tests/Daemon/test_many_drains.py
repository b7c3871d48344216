"""A daemon that is drained again and again while clients connect and write ends in order each time."""

import threading
import time
from pathlib import Path

from support.chance import chance
from support.daemon import Daemon

from .accounts import Account
from .conftest import SOAK
from .wire import wires

ROUNDS = 300 if SOAK else 10
CLIENTS = 8


class Client(threading.Thread):
    """Uses a new connection for each request, until nobody listens any more."""

    def __init__(self, account: Account, is_writing: bool) -> None:
        super().__init__()
        self.account, self.is_writing = account, is_writing
        self.answers = self.lost = 0

    def run(self) -> None:
        for wire in wires(self.account.daemon.port):
            document = {"url": f"https://hooks.example.com/{self.answers}"} if self.is_writing else None
            try:
                answer = self.account.ask("POST" if document else "GET", "/v1/configs/webhook", document, wire=wire)
            except ConnectionError:
                # The kernel accepted it after the daemon's last look at the backlog.
                self.lost += 1
                continue
            assert answer.code == 200, answer
            self.answers += 1


def test_it_ends_in_order_each_time(tmp_path: Path) -> None:
    choices = chance()
    answers = lost = 0
    slowest = 0.0
    for round_ in range(ROUNDS):
        service = f"sqlite:{tmp_path}/w.db" if round_ % 2 else "sqlite::memory:"
        with Daemon(service, [f"--threads={choices.choice([1, 2, 8])}"]) as daemon:
            account = Account(daemon, 1).register()
            clients = [Client(account, number % 2 == 0) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(choices.uniform(0, 0.1))
            started = time.monotonic()
            status = daemon.stop()
            slowest = max(slowest, time.monotonic() - started)
            for client in clients:
                client.join()
            assert status == 0 and daemon.log.endswith(" info stopped\n"), (round_, status, daemon.log)
            answers += sum(client.answers for client in clients)
            lost += sum(client.lost for client in clients)
    print(f"{answers} answers, {lost} connections lost, slowest end {slowest:.2f} s")
    assert answers >= ROUNDS and lost <= ROUNDS and slowest < 10
