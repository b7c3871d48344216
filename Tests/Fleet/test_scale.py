"""Many accounts with 1% faults of each kind: every fault is found, no other one; apply mends what can be mended."""

import os
from collections.abc import Callable
from typing import Any

from support import raw

from .fleet import CRM, HOOK, MAIN, Fleet, account, codes, counts, document

COUNT = 10_000 if os.environ.get("D360_SOAK") else 1_000
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


def test_every_fault_is_found_and_mended(opened: Callable[..., Fleet]) -> None:
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


def test_a_remote_service_is_mended_as_well(opened: Callable[..., Fleet]) -> None:
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
