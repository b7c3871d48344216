"""d360_waba_webhook_wait: reads until the WABA webhook is what was asked for."""

import threading
import time

import pytest
from Peers import faults
from Peers.server import Fault
from Peers.service import Peer

from Remote.calling import KEY, MAIN, TEAM, Client, Result, Stopwatch, do, failed, succeeded

ASKED = {"url": MAIN, "headers": TEAM}


def wait(client: Client, asked: object, timeout_ms: int) -> Result:
    result = client.call("waba_webhook_wait", asked, timeout_ms)
    assert result.seconds <= timeout_ms / 1_000 * 1.1 or timeout_ms == 0, f"{result.seconds:.3f} s"
    return result


def test_what_is_there_already_is_answered_at_once_as_the_service_sent_it() -> None:
    text = '{ "url": "https://hooks.example.com/main" ,"headers":{"x-team":"header-value-4711"},"waba_id":9223372036854775807 }\n'
    with Peer() as peer, Client(peer.url) as client:
        peer.script.every_reading(faults.body(text.encode()))
        result = wait(client, ASKED, 5_000)
        succeeded(result)
        assert result.text == text
        assert [request.line for request in peer.record] == ["GET /waba_webhook HTTP/1.1"]


def test_what_is_applied_later_is_waited_for() -> None:
    with Peer(apply_delay_ms=500) as peer, Client(peer.url) as client:
        succeeded(client.call("waba_webhook_set", ASKED))
        result = wait(client, ASKED, 10_000)
        assert succeeded(result)["url"] == MAIN
        assert result.seconds >= 0.3
        assert len(peer.record.readings) >= 2


def test_what_never_comes_is_a_timeout_with_what_was_last_seen() -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/waba_webhook", {"url": "https://hooks.example.com/old?token=1", "headers": {"X-Old": "v"}})
        error = failed(wait(client, ASKED, 700), "D360_TIMEOUT", "not_applied", retryable=True)
        assert error["last_seen"] == {
            "url": "https://hooks.example.com/old",
            "headers": {"X-Old": "***"},
            "waba_id": 123065260884961,
            "numbers_on_this_waba": ["+4930123456", "+4989123456"],
        }
        assert len(peer.record.readings) >= 2


def test_a_waba_without_a_webhook_is_last_seen_without_a_url() -> None:
    with Peer() as peer, Client(peer.url) as client:
        error = failed(wait(client, ASKED, 300), "D360_TIMEOUT")
        assert error["last_seen"] == {"waba_id": 123065260884961, "numbers_on_this_waba": ["+4930123456", "+4989123456"]}


def test_override_all_is_ignored() -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/waba_webhook", ASKED)
        for override_all in (True, False):
            succeeded(wait(client, {**ASKED, "override_all": override_all}, 1_000))


@pytest.mark.parametrize("asked", [{"url": MAIN}, {"url": MAIN, "headers": {}}, {"url": MAIN, "headers": {"X-Team": "other"}}])
def test_headers_that_differ_are_not_what_was_asked_for(asked: dict[str, object]) -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/waba_webhook", ASKED)
        failed(wait(client, asked, 300), "D360_TIMEOUT")


def test_headers_left_out_mean_none() -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/waba_webhook", {"url": MAIN})
        succeeded(wait(client, {"url": MAIN}, 1_000))


def test_headers_count_only_where_the_answer_shows_them() -> None:
    with Peer() as peer, Client(peer.url) as client:
        peer.script.every_reading(faults.body(b'{"url":"https://hooks.example.com/main"}'))
        succeeded(wait(client, ASKED, 1_000))
        succeeded(wait(client, {"url": MAIN}, 1_000))


FAILURES = {
    "cut": faults.cut_in_body(),
    "ended": faults.cut_before_status(),
    "408": faults.error(408),
    "409": faults.error(409),
    "429": faults.error(429),
    "500": faults.error(500),
    "503": faults.html(code=503),
    "504": faults.error(504),
    "our 503": faults.ours(503, "D360_STORAGE_ERROR"),
}


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES)
def test_a_failure_that_may_pass_is_waited_through(fault: Fault) -> None:
    with Peer() as peer, Client(peer.url, max_attempts=1, timeout_ms=1_000) as client:
        do(peer, "POST", "/waba_webhook", ASKED)
        peer.script.readings(fault, fault, fault)
        succeeded(wait(client, ASKED, 20_000))
        assert len(peer.record.readings) == 4


