"""The document for what is there."""

import json
from typing import Any

import pytest

from .fleet import CRM, HOOK, MAIN, WABA, Fleet, codes, counts

HEADERS = {"Authorization": "Bearer s3cret"}


@pytest.fixture
def configured(fleet: Fleet) -> Fleet:
    fleet.register("berlin", "+4930")
    fleet.register("munich", "+4989")
    fleet.register("vienna", "+431", waba_id=9_007_199_254_740_993)
    fleet.do("customer_webhook_set", "key-berlin", {"url": MAIN, "headers": HEADERS})
    fleet.do("waba_webhook_set", "key-berlin", {"url": HOOK, "headers": HEADERS})
    for name in ("berlin", "vienna"):
        fleet.do("multi_webhook_set", f"key-{name}", {"enabled": True, "destinations": [{**CRM, "headers": HEADERS}]})
    fleet.do("multi_webhook_set", "key-munich", {"enabled": True, "destinations": [CRM]})
    fleet.do("multi_webhook_set", "key-munich", {"enabled": False})
    return fleet


def test_it_is_the_document_whole(configured: Fleet) -> None:
    own = {"url": MAIN} | ({"headers": HEADERS} if configured.service.style == "observed" else {})
    assert configured.export("berlin", "munich", "vienna")["document"] == {
        "webhooks": {
            "webhook-1": {"url": HOOK, "headers": HEADERS},
            "webhook-2": {"url": CRM["url"], "headers": HEADERS},
        },
        "accounts": [
            {
                "name": "berlin",
                "api_key": "key-berlin",
                "expect": {"waba_id": WABA},
                "customer_webhook": own,
                "waba_webhook": {"use": "webhook-1"},
                "multi_webhook": {"enabled": True, "destinations": [{"name": "crm", "use": "webhook-2"}]},
            },
            {
                "name": "munich",
                "api_key": "key-munich",
                "expect": {"waba_id": WABA},
                "customer_webhook": None,
                "waba_webhook": {"use": "webhook-1"},
                "multi_webhook": {"enabled": False},
            },
            {
                "name": "vienna",
                "api_key": "key-vienna",
                "expect": {"waba_id": 9_007_199_254_740_993, "number": "+431"},
                "customer_webhook": None,
                "multi_webhook": {"enabled": True, "destinations": [{"name": "crm", "use": "webhook-2"}]},
            },
        ],
    }


def test_a_plan_finds_it_in_sync_and_an_apply_makes_it_again(configured: Fleet) -> None:
    exported = configured.export("berlin", "munich", "vienna")["document"]
    assert counts(configured.plan(exported)) == {"in_sync": 3, "losing_events": 1}
    configured.do("multi_webhook_delete", "key-vienna", "crm")
    configured.do("customer_webhook_set", "key-berlin", {"url": HOOK})
    assert counts(configured.apply(exported)) == {"in_sync": 1, "changed": 2, "losing_events": 1, "operations": 2}
    assert configured.export("berlin", "munich", "vienna")["document"] == exported


def test_an_account_that_cannot_be_read_is_in_the_report_only(configured: Fleet) -> None:
    answer = configured.export("berlin", "nobody")
    assert [one["name"] for one in answer["document"]["accounts"]] == ["berlin"]
    assert counts(answer["report"]) == {"in_sync": 1, "failed": 1}
    assert codes(answer["report"]) == {"nobody": ["unauthorized"]}


def test_its_report_names_what_loses_events_and_holds_no_secret(configured: Fleet) -> None:
    report = configured.export("berlin", "vienna")["report"]
    assert codes(report) == {"vienna": ["no_route"]} and counts(report) == {"in_sync": 2, "losing_events": 1}
    assert "s3cret" not in json.dumps(report) and "key-" not in json.dumps(report)


def test_a_url_that_breaks_the_rules_is_exported_with_the_finding(fleets: Any) -> None:
    fleet = fleets(url_policy="local")
    fleet.register("berlin")
    fleet.do("customer_webhook_set", "key-berlin", {"url": "https://hooks.example.com:3000/?token=1"})
    fleet.derive(url_policy="cloud")
    answer = fleet.export("berlin")
    assert answer["document"]["accounts"][0]["customer_webhook"] == {"url": "https://hooks.example.com:3000/?token=1"}
    assert codes(answer["report"]) == {"berlin": ["url_policy"]}
    assert fleet.call("plan", answer["document"])[0] == "D360_INVALID_REQUEST"
    fleet.derive(url_policy="local")
    assert counts(fleet.plan(answer["document"])) == {"in_sync": 1}


def test_nothing_is_exported_as_nothing(fleet: Fleet) -> None:
    assert fleet.export()["document"] == {"accounts": []}
