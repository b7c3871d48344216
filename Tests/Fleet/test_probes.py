"""POST {} to each URL and headers of the document once, before anything is written."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator

import pytest
from Peers.exchange import Exchange
from Peers.model import Answer
from Peers.recorder import Received
from Peers.server import Server

from .fleet import Fleet, account, codes, counts, document, lines, rows


class Receiver:
    """Takes events; a path that is a number answers with it."""

    def __init__(self) -> None:
        def perform(request: Received) -> Answer:
            name = request.target.partition("?")[0].rpartition("/")[2]
            code = int(name) if name.isdigit() else 200
            return Answer(code, b"", [("Location", "/fine")] if code == 302 else [])

        self._server = Server(perform, lambda _: self.fault)
        self.fault: Callable[[Exchange], None] | None = None
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.record = self._server.record
        self.close = self._server.close


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def local(fleets: Callable[..., Fleet]) -> Fleet:
    fleet = fleets(url_policy="local")
    fleet.register("berlin", waba_id=1)
    fleet.register("munich", waba_id=2)
    return fleet


def test_each_url_and_headers_is_asked_once_and_signed(local: Fleet, receiver: Receiver) -> None:
    hook = {"url": f"{receiver.url}/a?token=1", "headers": {"Authorization": "Bearer s3cret"}}
    wanted = document(
        account("berlin", customer_webhook=hook, waba_webhook=hook, multi_webhook={"destinations": [{"name": "crm", **hook}]}),
        account("munich", customer_webhook=hook, waba_webhook={"url": hook["url"]}),
    )
    report = local.apply(wanted, probe=True, probe_secret="platform")
    assert counts(report) == {"changed": 2, "operations": 5}
    requests = receiver.record.requests
    assert [(one.method, one.target, one.body) for one in requests] == [("POST", "/a?token=1", b"{}")] * 2
    assert sorted(one.fields.get("authorization", "") for one in requests) == ["", "Bearer s3cret"]
    assert {one.fields["content-type"] for one in requests} == {"application/json"}

    digest = hmac.new(b"platform", b"{}", hashlib.sha256).hexdigest()
    assert {one.fields["x-360dialog-signature"] for one in requests} == {digest}


@pytest.mark.parametrize("code", [204, 302, 401, 500])
def test_any_answer_but_200_stops_the_accounts_that_use_the_url(local: Fleet, receiver: Receiver, code: int) -> None:
    bad, good = {"url": f"{receiver.url}/{code}?token=1"}, {"url": f"{receiver.url}/fine"}
    wanted = document(
        account("berlin", customer_webhook=good, multi_webhook={"destinations": [{"name": "crm", **bad}]}),
        account("munich", customer_webhook=good),
    )
    report = local.apply(wanted, probe=True)
    assert counts(report) == {"changed": 1, "failed": 1, "losing_events": 1, "operations": 1}
    berlin = rows(report)["berlin"]
    assert berlin["status"] == "D360_CONFLICT" and all(line.endswith("planned") for line in lines(berlin))
    finding = next(one for one in berlin["findings"] if one["code"] == "probe_failed")
    assert (finding["severity"], finding["path"]) == ("error", "/multi_webhook/destinations/crm/url")
    assert (finding["expected"], finding["actual"]) == (200, code)
    assert local.customer("berlin") is None and "token" not in json.dumps(report)
    assert len(receiver.record.requests) == 2


def test_an_audit_reports_a_receiver_that_is_not_there(local: Fleet, receiver: Receiver) -> None:
    url = receiver.url
    receiver.close()
    wanted = document(account("berlin", customer_webhook={"url": url}), account("munich"))
    report = local.audit(wanted, probe=True)
    assert [row["status"] for row in report["accounts"]] == ["D360_OK", "D360_OK"]
    assert codes(report)["berlin"] == ["no_route", "customer_webhook_missing", "probe_failed"]
    assert isinstance(rows(report)["berlin"]["findings"][2]["actual"], str)


def test_a_receiver_that_does_not_answer_has_five_seconds(opened: Callable[..., Fleet], receiver: Receiver) -> None:
    local = opened("memory", url_policy="local")
    local.register("berlin")
    receiver.fault = lambda exchange: exchange.wait_for_hang_up()
    report = local.audit(document(account("berlin", customer_webhook={"url": receiver.url})), probe=True)
    assert "probe_failed" in codes(report)["berlin"]


def test_without_the_option_nobody_is_asked(local: Fleet, receiver: Receiver) -> None:
    wanted = document(account("berlin", customer_webhook={"url": receiver.url}))
    local.apply(wanted)
    local.plan(wanted, probe=True)
    local.audit(wanted)
    assert not receiver.record.requests


def test_an_account_that_is_left_out_is_not_probed(local: Fleet, receiver: Receiver) -> None:
    wanted = document(account("berlin", customer_webhook={"url": receiver.url + "/500"}), account("munich"))
    assert not codes(local.audit(wanted, probe=True, only=["munich"])).get("munich", [])[1:]
    assert not receiver.record.requests


@pytest.fixture
def proxy() -> Iterator[Server]:
    """Answers each request with 200, as if it had been passed on."""
    server = Server(lambda request: Answer(200, b""), lambda _: None)
    yield server
    server.close()


@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.parametrize("call", ["audit", "apply"])
def test_a_receiver_elsewhere_is_asked_through_the_proxy_and_one_of_this_machine_is_not(
    opened: Callable[..., Fleet], receiver: Receiver, proxy: Server, monkeypatch: pytest.MonkeyPatch, by: str, call: str
) -> None:
    url = f"http://127.0.0.1:{proxy.port}"
    if by == "environment":
        monkeypatch.setenv("http_proxy", url)
    fleet = opened("remote", url_policy="local", **({"proxy": url} if by == "option" else {}))
    fleet.register("berlin")
    elsewhere = {"url": "http://hooks.example.com/w", "headers": {"Authorization": "Bearer s3cret"}}
    wanted = document(account("berlin", customer_webhook=elsewhere, waba_webhook={"url": f"{receiver.url}/a"}))
    assert "probe_failed" not in str(codes(fleet.report(call, wanted, probe=True)))
    assert [(one.method, one.target, one.fields["authorization"]) for one in proxy.record] == [
        ("POST", "http://hooks.example.com/w", "Bearer s3cret"),
    ]  # fmt: skip
    assert [one.target for one in receiver.record] == ["/a"]
