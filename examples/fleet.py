"""200 phone numbers held to one document: three faults, found and mended.

python3 fleet.py sqlite::memory:
"""

# SPDX-License-Identifier: Apache-2.0

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from d360webhook import Client, FleetReport

COUNT = 200
OF_ONE_WABA = 5
FIRST_WABA = 123065260884961
OLD_HOST, MOVED, TURNED_OFF = 10, 77, 123


def name(number: int) -> str:
    return f"number-{number:03}"


def register(client: Client, number: int, waba_id: int) -> None:
    """A channel as an embedded service wants it; the real service knows its own."""
    client.channel_register(f"1065{number:06}", phone_number=f"+4930{number:06}", waba_id=waba_id, api_key=f"key-{number}")


def document() -> dict[str, Any]:
    """Numbers follow their WABA's webhook, and a CRM gets copies; every tenth number has a webhook of its own."""
    accounts: list[dict[str, Any]] = []
    for number in range(COUNT):
        account: dict[str, Any] = {"name": name(number), "api_key": f"key-{number}", "profile": "standard"}
        if number % 10 == 0:
            account["customer_webhook"] = {"url": f"https://hooks.example.com/{name(number)}"}
        accounts.append(account)
    standard = {
        "waba_webhook": {"url": "https://hooks.example.com/all"},
        "multi_webhook": {"destinations": [{"name": "crm", "url": "https://crm.example.com/events"}]},
    }
    return {"profiles": {"standard": standard}, "accounts": accounts}


def put_faults_in(client: Client) -> None:
    client.customer_webhook_set(f"key-{OLD_HOST}", f"https://old.example.com/{name(OLD_HOST)}")
    register(client, MOVED, FIRST_WABA + COUNT)  # a WABA without a webhook: the number has lost its route
    client.multi_webhook_set(f"key-{TURNED_OFF}", False)


def told(report: FleetReport, *members: str) -> str:
    summary: Mapping[str, Any] = report["summary"]
    return ", ".join(f"{summary[member]} {member.replace('_', ' ')}" for member in members)


def findings(report: FleetReport) -> Iterator[str]:
    for row in report["accounts"]:
        if row["findings"]:
            yield f"{row['name']}  " + ", ".join(finding["code"] for finding in row["findings"])


def actions(report: FleetReport) -> Iterator[str]:
    for row in report["accounts"]:
        for action in row["actions"]:
            for change in action["changes"]:
                yield f"{row['name']}  {action['operation']}  {change['path']}: {change.get('before')} → {change.get('after')}"


def main() -> int:
    wanted = document()
    with Client(sys.argv[1]) as client:
        for number in range(COUNT):
            register(client, number, FIRST_WABA + number // OF_ONE_WABA)
        client.fleet_apply(wanted)
        put_faults_in(client)
        audit = client.fleet_audit(wanted)
        print(f"  audit  {told(audit, 'accounts', 'in_sync', 'losing_events')}")
        print(*(f"    {line}" for line in findings(audit)), sep="\n")
        plan = client.fleet_plan(wanted)
        print("  plan", *(f"    {line}" for line in actions(plan)), sep="\n")
        print(f"  apply  {told(client.fleet_apply(wanted, plan=plan), 'changed', 'failed', 'operations')}")
        again = client.fleet_apply(wanted)
        print(f"  again  {told(again, 'in_sync', 'operations')}")
    return 0 if again["summary"]["operations"] == 0 and again["summary"]["in_sync"] == COUNT else 1


if __name__ == "__main__":
    sys.exit(main())
