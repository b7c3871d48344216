"""The nine requests, compared with texts written by hand from the specification."""

import json
import re
import urllib.parse

import pytest
from Peers.service import Peer

from Remote.calling import AUDIT, KEY, Client, do, succeeded

ENABLE = '{ "enabled" : true, "destinations": [ {"name":"crm","url":"https://hooks.example.com/crm"} ] }'
APPEND = '{"destinations":[{"name":"bücher","url":"https://hooks.example.com/b","headers":{"X-Team":"a b"}}]}\n'
UPDATE = '{"name":"audit","url":"https://hooks.example.com/neu"}'
CUSTOMER = '{\n  "url": "https://hooks.example.com/main?tenant=7",\n  "headers": {}\n}'
WABA = '{"url":"https://hooks.example.com/waba","override_all":false}'

# function, argument, request line, body; {base} is the path of the service's URL, {v1} the prefix of the customer webhook
OPERATIONS = [
    ("multi_webhook_get", None, "GET {base}/multi_webhook HTTP/1.1", None),
    ("multi_webhook_set", ENABLE, "POST {base}/multi_webhook HTTP/1.1", ENABLE),
    ("multi_webhook_append", APPEND, "PUT {base}/multi_webhook HTTP/1.1", APPEND),
    ("multi_webhook_update", UPDATE, "PATCH {base}/multi_webhook HTTP/1.1", UPDATE),
    ("multi_webhook_delete", "audit", "DELETE {base}/multi_webhook/audit HTTP/1.1", None),
    ("customer_webhook_get", None, "GET {base}{v1}/configs/webhook HTTP/1.1", None),
    ("customer_webhook_set", CUSTOMER, "POST {base}{v1}/configs/webhook HTTP/1.1", CUSTOMER),
    ("waba_webhook_get", None, "GET {base}/waba_webhook HTTP/1.1", None),
    ("waba_webhook_set", WABA, "POST {base}/waba_webhook HTTP/1.1", WABA),
]
BASES = [("", "/v1"), ("/base", "/v1"), ("/v1", ""), ("/deep/er/v1", ""), ("/av1", "/v1"), ("/v1/x", "/v1")]


def expected_headers(peer: Peer, body: str | None) -> list[tuple[str, str]]:
    """In libcurl's order; what it accepts as encodings depends on how it was built."""
    headers = [
        ("Host", f"127.0.0.1:{peer.port}"),
        ("User-Agent", "libd360webhook/0.2.0"),
        ("Accept-Encoding", "<any>"),
        ("Accept", "application/json"),
        ("D360-API-KEY", KEY),
    ]
    if body is not None:
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body.encode())))]
    return headers


def differences(got: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> list[str]:
    """Which header is missing, is too many, or has another value; then whether the order is another."""
    seen = [(name, "<any>" if name == "Accept-Encoding" else value) for name, value in got]
    wrong = [f"missing: {header}" for header in wanted if header not in seen]
    wrong += [f"not wanted: {header}" for header in seen if header not in wanted]
    if not wrong and seen != wanted:
        wrong = [f"order: {[name for name, _ in seen]}, wanted {[name for name, _ in wanted]}"]
    return wrong


@pytest.mark.parametrize(("base", "v1"), BASES, ids=[base or "no path" for base, _ in BASES])
@pytest.mark.parametrize(("function", "argument", "line", "body"), OPERATIONS, ids=[one[0] for one in OPERATIONS])
def test_a_request_is_what_the_specification_says(
    base: str, v1: str, function: str, argument: str | None, line: str, body: str | None
) -> None:
    with Peer(base=base) as peer, Client(peer.url) as client:
        if function not in ("multi_webhook_set", "multi_webhook_get"):
            do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [AUDIT]})
        succeeded(client.call(function, *([] if argument is None else [argument])))
        (request,) = peer.record
        assert request.line == line.format(base=base, v1=v1)
        assert differences(request.headers, expected_headers(peer, body)) == []
        assert request.body == (body or "").encode()


def test_a_slash_at_the_end_of_the_base_url_makes_no_double_one() -> None:
    with Peer(base="/base") as peer, Client(peer.url + "/") as client:
        succeeded(client.call("waba_webhook_get"))
        assert peer.record.requests[0].target == "/base/waba_webhook"


