"""Numbers that lack something of their document, each kind of them in its own way."""

from typing import Any

from .fleet import CRM, HOOK, MAIN, Fleet, account, document

OLD = "https://old.example.com/main"
HEADERS = {"Authorization": "Bearer s3cret"}
BI = {"name": "bi", "url": "https://hooks.example.com/bi", "headers": HEADERS}
STALE = {"name": "crm", "url": OLD, "headers": HEADERS}
EXTRA = {"name": "extra", "url": OLD}

#: What a number has before, by operation, and which of its sections are not as most numbers' are.
KINDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"customer_webhook_set": {"url": OLD}}, {"multi_webhook": {"destinations": [CRM, BI]}}),
    ({"multi_webhook_set": {"enabled": True, "destinations": [STALE, EXTRA]}}, {}),
    ({"multi_webhook_set": {"enabled": True, "destinations": [EXTRA, STALE]}, "then": {"enabled": False}}, {}),
    ({"multi_webhook_set": {"enabled": True, "destinations": [BI]}}, {"multi_webhook": {"enabled": False}}),
    ({"customer_webhook_set": {"url": MAIN}, "multi_webhook_set": {"enabled": True, "destinations": [CRM, BI]}}, {}),
    ({"customer_webhook_set": {"url": MAIN}}, {"multi_webhook": {"destinations": []}}),
]


def sections(index: int) -> dict[str, Any]:
    """Every fifth WABA takes the webhooks of its three numbers, and one of them gets none again."""
    takes = index // 3 % 5 == 0
    own = None if takes and index % 3 == 2 else {"url": MAIN, "headers": HEADERS} if index % 2 else {"url": MAIN}
    return {
        "customer_webhook": own,
        "waba_webhook": {"url": HOOK, "headers": HEADERS, "override_all": takes},
        "multi_webhook": {"prune": True, "destinations": [CRM, BI]},
        **KINDS[index % len(KINDS)][1],
    }


def mixed(fleet: Fleet, count: int) -> dict[str, Any]:
    """The document of so many numbers, which are on the service as they are before; every other WABA is as it ought to be."""
    accounts = []
    for index in range(count):
        name, number = f"n{index}", f"49{index:09}"
        fleet.register(name, f"+{number}", waba_id=1 + index // 3)
        before = dict(KINDS[index % len(KINDS)][0])
        then = before.pop("then", None)
        for operation, request in before.items():
            fleet.do(operation, f"key-{name}", request)
        if then:
            fleet.do("multi_webhook_set", f"key-{name}", then)
        if index % 6 == 0:
            fleet.do("waba_webhook_set", f"key-{name}", {"url": HOOK, "headers": HEADERS})
        accounts.append(account(name, expect={"waba_id": 1 + index // 3, "number": number}, **sections(index)))
    return document(*accounts)
