# SPDX-License-Identifier: Apache-2.0
"""Closing a client: by `with`, by hand, by the garbage collector."""

import gc
import threading
import time
from pathlib import Path

import pytest
from support.descriptors import open_files

from d360webhook import Cancelled, Channel, Client, D360Error, InvalidArgument
from Python.loopback import SilentPeer


def test_a_client_that_is_collected_open_is_closed_with_a_resource_warning(tmp_path: Path) -> None:
    path = tmp_path / "webhooks.db"
    client = Client(f"sqlite:{path}")
    client.channel_list()
    assert open_files(path)
    with pytest.warns(ResourceWarning, match="unclosed <Client of sqlite:"):
        del client
        gc.collect()
    assert not open_files(path)


def test_a_closed_client_is_collected_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    client = Client("sqlite::memory:")
    client.close()
    del client
    gc.collect()
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]


def test_a_client_that_could_not_be_opened_is_collected_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(InvalidArgument):
        Client("ftp://hooks.example.com")
    gc.collect()
    assert not list(recwarn)


def test_with_closes_the_client_also_after_an_exception(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Client(f"sqlite:{tmp_path}/w.db") as client:
        raise RuntimeError
    assert repr(client).startswith("<closed Client")
    assert client.closed and client.service_url == f"sqlite:{tmp_path}/w.db"
    assert not open_files(tmp_path / "w.db")


def test_closing_twice_is_nothing_and_calls_afterwards_are_invalid_arguments(client: Client, berlin: Channel) -> None:
    client.close()
    client.close()
    for call in (client.channel_list, berlin.multi_webhook_get, client.derive, lambda: client.set_log(print)):
        with pytest.raises(InvalidArgument, match="the client is closed"):
            call()
    client.cancel()


def test_closing_ends_the_calls_in_flight_and_waits_for_them(silent: SilentPeer) -> None:
    client = Client(silent.url, timeout_ms=60_000)
    ended: list[D360Error] = []

    def call() -> None:
        try:
            client.multi_webhook_get("key")
        except D360Error as failure:
            ended.append(failure)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        silent.wait_for_request()
    client.close()
    for thread in threads:
        thread.join(5)
    assert [type(failure) for failure in ended] == [Cancelled] * 4


def test_calls_that_race_with_close_end_in_an_answer_or_a_clear_error() -> None:
    for _ in range(50):
        client = Client("sqlite::memory:")
        surprises: list[BaseException] = []

        def call(client: Client = client, surprises: list[BaseException] = surprises) -> None:
            try:
                while True:
                    client.channel_list()
            except (Cancelled, InvalidArgument):
                pass
            except BaseException as surprise:
                surprises.append(surprise)

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.002)
        client.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        assert not surprises


def test_a_derived_client_lives_on_when_the_first_is_closed() -> None:
    first = Client("sqlite::memory:")
    first.channel_register("1", waba_id=1, api_key="key")
    derived = first.derive()
    first.close()
    assert derived.channel_list() == {"channels": [{"phone_number_id": "1", "waba_id": 1}]}
    derived.close()
