"""Which path a request's target names, and which destination."""

import urllib.parse

import pytest
from support.daemon import Daemon

from .accounts import STARTED, Account
from .wire import JSON, Wire, request

DELETED = {"message": "Destination deleted successfully"}
NAMES = [
    "a/b",
    "a",
    "..",
    ".",
    "a%2Fb",
    "a b",
    "a+b",
    "a?b",
    "a#b",
    "ä",
    "日本",
    "😀",
    "a\u0301",
    "\ufffd",
    "a;b=c",
    "a//b",
    "/",
    "%",
    "x" * 128,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_destination_is_deleted_by_its_encoded_name(account: Account, name: str) -> None:
    account.enable(name, "other")
    account.ask("DELETE", "/multi_webhook/" + urllib.parse.quote(name, safe="")).must_be(DELETED)
    assert account.names() == ["other"]


@pytest.mark.parametrize("name", ["crm", "a/b"])
def test_every_character_of_a_name_may_be_encoded(account: Account, name: str) -> None:
    account.enable(name)
    account.ask("DELETE", "/multi_webhook/" + "".join(f"%{byte:02X}" for byte in name.encode())).must_be(DELETED)


def test_hexadecimal_digits_have_no_case(account: Account) -> None:
    account.enable("a/ö")
    account.ask("DELETE", "/multi_webhook/a%2f%c3%B6").must_be(DELETED)


def test_a_plus_is_a_plus(account: Account) -> None:
    account.enable("a+b", "a b")
    account.ask("DELETE", "/multi_webhook/a+b").must_be(DELETED)
    assert account.names() == ["a b"]


def test_a_name_is_decoded_once(account: Account) -> None:
    account.enable("a%2Fb", "a/b")
    account.ask("DELETE", "/multi_webhook/a%252Fb").must_be(DELETED)
    assert account.names() == ["a/b"]


@pytest.mark.parametrize("name", ["%FF", "%C3", "%ED%A0%80", "%C0%AF", "a%00b", "crm%00", "%63rm%ff", "unknown", "x" * 129, ""])
def test_what_no_destination_can_be_called_is_not_found(account: Account, name: str) -> None:
    account.enable("crm")
    account.ask("DELETE", f"/multi_webhook/{name}").must_fail(404, "D360_NOT_FOUND")
    assert account.names() == ["crm"]


def test_bytes_that_are_not_utf_8_name_nothing(account: Account) -> None:
    account.enable("\ufffd")
    account.ask("DELETE", "/multi_webhook/\xff").must_fail(404, "D360_NOT_FOUND")
    assert account.names() == ["\ufffd"]


@pytest.mark.parametrize("name", ["%", "%2", "%zz", "%2x"])
def test_a_broken_escape_stands_for_itself(account: Account, name: str) -> None:
    account.enable(name)
    account.ask("DELETE", f"/multi_webhook/{name}").must_be(DELETED)


@pytest.mark.parametrize(
    "target",
    [
        "/multi%5Fwebhook", "/%6dulti_webhook", "/%6D%75lti_webhook", "/multi_webhook?", "/multi_webhook?a=b&a=%FF",
        "/multi_webhook?/x",
        "http://127.0.0.1/multi_webhook", "HTTP://elsewhere.example:99/multi_webhook?a=b", "https://user@h/%6Dulti_webhook",
    ],
)  # fmt: skip
def test_one_path_has_many_spellings(account: Account, target: str) -> None:
    account.ask("GET", target).must_be({"enabled": False, "destinations": []})
    account.ask("POST", target, {"enabled": True}).must_be(STARTED)
    account.ask("GET", target).must_be({"enabled": True, "destinations": []})


@pytest.mark.parametrize(
    "target", ["http://h/multi_webhook/a%2Fb", "http://h/%6Dulti_webhook/%61%2Fb?x=/y", "/multi_webhook/a%2Fb?"]
)
def test_a_name_is_found_in_every_form_of_a_target(account: Account, target: str) -> None:
    account.enable("a/b")
    account.ask("DELETE", target).must_be(DELETED)


@pytest.mark.parametrize(
    "target",
    [
        "/", "*", "/nowhere", "/multi_webhooks", "/multi_webhoo", "/MULTI_WEBHOOK", "//multi_webhook", "/multi_webhook//",
        "/multi_webhook/a/b",
        "/multi_webhook/a/", "/./multi_webhook", "/healthz/../multi_webhook", "/%2e/multi_webhook", "/multi_webhook%2F",
        "%2Fmulti_webhook",
        "/%2Fmulti_webhook", "/multi_webhook%2Fcrm", "/multi_webhook%3Fa", "/v1/configs%2Fwebhook", "/v1%2Fconfigs/webhook",
        "/v1/configs",
        "/v1/configs/webhook/", "/configs/webhook", "/waba_webhook/", "/healthz/", "/admin", "/admin/", "/admin/channels/1/2",
        "multi_webhook",
        "http://h", "http://h/", "http://", "http:///", "http:/multi_webhook", "ftp://h/multi_webhook", "h:80",
        "/multi_webhook\xff",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "PROPFIND"])
def test_any_other_path_is_not_found_whatever_the_method(account: Account, method: str, target: str) -> None:
    account.ask(method, target).must_fail(404, "D360_NOT_FOUND")


ALLOWED = {
    "/multi_webhook": "GET, HEAD, POST, PUT, PATCH",
    "/multi_webhook/crm": "DELETE",
    "/multi_webhook/": "DELETE",
    "/multi_webhook/a%2Fb": "DELETE",
    "/v1/configs/webhook": "GET, HEAD, POST",
    "/waba_webhook": "GET, HEAD, POST",
    "/admin/channels": "GET, HEAD, POST",
    "/admin/channels/1": "DELETE",
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/metrics": "GET, HEAD",
    "/openapi.json": "GET, HEAD",
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "Post", "GETS", "X" * 200]
REJECTED = [(path, method) for path, allowed in ALLOWED.items() for method in METHODS if method not in allowed.split(", ")]


@pytest.mark.parametrize(("path", "method"), REJECTED)
def test_any_other_method_is_refused_and_says_which_are_allowed(wire: Wire, path: str, method: str) -> None:
    answer = wire.ask(method, path).must_fail(405, "D360_INVALID_REQUEST")
    assert answer.header("Allow") == ALLOWED[path]
    wire.ask("GET", "/healthz").must_be({"status": "ok"})


def test_head_is_get_without_the_body(account: Account, wire: Wire) -> None:
    token = ("Authorization", f"Bearer {account.daemon.admin_token}")
    for path, allowed in ALLOWED.items():
        head = wire.ask("HEAD", path, [*account.headers, token])
        if "GET" not in allowed:
            assert (head.code, head.header("Allow")) == (405, allowed)
            continue
        get = wire.ask("GET", path, [*account.headers, token])
        assert (head.code, get.code) == (200, 200)
        if path != "/metrics":  # they differ from one request to the next
            assert [one for one in head.headers if one[0] != "Date"] == [one for one in get.headers if one[0] != "Date"]


def test_head_without_a_key_is_unauthorized(wire: Wire) -> None:
    wire.send(request("HEAD", "/multi_webhook") + request("GET", "/healthz"))
    assert wire.answer(with_body=False).code == 401
    wire.answer().must_be({"status": "ok"})


def test_a_body_of_a_get_is_ignored(account: Account, wire: Wire) -> None:
    wire.send(request("GET", "/multi_webhook", account.json_headers, b'{"enabled":true}') + request("GET", "/healthz"))
    wire.answer().must_be({"enabled": False, "destinations": []})
    wire.answer().must_be({"status": "ok"})


def test_a_body_of_a_delete_is_ignored(account: Account) -> None:
    account.enable("crm")
    with Wire(account.daemon.port) as wire:
        wire.ask("DELETE", "/multi_webhook/crm", [*account.headers, JSON], b"{").must_be(DELETED)


def test_what_is_open_to_everybody_needs_no_key(daemon: Daemon, wire: Wire) -> None:
    wire.ask("GET", "/healthz").must_be({"status": "ok"})
    wire.ask("GET", "/readyz").must_be({"status": "ready"})
    assert wire.ask("GET", "/openapi.json").json["openapi"].startswith("3.1")
    metrics = wire.ask("GET", "/metrics")
    assert (metrics.code, metrics.header("Content-Type")) == (200, "text/plain; version=0.0.4; charset=utf-8")
