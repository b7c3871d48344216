"""Many accounts with 1% faults of each kind: every fault is found, no other one; apply removes those that it can."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from Peers import faults
from Peers.recorder import Received
from Peers.service import Peer
from support import raw

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document, rows

SOAK = bool(os.environ.get("D360_SOAK"))
COUNT = 10_000 if SOAK else 1_000
OLD = "https://old.example.com/main"
HEADERS = {"Authorization": "Bearer s3cret"}
SECTIONS: dict[str, Any] = {
    "customer_webhook": {"url": MAIN},
    "waba_webhook": {"url": HOOK, "headers": HEADERS},
    "multi_webhook": {"prune": True, "destinations": [CRM]},
}
EXTRA = {"name": "old", "url": OLD}

#: What is done to a number, and what an audit then says.
FAULTS: list[tuple[Callable[[Fleet, str], Any], list[str]]] = [
    (lambda f, n: f.do("customer_webhook_set", f"key-{n}", {"url": OLD}), ["customer_webhook_mismatch"]),
    (lambda f, n: f.do("waba_webhook_set", f"key-{n}", {"url": OLD, "headers": HEADERS}), ["waba_webhook_mismatch"]),
    (lambda f, n: f.do("waba_webhook_set", f"key-{n}", {"url": HOOK}), ["waba_webhook_mismatch"]),
    (lambda f, n: f.do("multi_webhook_set", f"key-{n}", {"enabled": False}), ["multi_webhook_disabled"]),
    (lambda f, n: f.do("multi_webhook_delete", f"key-{n}", "crm"), ["destination_missing"]),
    (lambda f, n: f.do("multi_webhook_update", f"key-{n}", {"name": "crm", "url": OLD}), ["destination_mismatch"]),
    (lambda f, n: f.do("multi_webhook_append", f"key-{n}", {"destinations": [EXTRA]}), ["destination_unexpected"]),
    (lambda f, n: f.do("waba_webhook_set", f"key-{n}", {"url": HOOK, "headers": HEADERS, "override_all": True}),
     ["customer_webhook_missing"]),
]  # fmt: skip


def configured(fleet: Fleet) -> dict[str, Any]:
    accounts = []
    for index in range(COUNT):
        name = f"n{index}"
        fleet.register(name, f"+49{index:09}", waba_id=index + 1)
        accounts.append(account(name, expect={"waba_id": index + 1, "number": f"49{index:09}"}, **SECTIONS))
    return document(*accounts)


def test_every_fault_is_found_and_removed(opened: Callable[..., Fleet]) -> None:
    fleet = opened("memory")
    wanted = configured(fleet)
    assert counts(fleet.apply(wanted, concurrency=64)) == {"changed": COUNT, "operations": 3 * COUNT}
    expected = {}
    for place, (fault, found) in enumerate(FAULTS):
        for index in range(place, COUNT, 100):
            fault(fleet, f"n{index}")
            expected[f"n{index}"] = found
    moved, rotated, unmanaged = 20, 21, 22
    for index in range(moved, COUNT, 100):
        fleet.register(f"n{index}", f"+49{index:09}", waba_id=10**6 + index)
        expected[f"n{index}"] = ["wrong_waba", "waba_webhook_missing"]
    for index in range(rotated, COUNT, 100):
        wanted["accounts"][index]["api_key"] += "-rotated"
        expected[f"n{index}"] = ["unauthorized"]
    for index in range(unmanaged, COUNT, 100):
        fleet.register(f"sibling{index}", f"+1{index:09}", waba_id=index + 1)
        expected[f"n{index}"] = ["number_unmanaged"]
    audit = fleet.audit(wanted, concurrency=64)
    assert codes(audit) == expected
    share = COUNT // 100
    assert counts(audit) == {"in_sync": COUNT - (len(FAULTS) + 2) * share, "failed": share}
    report = fleet.apply(wanted, concurrency=64)
    assert counts(report) == {
        "in_sync": COUNT - (len(FAULTS) + 2) * share, "changed": len(FAULTS) * share, "failed": 2 * share,
        "operations": len(FAULTS) * share,
    }  # fmt: skip
    left = {name: found for name, found in expected.items() if int(name[1:]) % 100 in (moved, rotated, unmanaged)}
    assert codes(fleet.audit(wanted, concurrency=64)) == left
    assert codes(report) == {**left, **{f"n{index}": ["headers_cleared"] for index in range(0, COUNT, 100)}}
    again = fleet.apply(wanted, concurrency=64)
    assert not counts(again).get("operations") and not counts(again).get("changed")


def test_a_remote_service_is_changed_as_well(opened: Callable[..., Fleet]) -> None:
    fleet = opened("remote-vendor")
    count = 200
    names = [f"n{index}" for index in range(count)]
    for index, name in enumerate(names):
        fleet.register(name, f"+49{index:09}", waba_id=index // 4 + 1)
    wanted = document(*[account(name, **SECTIONS) for name in names])
    assert counts(fleet.apply(wanted)) == {"changed": count, "operations": 2 * count + count // 4}
    fleet.peer.record.clear()
    assert counts(fleet.apply(wanted)) == {"in_sync": count}
    assert not fleet.peer.record.writes


def test_the_call_ends_early_where_the_client_is_cancelled_before(opened: Callable[..., Fleet]) -> None:
    fleet = opened("memory")
    raw.library.d360_cancel(fleet.client)  # later calls are not touched
    assert fleet.call("plan", document())[0] == "D360_OK"


def peak_growth(body: Callable[[], Any]) -> int:
    """Bytes by which this process's resident memory rises at most while `body` runs."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is from here on
    status = Path("/proc/self/status")

    def kilobytes(name: str) -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(f"{name}:"))

    before = kilobytes("VmRSS")
    body()
    return 1024 * (kilobytes("VmHWM") - before)