def test_a_slash_after_v1_changes_nothing_either() -> None:
    with Peer(base="/v1") as peer, Client(peer.url + "/") as client:
        succeeded(client.call("customer_webhook_get"))
        assert peer.record.requests[0].target == "/v1/configs/webhook"


@pytest.mark.parametrize("last", ["\u0600", "\u06dd", "\U000110bd", "x\u0301", "\u200d", "\u0301"], ids=ascii)
def test_a_slash_at_the_end_takes_nothing_else_along(last: str) -> None:
    """Some scalars make one character with the slash behind them, or with the one before them."""
    with Peer() as peer:
        for slashes in ["", "/", "//"]:
            with Client(f"{peer.url}/base/{last}{slashes}") as client:
                client.call("multi_webhook_get")
        targets = [request.target.encode("latin-1") for request in peer.record]
        assert len(targets) == 3 and len(set(targets)) == 1, targets
        assert urllib.parse.unquote_to_bytes(targets[0]) == f"/base/{last}/multi_webhook".encode()


NAMES = [
    ("a/b", "a%2Fb"),
    ("..", "%2E%2E"),
    (".", "%2E"),
    ("...", "..."),
    ("ü", "%C3%BC"),
    ("u\u0308", "u%CC%88"),
    (" ", "%20"),
    ("a b", "a%20b"),
    ("%2F", "%252F"),
    ("a?b#c", "a%3Fb%23c"),
    ("+&=;:@$,!*'()", "%2B%26%3D%3B%3A%40%24%2C%21%2A%27%28%29"),
    ("-._~AZaz09", "-._~AZaz09"),
    ('"<>\\^`{|}', "%22%3C%3E%5C%5E%60%7B%7C%7D"),
    ("🙂", "%F0%9F%99%82"),
    ("x" * 128, "x" * 128),
    ("ü" * 128, "%C3%BC" * 128),
]


@pytest.mark.parametrize(("name", "segment"), NAMES, ids=[segment[:24] for _, segment in NAMES])
def test_a_name_is_one_percent_encoded_path_segment(name: str, segment: str) -> None:
    with Peer() as peer, Client(peer.url) as client:
        do(peer, "POST", "/multi_webhook", {"enabled": True, "destinations": [{**AUDIT, "name": name}]})
        succeeded(client.call("multi_webhook_delete", name))
        (request,) = peer.record
        # Dots alone are encoded, so that nobody on the way takes them for a folder and removes them.
        assert request.line == f"DELETE /multi_webhook/{segment} HTTP/1.1"
        assert peer.service.state(KEY)["multi"]["destinations"] == []


def test_an_empty_name_is_not_found_without_asking() -> None:
    with Peer() as peer, Client(peer.url) as client:
        result = client.call("multi_webhook_delete", "")
        assert result.status == "D360_NOT_FOUND"
        assert result.error["attempts"] == 0
        assert len(peer.record) == 0


def test_the_callers_user_agent_stands_before_the_librarys_own() -> None:
    with Peer() as peer, Client(peer.url, user_agent="shop/2.1 (Berlin)") as client:
        succeeded(client.call("multi_webhook_get"))
        assert peer.record.requests[0].fields["user-agent"] == "shop/2.1 (Berlin) libd360webhook/0.2.0"


def test_every_encoding_offered_is_one_that_libcurl_undoes() -> None:
    with Peer() as peer, Client(peer.url) as client:
        succeeded(client.call("multi_webhook_get"))
        offered = peer.record.requests[0].fields["accept-encoding"]
        assert "gzip" in re.split(r",\s*", offered)


def test_a_large_body_is_sent_at_once_without_expect() -> None:
    headers = {f"X-Filler-{index}": "v" * 100_000 for index in range(9)}
    with Peer() as peer, Client(peer.url) as client:
        text = json.dumps({"url": "https://hooks.example.com/main", "headers": headers})
        client.call("customer_webhook_set", text)
        (request,) = peer.record
        assert "expect" not in request.fields
        assert request.body == text.encode()
