"""One request at least for each response that the document describes, but 500: a fault is not to be had by asking."""

from dataclasses import dataclass
from typing import Any

from .document import DOCUMENT, OPERATIONS

EXAMPLES = DOCUMENT["components"]["examples"]
CRM = {"name": "crm", "url": "https://hooks.example.com/crm"}
FULL = ("crm", "billing", "archive")
OPEN = {"healthz", "readyz", "metrics", "openapi"}
#: Daemons, by their fixtures: one with all it can have, one without a token, one with a PostgreSQL that is stopped.
WHOLE, WITHOUT_TOKEN, WITHOUT_STORAGE = "whole", "without_token", "without_storage"


def example(name: str) -> Any:
    return EXAMPLES[name]["value"]


@dataclass(frozen=True)
class Provocation:
    operation: str
    code: int
    #: What the request is about, for the test's name.
    why: str
    #: Sent as JSON; bytes as they are.
    body: Any = None
    parameter: str = "crm"
    content_type: str | None = "application/json"
    #: The destinations that are there; None: multi-webhook is off.
    destinations: tuple[str, ...] | None = ("crm",)
    daemon: str = WHOLE
    has_key: bool = True
    #: The example that the answer is, word for word.
    answer: str | None = None

    def __str__(self) -> str:
        return f"{self.operation} {self.code}: {self.why}"


#: A request of each operation that is answered 200.
PLAIN = {
    "multi_webhook_get": Provocation("multi_webhook_get", 200, "plain"),
    "multi_webhook_set": Provocation("multi_webhook_set", 200, "plain", example("enable"), answer="operationStarted"),
    "multi_webhook_append": Provocation("multi_webhook_append", 200, "plain", example("append"), answer="operationStarted"),
    "multi_webhook_update": Provocation("multi_webhook_update", 200, "plain", example("update"), answer="operationStarted"),
    "multi_webhook_delete": Provocation("multi_webhook_delete", 200, "plain", answer="destinationDeleted"),
    "customer_webhook_get": Provocation("customer_webhook_get", 200, "plain"),
    "customer_webhook_set": Provocation("customer_webhook_set", 200, "plain", example("setWebhook"), answer="customerWebhook"),
    "waba_webhook_get": Provocation("waba_webhook_get", 200, "plain"),
    "waba_webhook_set": Provocation("waba_webhook_set", 200, "plain", example("setWebhook")),
    "healthz": Provocation("healthz", 200, "plain", answer="healthy"),
    "readyz": Provocation("readyz", 200, "plain", answer="ready"),
    "metrics": Provocation("metrics", 200, "plain"),
    "openapi": Provocation("openapi", 200, "plain"),
    "channel_list": Provocation("channel_list", 200, "plain"),
    "channel_register": Provocation("channel_register", 200, "plain", example("channel"), answer="channelRegistered"),
    "reset": Provocation("reset", 200, "plain", answer="serviceReset"),
    "channel_remove": Provocation("channel_remove", 200, "plain", answer="channelRemoved"),
}


def plain(name: str, code: int, why: str, **changes: Any) -> Provocation:
    return Provocation(**{**vars(PLAIN[name]), "code": code, "why": why, "answer": None, **changes})


def _of_every_operation() -> list[Provocation]:
    cases = list(PLAIN.values())
    for name, operation in OPERATIONS.items():
        if operation.scheme:
            key = "unauthorized" if operation.scheme == "channelKey" else None
            cases.append(plain(name, 401, "without a key", has_key=False, answer=key))
        if operation.scheme == "adminToken":
            cases.append(plain(name, 404, "without a token file", daemon=WITHOUT_TOKEN, answer="noAdmin"))
        if operation.takes_body:
            cases += [
                plain(name, 400, "not JSON", body=b"{]", answer="malformed"),
                plain(name, 413, "a byte over 1 MiB", body=b" " * 1_048_577),
                plain(name, 415, "text", content_type="text/plain"),
                plain(name, 415, "no content type", content_type=None),
            ]
        if name not in OPEN - {"readyz"}:
            cases.append(plain(name, 503, "PostgreSQL is stopped", daemon=WITHOUT_STORAGE))
    return cases


def _of_one_operation() -> list[Provocation]:
    port = {"name": "audit", "url": "https://hooks.example.com:3000/audit"}
    audit = {"name": "audit", "url": "https://hooks.example.com/audit"}
    return [
        plain("multi_webhook_set", 200, "with destinations", destinations=None, body=example("enableWithDestinations")),
        plain("multi_webhook_set", 200, "off", body=example("disable")),
        plain("multi_webhook_set", 400, "a port", body={"enabled": True, "destinations": [port]}, answer="portInHost"),
        plain(
            "multi_webhook_set", 400, "off with destinations", body={"enabled": False, "destinations": [CRM]},
            answer="disablingWithDestinations"),
        plain(
            "multi_webhook_set", 400, "four destinations", destinations=None,
            body={"enabled": True, "destinations": [{**CRM, "name": str(number)} for number in range(4)]}),
        plain("multi_webhook_set", 409, "enabled already", body=example("enableWithDestinations"), answer="enabledAlready"),
        plain("multi_webhook_append", 400, "a port", body={"destinations": [port]}, answer="portInHost"),
        plain("multi_webhook_append", 400, "an unknown member", body={"enable": True}, answer="unknownMember"),
        plain("multi_webhook_append", 400, "a fourth", destinations=FULL, answer="tooManyDestinations"),
        plain("multi_webhook_append", 409, "off", destinations=None, answer="notEnabled"),
        plain("multi_webhook_append", 409, "a taken name", body={"destinations": [CRM]}, answer="nameTaken"),
        plain("multi_webhook_append", 409, "a name twice", body={"destinations": [CRM, CRM]}, answer="nameTwice"),
        plain("multi_webhook_update", 200, "no headers", body=example("clearHeaders")),
        plain("multi_webhook_update", 400, "nothing to change", body={"name": "crm"}, answer="nothingToChange"),
        plain("multi_webhook_update", 404, "an unknown name", body=audit, answer="unknownName"),
        plain("multi_webhook_update", 409, "off", destinations=None, answer="notEnabled"),
        plain("multi_webhook_delete", 404, "an unknown name", parameter="audit", answer="noSuchDestination"),
        plain("multi_webhook_delete", 404, "a name that is not UTF-8", parameter="%FF"),
        plain("multi_webhook_delete", 409, "off", destinations=None, answer="notEnabled"),
        plain("customer_webhook_set", 400, "a port", body={"url": port["url"]}, answer="portInWebhook"),
        plain("waba_webhook_set", 200, "all numbers", body=example("overrideAll")),
        plain("waba_webhook_set", 400, "a port", body={"url": port["url"]}, answer="portInWebhook"),
        plain("channel_register", 400, "without a key", body={"phone_number_id": "1", "waba_id": 1}, answer="missingKey"),
        plain(
            "channel_register", 409, "another's key", answer="keyTaken",
            body={"phone_number_id": "1", "waba_id": 1, "api_key": "key-of-another"}),
        plain("channel_remove", 404, "an unknown channel", parameter="unknown", answer="unknownChannel"),
    ]  # fmt: skip


PROVOCATIONS = _of_every_operation() + _of_one_operation()
