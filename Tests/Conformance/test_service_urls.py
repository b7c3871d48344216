"""Which service URLs are taken, and what a refusal repeats of them."""

import json

import pytest
from support import raw

from .answers import check_document

REFUSED = [
    "",
    "nonsense",
    "waba-v2.360dialog.io",
    "//waba-v2.360dialog.io",
    "ftp://waba-v2.360dialog.io",
    "file:///tmp/w.db",
    "postgresql://h/db",
    "https:",
    "https:/waba-v2.360dialog.io",
    "https:waba-v2.360dialog.io",
    "https://",
    "https:///x",
    "https://?x",
    "https://a b.example",
    "https://a.example\n",
    "https://a.example:port",
    "https://a.example:65536",
    "sqlite",
    "sqlite:",
    "SQLITE:/tmp/w.db",
    "https://user:hidden@a.example",
    "https://hidden@a.example",
    "https://@a.example",
    "https://a.example?hidden=1",
    "https://a.example/?",
    "https://a.example#hidden",
    "https://a.example/#",
    "https:/user:hidden@a.example",
    "user:hidden@a.example/x",
    "https://user:hidden@",
    "ftp://user:hidden@a.example/?hidden#hidden",
]
INSECURE = [
    "http://a.example",
    "http://192.0.2.1",
    "http://128.0.0.1",
    "http://[2001:db8::1]",
    "http://0.0.0.0",
    "http://localhost.example",
    "http://127.0.0.1.example",
    "http://127.0.0.999",
    "http://localhost@a.example",
    "http://[::2]",
    "http://notlocalhost",
    "http://10.127.0.1",
]
LOOPBACK = [
    "http://127.0.0.1",
    "http://127.0.0.1:8360",
    "http://127.255.255.254:1/base",
    "http://[::1]:8360",
    "http://localhost:8360/v1/",
    "http://LOCALHOST",
    "HTTP://localhost",
    "http://127.1:8360",
]
SECURE = [
    "https://waba-v2.360dialog.io",
    "https://waba.360dialog.io/v1",
    "HTTPS://a.example/",
    "https://192.0.2.1:8443",
    "https://a_b/base/",
]


def refused(url: str | bytes, options: dict[str, object] | None = None) -> str:
    status, client, document = raw.open_client(url, options)
    assert (status, client) == ("D360_INVALID_ARGUMENT", None), document
    check_document(status, json.loads(document or ""))
    assert json.loads(document or "")["error"]["attempts"] == 0
    return document or ""


def accepted(url: str, options: dict[str, object] | None = None) -> None:
    status, client, error = raw.open_client(url, options)
    assert status == "D360_OK", error
    raw.close(client)


@pytest.mark.parametrize("url", REFUSED, ids=ascii)
def test_a_url_of_no_known_kind_is_an_invalid_argument_that_repeats_no_secret(url: str) -> None:
    assert "hidden" not in refused(url)
    assert "hidden" not in refused(url, {"allow_insecure_http": True})


@pytest.mark.parametrize("url", [b"https://a.example/\xff", b"sqlite:/tmp/\xff.db", b"\xc0\xaf"])
def test_a_url_that_is_not_utf8_is_an_invalid_argument(url: bytes) -> None:
    assert "service_url" in refused(url)


@pytest.mark.parametrize("url", INSECURE)
def test_plain_http_beyond_loopback_is_refused_unless_it_is_allowed(url: str) -> None:
    refused(url)
    refused(url, {"allow_insecure_http": False})
    if "@" not in url:
        accepted(url, {"allow_insecure_http": True})


@pytest.mark.parametrize("url", LOOPBACK + SECURE)
def test_loopback_and_https_are_taken(url: str) -> None:
    accepted(url)


def test_the_url_is_judged_whatever_the_options() -> None:
    assert "nonsense" in refused("sqlite::memory:", {"nonsense": 1})
    refused("nonsense", {"url_policy": "local"})