def test_a_wrong_number_of_each_account_of_a_large_waba_takes_linear_memory(opened: Callable[..., Fleet]) -> None:
    """A finding that lists the WABA's numbers would make the report grow with their square."""
    count = 4_000 if SOAK else 1_000
    fleet = opened("memory")
    for index in range(count):
        fleet.register(f"n{index}", f"+49{index:09}", waba_id=1)
    wanted = document(*[account(f"n{index}", expect={"number": f"48{index:09}"}, **SECTIONS) for index in range(count)])
    answers: list[Any] = []
    text = json.dumps(wanted)
    for call in ("plan", "audit"):
        growth = peak_growth(lambda call=call: answers.append(fleet.report(call, text)))  # type: ignore[misc]
        report = answers.pop()
        assert all(next(iter(row["findings"]))["code"] == "number_not_on_waba" for row in report["accounts"])
        assert len(json.dumps(report)) / count < 4_096
        print(f"{call}: {growth / count:.0f} bytes an account")
        assert growth / count < 65_536


def test_destinations_in_thousands_take_linear_time_and_can_be_cancelled(opened: Callable[..., Fleet]) -> None:
    many = 8_000 if SOAK else 4_000
    fleet = opened("remote-vendor")
    fleet.peer.service.max_destinations = many
    took: dict[int, float] = {}
    for count in (many // 4, many):
        shown = [{"name": f"d{index}", "url": f"https://old.example.com/{index}"} for index in range(count)]
        name = f"n{count}"
        fleet.register(name)
        fleet.do("multi_webhook_set", f"key-{name}", {"enabled": True, "destinations": shown})
        given = [{"name": f"d{index}", "url": f"https://new.example.com/{index}"} for index in range(count)]
        text = json.dumps(document(account(name, multi_webhook={"destinations": given})))
        seconds = []
        for _ in range(3):
            began = time.process_time()
            plan = fleet.plan(text)
            seconds.append(time.process_time() - began)
        assert len(rows(plan)[name]["actions"]) == count
        took[count] = median(seconds)
    print({count: f"{1_000 * seconds:.0f} ms" for count, seconds in took.items()})
    assert took[many] < 8 * took[many // 4] + 0.1
    delays = []
    for part in range(5):
        answers: list[Any] = []
        thread = threading.Thread(target=lambda answers=answers: answers.append(raw.fleet("plan", fleet.client, text)))
        thread.start()
        time.sleep(took[many] * (part + 0.5) / 5)
        began = time.monotonic()
        raw.library.d360_cancel(fleet.client)
        thread.join()
        delays.append(time.monotonic() - began)
    print("delays in ms", [round(1_000 * delay) for delay in delays])
    assert median(delays) < 0.5


#: An apply in a process that may open 1,024 files: its summary, and how many are open before and after.
APPLY = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
from support import raw
def files(): return len(os.listdir("/proc/self/fd"))
status, client, error = raw.open_client(sys.argv[1])
before = files()
status, report = raw.fleet("apply", client, sys.stdin.read(), {"concurrency": 256})
print(json.dumps([status, report, before, files()]))
"""


def test_no_account_fails_for_want_of_descriptors_and_they_are_given_back() -> None:
    """Each first write is answered 503: a write that is sent again takes a new connection."""
    count = 1_000 if SOAK else 300
    seen: set[str] = set()
    lock = threading.Lock()

    def is_first(request: Received) -> bool:
        if request.is_reading:
            return False
        what = f"{request.method} {request.target} {request.fields.get('d360-api-key')}"
        with lock:
            return what not in seen and not seen.add(what)

    channels = [{"phone_number_id": f"1{n}", "waba_id": n + 1, "api_key": f"key-n{n}"} for n in range(count)]
    wanted = document(
        *[account(f"n{n}", customer_webhook={"url": MAIN}, multi_webhook={"destinations": [CRM]}) for n in range(count)]
    )
    with Peer(channels=channels) as peer:
        peer.script.when(is_first, faults.error(503))
        done = subprocess.run(
            [sys.executable, "-c", APPLY, peer.url],
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    status, report, before, after = json.loads(done.stdout)
    assert status == "D360_OK" and counts(report) == {"changed": count, "operations": 2 * count}, report["summary"]
    assert len(seen) == 2 * count
    # At most 64 idle connections are kept, each with three descriptors.
    assert after - before <= 3 * 64
