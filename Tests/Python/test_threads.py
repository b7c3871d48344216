# SPDX-License-Identifier: Apache-2.0
"""Threads: calls release the interpreter's lock, and cancel ends them."""

import threading
import time

import pytest

from d360webhook import Cancelled, Client, D360Error
from Python.loopback import Peer, SilentPeer


def test_other_threads_run_python_code_during_a_call(silent: SilentPeer) -> None:
    counted: list[int] = []
    with Client(silent.url, timeout_ms=60_000) as client:

        def count_then_cancel() -> None:
            silent.wait_for_request()
            for number in range(100_000):
                counted.append(number)
            client.cancel()

        helper = threading.Thread(target=count_then_cancel)
        helper.start()
        with pytest.raises(Cancelled):
            client.multi_webhook_get("key")
        assert len(counted) == 100_000
        helper.join()


def test_calls_of_several_threads_are_in_flight_at_once(peer: Peer) -> None:
    together = threading.Barrier(4)
    peer.before_answer = lambda: together.wait(10)
    answers: list[object] = []
    with Client(peer.url, timeout_ms=20_000) as client:
        threads = [threading.Thread(target=lambda: answers.append(client.multi_webhook_get("key"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 4


def test_cancel_ends_the_calls_of_every_thread_and_the_client_goes_on(client: Client, silent: SilentPeer) -> None:
    with Client(silent.url, timeout_ms=60_000) as waiting:

        def cancel() -> None:
            silent.wait_for_request()
            silent.wait_for_request()
            waiting.cancel()

        failures: list[D360Error] = []

        def call() -> None:
            try:
                waiting.multi_webhook_get("key")
            except D360Error as failure:
                failures.append(failure)

        other, canceller = threading.Thread(target=call), threading.Thread(target=cancel)
        other.start()
        canceller.start()
        call()
        other.join()
        canceller.join()
        assert [type(failure) for failure in failures] == [Cancelled, Cancelled]
    client.cancel()
    assert client.multi_webhook_get("key-of-berlin")["enabled"] is False


def test_a_derived_client_is_cancelled_alone(silent: SilentPeer) -> None:
    with Client(silent.url, timeout_ms=60_000) as client, client.derive() as derived:
        ended: list[str] = []

        def call(which: Client, name: str) -> None:
            with pytest.raises(Cancelled):
                which.multi_webhook_get("key")
            ended.append(name)

        threads = [
            threading.Thread(target=call, args=[client, "first"]),
            threading.Thread(target=call, args=[derived, "derived"]),
        ]
        for thread in threads:
            thread.start()
        silent.wait_for_request()
        silent.wait_for_request()
        derived.cancel()
        threads[1].join()
        time.sleep(0.2)
        assert ended == ["derived"]
        client.cancel()
        threads[0].join()
        assert ended == ["derived", "first"]