def test_a_peer_that_says_nothing_once_costs_one_readings_limit() -> None:
    with Peer() as peer, Client(peer.url, timeout_ms=400) as client:
        do(peer, "POST", "/waba_webhook", ASKED)
        peer.script.readings(faults.silent())
        succeeded(wait(client, ASKED, 20_000))


def test_a_peer_that_starts_late_is_waited_for() -> None:
    with Peer() as peer:
        port = peer.port
    with Client(f"http://127.0.0.1:{port}", timeout_ms=500) as client:
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(wait(client, ASKED, 20_000)))
        thread.start()
        time.sleep(0.8)
        with Peer(port=port) as again:
            do(again, "POST", "/waba_webhook", ASKED)
            thread.join()
        succeeded(results[0])


def test_a_peer_that_is_never_there_is_a_timeout_that_has_seen_nothing() -> None:
    with faults.ClosedPort() as port, Client(port.url, timeout_ms=300) as client:
        error = failed(wait(client, ASKED, 900), "D360_TIMEOUT", retryable=True)
        assert error["last_seen"] is None


def test_a_silent_peer_takes_no_more_than_the_whole_time_limit() -> None:
    with Peer() as peer, Client(peer.url, timeout_ms=30_000) as client:
        peer.script.every_reading(faults.silent())
        failed(wait(client, ASKED, 700), "D360_TIMEOUT")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.error(401), "D360_UNAUTHORIZED"),
        (faults.error(404), "D360_PROTOCOL_ERROR"),
        (faults.html(), "D360_PROTOCOL_ERROR"),
        (faults.redirect("http://127.0.0.1:1/"), "D360_PROTOCOL_ERROR"),
    ],
)
def test_a_failure_that_will_not_pass_ends_the_wait(fault: Fault, status: str) -> None:
    with Peer() as peer, Client(peer.url) as client:
        peer.script.every_reading(fault)
        error = failed(wait(client, ASKED, 10_000), status, retryable=False)
        assert error["attempts"] == 1
        # A 404 may mean that nothing is set, so the two other settings are read as well.
        assert len(peer.record) == (3 if error["http_status"] == 404 else 1)


def test_every_reading_counts_as_an_attempt() -> None:
    with Peer() as peer, Client(peer.url) as client:
        peer.script.readings(None, None, faults.error(401))
        assert failed(wait(client, ASKED, 10_000), "D360_UNAUTHORIZED")["attempts"] == len(peer.record) == 3


def test_0_reads_once() -> None:
    with Peer() as peer, Client(peer.url, timeout_ms=2_000) as client:
        error = failed(wait(client, ASKED, 0), "D360_TIMEOUT")
        assert "url" not in error["last_seen"]
        assert len(peer.record) == 1
        do(peer, "POST", "/waba_webhook", ASKED)
        succeeded(wait(client, ASKED, 0))
        assert len(peer.record) == 2


@pytest.mark.parametrize("timeout_ms", [-1, -(2**63)])
def test_a_negative_limit_is_an_invalid_argument(timeout_ms: int) -> None:
    with Peer() as peer, Client(peer.url) as client:
        result = client.call("waba_webhook_wait", ASKED, timeout_ms)
        assert result.status == "D360_INVALID_ARGUMENT"
        assert peer.record.connections == 0


def test_the_longest_limit_is_no_problem() -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/waba_webhook", ASKED)
        assert client.call("waba_webhook_wait", ASKED, 2**63 - 1).status == "D360_OK"


def test_a_request_that_breaks_a_rule_is_not_waited_for() -> None:
    with Peer() as peer, Client(peer.url) as client:
        assert wait(client, {"headers": {}}, 1_000).status == "D360_INVALID_REQUEST"
        assert peer.record.connections == 0


def test_a_wait_can_be_cancelled() -> None:
    with Peer() as peer, Client(peer.url) as client:
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(client.call("waba_webhook_wait", ASKED, 60_000, key=KEY)))
        thread.start()
        while not peer.record.requests:
            time.sleep(0.005)
        stopwatch = Stopwatch()
        client.cancel()
        thread.join()
        assert stopwatch.seconds < 0.1
        failed(results[0], "D360_CANCELLED", "not_applied")


def test_a_cancelled_wait_counts_the_readings_before_the_cancel() -> None:
    with Peer() as peer, Client(peer.url) as client:
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(client.call("waba_webhook_wait", ASKED, 60_000, key=KEY)))
        thread.start()
        while len(peer.record) < 3:
            time.sleep(0.005)
        client.cancel()
        thread.join()
        # The third may have been under way, or the fourth.
        assert failed(results[0], "D360_CANCELLED", "not_applied")["attempts"] >= 2
