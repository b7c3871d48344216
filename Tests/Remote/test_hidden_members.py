"""Readings that leave a member out, where it is just this member that a lost write would have changed: they prove nothing."""

from typing import Any

import pytest
from Peers import faults
from Peers.forms import hiding
from Peers.service import Peer

from Remote.calling import (
    APPEND,
    CUSTOMER,
    DELETE,
    DISABLE,
    ENABLE,
    KEY,
    MAIN,
    OVERRIDE,
    TEAM,
    UPDATE,
    WABA,
    Client,
    Operation,
    Result,
    do,
    failed,
    is_done,
    succeeded,
)

OTHER = "https://other.example.com/w"
SET = "POST", "/multi_webhook"
ENABLE_ALONE = Operation(
    "enable alone",
    "multi_webhook_set",
    *SET,
    ({"enabled": True},),
    enabled=False,
    is_done=lambda state: state["multi"]["enabled"],
)
#: A write, a member that readings do not show, and what the service has before: all that shows agrees with the write already.
NEARLY: list[tuple[Operation, str, list[tuple[str, str, Any]]]] = [
    (ENABLE_ALONE, "enabled", []),
    (ENABLE, "destinations", [(*SET, {"enabled": True})]),
    (APPEND, "destinations", []),
    (UPDATE, "destinations", []),
    (UPDATE, "url", [("PATCH", "/multi_webhook", {"name": "audit", "headers": TEAM})]),
    (UPDATE, "headers", [("PATCH", "/multi_webhook", {"name": "audit", "url": "https://hooks.example.com/other"})]),
    (DELETE, "destinations", []),
    (DISABLE, "enabled", [("DELETE", "/multi_webhook/audit", None)]),
    (CUSTOMER, "headers", [("POST", "/v1/configs/webhook", {"url": MAIN, "headers": {"X-Team": "another"}})]),
    (CUSTOMER, "headers", [("POST", "/v1/configs/webhook", {"url": MAIN})]),
    (CUSTOMER, "url", [("POST", "/v1/configs/webhook", {"url": OTHER, "headers": TEAM})]),
    (WABA, "headers", [("POST", "/waba_webhook", {"url": MAIN, "headers": {"X-Team": "another"}})]),
    (WABA, "headers", [("POST", "/waba_webhook", {"url": MAIN})]),
    (WABA, "url", [("POST", "/waba_webhook", {"url": OTHER, "headers": TEAM})]),
    (OVERRIDE, "headers", [("POST", "/waba_webhook", {"url": MAIN})]),
    (OVERRIDE, "override_all", [("POST", "/v1/configs/webhook", {"url": OTHER}), ("POST", "/waba_webhook", WABA.request[2])]),
]
each_case = pytest.mark.parametrize(
    ("write", "member", "before"), NEARLY, ids=[f"{w}-{m}-{n}" for n, (w, m, _) in enumerate(NEARLY)]
)
each_way = pytest.mark.parametrize("answers", ["specification", "observed"])


def _is_there(peer: Peer, write: Operation) -> bool:
    taken = write is OVERRIDE and peer.service.state(KEY)["customer"]
    return is_done(peer, write) and not taken


class Hidden:
    """A peer that has `before`, and hides `member`."""

    def __init__(self, write: Operation, member: str, before: list[tuple[str, str, Any]], answers: str, **options: Any) -> None:
        self.peer = Peer(answers=answers)
        write.prepare(self.peer)
        for request in before:
            do(self.peer, *request)
        self.write, self._fault = write, hiding(member).fault()
        self.client = Client(self.peer.url, **{"timeout_ms": 600, "max_attempts": 2, **options})

    def run(self, *answers: faults.Fault) -> Result:
        self.peer.script.writes(*answers).when(lambda request: request.is_reading, self._fault)
        if answers:
            self.peer.script.when(lambda _: True, answers[-1])
        return self.client.run(self.write)

    def __enter__(self) -> "Hidden":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.peer.close()


@each_case
@each_way
@pytest.mark.parametrize("attempts", [1, 2])
def test_a_write_that_was_never_taken_is_not_believed_to_be_there(
    write: Operation, member: str, before: list[tuple[str, str, Any]], answers: str, attempts: int
) -> None:
    with Hidden(write, member, before, answers, max_attempts=attempts) as service:
        result = service.run(faults.cut_before_status(taken=False))
        assert not _is_there(service.peer, write)
        failed(result, "D360_OUTCOME_UNKNOWN", "unknown", retryable=True)
        assert len(service.peer.record.writes) == attempts


@each_case
@each_way
@pytest.mark.parametrize("code", [400, 401, 409])
def test_a_refused_write_is_not_applied(
    write: Operation, member: str, before: list[tuple[str, str, Any]], answers: str, code: int
) -> None:
    with Hidden(write, member, before, answers) as service:
        result = service.run(faults.error(code))
        assert not _is_there(service.peer, write)
        assert result.status != "D360_OK" and result.error["outcome"] == "not_applied", result.text
        assert len(service.peer.record.writes) == 1


@each_case
@each_way
def test_a_write_whose_answer_is_cut_once_is_sent_again_until_it_is_there(
    write: Operation, member: str, before: list[tuple[str, str, Any]], answers: str
) -> None:
    with Hidden(write, member, before, answers, timeout_ms=3_000, max_attempts=4) as service:
        service.peer.script.writes(faults.cut_before_status(taken=False))
        result = service.run()
        if write is ENABLE:  # The service rejects it once it is enabled.
            failed(result, "D360_OUTCOME_UNKNOWN", "unknown")
            return
        succeeded(result)
        assert _is_there(service.peer, write)
        assert len(service.peer.record.writes) == 2
