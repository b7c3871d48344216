"""Options of d360_open: each is checked, whatever the service."""

import json
from typing import Any

import pytest
from support import raw

from .answers import check_document

URLS = ["sqlite::memory:", "https://waba-v2.360dialog.io"]
DAY = 86_400_000
NUMBERS = {
    "timeout_ms": (1, DAY),
    "connect_timeout_ms": (1, DAY),
    "max_attempts": (1, 100),
    "max_response_bytes": (1, 2**30),
    "max_destinations": (1, 1_000),
    "apply_delay_ms": (0, DAY),
    "multi_apply_delay_ms": (0, DAY),
}
TEXTS = ["ca_file", "proxy", "user_agent"]
NOT_NUMBERS = ["1", 1.0, True, None, [], {}]
NOT_TEXTS = ["", "a\nb", "a\x7f", 1, True, None, [], {}]

WRONG: list[tuple[str, Any]] = [
    *((name, value) for name, (low, high) in NUMBERS.items() for value in [low - 1, high + 1, 2**63 - 1, -(2**63), *NOT_NUMBERS]),
    # An empty proxy is none at all, as libcurl takes it.
    *((name, value) for name in TEXTS for value in NOT_TEXTS if (name, value) != ("proxy", "")),
    *(("allow_insecure_http", value) for value in ["true", 1, 0, None, [], {}]),
    *(("url_policy", value) for value in ["Cloud", "", "strict", 1, None, True, [], {}]),
    *((name, 1) for name in ["timeout", "TIMEOUT_MS", "", "a/b", "~", "destinations", "caf\u00e9"]),
]


def pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def refused(url: str, options: Any, status: str = "D360_INVALID_ARGUMENT") -> dict[str, Any]:
    seen, client, document = raw.open_client(url, options)
    assert (seen, client) == (status, None)
    error = json.loads(document or "")
    check_document(status, error)
    assert error["error"]["attempts"] == 0 and error["error"]["outcome"] == "not_applied"
    return error["error"]


def accepted(url: str, options: Any) -> None:
    status, client, error = raw.open_client(url, options)
    assert status == "D360_OK", error
    raw.close(client)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda value: json.dumps(value))
def test_an_option_that_is_wrong_is_named(url: str, name: str, value: Any) -> None:
    error = refused(url, {name: value})
    assert error["path"] == pointer(name)
    assert f"'{name}'" in error["message"]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("name", NUMBERS)
def test_the_ends_of_a_range_are_inside(url: str, name: str) -> None:
    for value in NUMBERS[name]:
        accepted(url, {name: value})


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("options", [None, "{}", " {}\n", {"url_policy": "cloud"}, {"url_policy": "local"}])
def test_options_may_be_left_out(url: str, options: Any) -> None:
    accepted(url, options)


def test_options_of_the_other_kind_have_no_effect() -> None:
    accepted(
        "sqlite::memory:",
        {
            "timeout_ms": 1,
            "max_attempts": 1,
            "proxy": "http://127.0.0.1:1",
            "user_agent": "mine/1",
            "ca_file": "/nowhere",
            "allow_insecure_http": True,
            "max_response_bytes": 1,
        },
    )
    accepted("https://waba-v2.360dialog.io", {"max_destinations": 1, "apply_delay_ms": 1, "multi_apply_delay_ms": 1})


def test_the_policy_none_is_for_remote_services() -> None:
    accepted("https://waba-v2.360dialog.io", {"url_policy": "none"})
    assert refused("sqlite::memory:", {"url_policy": "none"})["path"] == "/url_policy"


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("options", ["null", "[]", '"{}"', "1", "true"])
def test_options_of_the_wrong_type_at_the_top_are_an_invalid_argument(url: str, options: str) -> None:
    assert refused(url, options)["path"] == ""


@pytest.mark.parametrize("url", URLS)
def test_options_over_1_mebibyte_are_an_invalid_argument(url: str) -> None:
    accepted(url, "{}" + " " * (1_048_576 - 2))
    refused(url, "{}" + " " * (1_048_576 - 1))


@pytest.mark.parametrize("url", URLS)
def test_a_number_beyond_64_bits_is_an_invalid_argument(url: str) -> None:
    refused(url, '{"timeout_ms": 9223372036854775808}')


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(
    "options", ["", "{", "{'timeout_ms': 1}", '{"timeout_ms": 1, "timeout_ms": 1}', b'{"\xff": 1}', "[" * 65 + "]" * 65]
)
def test_options_that_are_no_json_are_malformed(url: str, options: Any) -> None:
    refused(url, options, "D360_MALFORMED_JSON")


def test_wrong_options_create_no_file(tmp_path: Any) -> None:
    refused(f"sqlite:{tmp_path}/new.db", {"nonsense": 1})
    assert list(tmp_path.iterdir()) == []
