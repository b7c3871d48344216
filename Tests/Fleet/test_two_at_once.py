"""Two applies of the same document at once: both end, and the state is the document's."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from Peers.exchange import Exchange

from .fleet import CRM, HOOK, MAIN, Fleet, account, counts, document, lines
from .mixed import BI, EXTRA, OLD, mixed

TESTS = Path(__file__).parents[1]
COUNT = 30
APPLY = """
import json, sys
from support import raw
url, options, document = sys.argv[1:]
_, client, error = raw.open_client(url, options)
assert client, error
print("open", flush=True)
sys.stdin.readline()
print(json.dumps(raw.fleet("apply", client, open(document).read())))
raw.close(client)
"""


def in_two_threads(fleet: Fleet, wanted: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """The two reports."""
    answers: list[tuple[str, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(fleet.call("apply", wanted, **options))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == ["D360_OK", "D360_OK"]
    return [report for _, report in answers]


def test_two_threads_end_with_the_state_of_the_document(fleet: Fleet) -> None:
    names = [f"n{index}" for index in range(12)]
    for index, name in enumerate(names):
        fleet.register(name, waba_id=1 + index // 3)
        fleet.do("multi_webhook_set", f"key-{name}", {"enabled": True, "destinations": [BI]})
    sections = {
        "customer_webhook": {"url": MAIN}, "waba_webhook": {"url": HOOK},
        "multi_webhook": {"prune": True, "destinations": [CRM]},
    }  # fmt: skip
    wanted = document(*[account(name, **sections) for name in names])
    reports = in_two_threads(fleet, wanted)
    assert [counts(report).get("failed", 0) for report in reports] == [0, 0], reports
    assert counts(fleet.apply(wanted)) == {"in_sync": 12}


def test_two_threads_agree_where_one_takes_webhooks_and_sets_them_again(fleet: Fleet) -> None:
    accounts = []
    for index in range(6):
        name = f"n{index}"
        fleet.register(name, f"+{index + 1}", waba_id=1 + index // 3)
        fleet.do("customer_webhook_set", f"key-{name}", {"url": MAIN})
        own = {"url": MAIN} if index % 3 else None
        waba = {"url": HOOK, "override_all": True}
        accounts.append(account(name, expect={"number": f"{index + 1}"}, customer_webhook=own, waba_webhook=waba))
    wanted = document(*accounts)
    in_two_threads(fleet, wanted, wait_ms=2_000)
    fleet.apply(wanted)
    assert counts(fleet.apply(wanted)) == {"in_sync": 6}


def in_two_processes(fleet: Fleet, file: Path) -> list[tuple[str, Any]]:
    """Status and report of each, in processes of their own that begin at one moment."""
    command = [sys.executable, "-c", APPLY, fleet.service.url, json.dumps(fleet.service.options), str(file)]
    both = [
        subprocess.Popen(command, cwd=TESTS, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for one in both:
            assert one.stdout is not None and one.stdout.readline() == "open\n", one.communicate()
        for one in both:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        said = [one.communicate(timeout=60) for one in both]
    finally:
        for one in both:
            one.kill()
            one.communicate()
    assert [errors for _, errors in said] == ["", ""]
    return [tuple(json.loads(output)) for output, _ in said]


@pytest.mark.parametrize("late", [0, 300])
@pytest.mark.parametrize("service", ["file", "remote", "remote-vendor"])
def test_two_processes_end_with_the_state_of_the_document(
    opened: Callable[..., Fleet], tmp_path: Path, service: str, late: int
) -> None:
    """On one database file, or one service; changes may show late."""
    fleet = opened(service, multi_apply_delay_ms=late, apply_delay_ms=late)
    wanted = mixed(fleet, COUNT)
    time.sleep(late / 1_000 + 0.05)
    file = tmp_path / "fleet.json"
    file.write_text(json.dumps(wanted))
    for status, report in in_two_processes(fleet, file):
        assert status == "D360_OK"
        assert set(counts(report)) <= {"in_sync", "changed", "operations"}, report
    time.sleep(late / 1_000 + 0.05)
    assert counts(fleet.apply(wanted)) == {"in_sync": COUNT}


@pytest.mark.parametrize("service", ["remote", "remote-vendor"])
def test_a_destination_that_another_has_just_deleted_may_show_for_long(opened: Callable[..., Fleet], service: str) -> None:
    fleet = opened(service, multi_apply_delay_ms=500, max_attempts=1)
    fleet.register("berlin", waba_id=1)
    fleet.do("customer_webhook_set", "key-berlin", {"url": MAIN})
    fleet.do("multi_webhook_set", "key-berlin", {"enabled": True, "destinations": [EXTRA]})
    time.sleep(0.55)

    def after_another(exchange: Exchange) -> None:
        exchange.take()
        exchange.answer(exchange.take())

    fleet.peer.script.when(lambda one: one.method == "DELETE", after_another)
    report = fleet.apply(document(account("berlin", multi_webhook={"prune": True})))
    assert lines(report["accounts"][0]) == ["multi_webhook_delete D360_OK"]
    assert counts(report) == {"changed": 1, "operations": 1}


def test_a_webhook_that_another_has_taken_and_set_again_is_not_waited_for(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote")
    fleet.register("berlin", "+4930")
    fleet.do("customer_webhook_set", "key-berlin", {"url": OLD})

    def before_another(exchange: Exchange) -> None:
        answer = exchange.take()
        fleet.do("customer_webhook_set", "key-berlin", {"url": MAIN})
        exchange.answer(answer)

    fleet.peer.script.writes(before_another)
    waba = {"url": HOOK, "override_all": True}
    wanted = document(account("berlin", expect={"number": "4930"}, customer_webhook={"url": MAIN}, waba_webhook=waba))
    report = fleet.apply(wanted, wait_ms=1_000)
    assert lines(report["accounts"][0]) == ["waba_webhook_set D360_OK", "customer_webhook_set D360_OK"]
    assert counts(report) == {"changed": 1, "operations": 2}
