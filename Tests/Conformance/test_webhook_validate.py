"""d360_webhook_validate: every problem of a webhook, without a service."""

from typing import Any

import pytest

from .answers import check_document
from .channel import URL
from .plain import validate
from .rules import RULES, argument

FLAWS = {name: rule for name, rule in RULES.items() if "source" in rule}
FINE = [name for name, rule in RULES.items() if "answer" in rule and rule["call"] == "customer_webhook_set"]


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_of_a_webhook_is_reported_with_where_its_rule_comes_from(flaw: str) -> None:
    rule = FLAWS[flaw]
    assert validate(argument(rule), rule.get("options")) == (
        "D360_INVALID_REQUEST",
        {
            "valid": False,
            "problems": [{"path": rule["failure"]["path"], "message": rule["failure"]["message"], "rule": rule["source"]}],
        },
    )


@pytest.mark.parametrize("case", FINE)
def test_a_webhook_without_flaws_is_valid(case: str) -> None:
    rule = RULES[case]
    assert validate(argument(rule), rule.get("options")) == ("D360_OK", {"valid": True, "problems": []})


def problems(webhook: Any, options: Any = None) -> list[tuple[str, str]]:
    status, report = validate(webhook, options)
    assert status == "D360_INVALID_REQUEST" and report["valid"] is False, report
    assert all(list(problem) == ["path", "message", "rule"] and problem["message"] for problem in report["problems"])
    return [(problem["path"], problem["rule"]) for problem in report["problems"]]


def test_every_problem_is_listed_not_only_the_first() -> None:
    webhook = {
        "headers": {"X A": "1", "Host": "\n", "X-A": "1", "x-a": 2},
        "url": "https://user@your_host.example.com:80/#top",
        "more": 1,
    }
    assert problems(webhook) == [
        ("/headers/X A", "ours"),
        ("/headers/Host", "ours"),
        ("/headers/Host", "ours"),
        ("/headers/x-a", "ours"),
        ("/headers/x-a", "documented"),
        ("/url", "ours"),
        ("/url", "ours"),
        ("/url", "documented"),
        ("/url", "documented"),
        ("/more", "ours"),
    ]


def test_a_long_url_may_have_other_problems_too() -> None:
    assert problems({"url": "https://hooks.example.com:80/" + "a" * 2048}) == [("/url", "ours"), ("/url", "documented")]


def test_too_many_and_too_long_headers_are_two_problems() -> None:
    assert problems({"url": URL, "headers": {f"X-{i}": "v" * 200 for i in range(51)}}) == [("/headers", "ours")] * 2


def test_a_missing_url_is_blamed_on_the_webhook() -> None:
    assert problems({}) == [("", "documented")]


@pytest.mark.parametrize("webhook", ["null", "[]", '"https://hooks.example.com/"', "1", "true"])
def test_a_webhook_of_the_wrong_type_is_a_problem_of_the_whole(webhook: str) -> None:
    assert problems(webhook) == [("", "documented")]


def test_a_header_value_is_not_repeated() -> None:
    _, report = validate({"url": "https://user:hidden@hooks.example.com/?hidden#hidden", "headers": {"X-A": "hidden\n"}})
    assert len(report["problems"]) == 3 and "hidden" not in str(report)


@pytest.mark.parametrize("size", [1_048_577, 3_000_000])
def test_a_webhook_over_1_mebibyte_is_refused_with_a_report(size: int) -> None:
    assert problems(b" " * size)[0][0] == ""


def test_a_number_beyond_64_bits_is_refused_with_a_report() -> None:
    assert problems('{"url": 9223372036854775808}')[0][0] == ""


@pytest.mark.parametrize(
    ("policy", "url", "valid"),
    [
        ("local", "http://127.0.0.1:8360/a_b", True),
        ("local", "https://your_webhook:3000/", True),
        ("local", "ftp://localhost/", False),
        ("cloud", "http://127.0.0.1:8360/", False),
        ("none", "ftp://user@your_webhook:3000/#top", True),
        ("none", "", True),
        ("none", "a" * 2049, False),
    ],
)
def test_the_policy_decides_which_urls_are_valid(policy: str, url: str, valid: bool) -> None:
    status, report = validate({"url": url}, {"url_policy": policy})
    assert (status, report["valid"]) == ("D360_OK" if valid else "D360_INVALID_REQUEST", valid)


@pytest.mark.parametrize("options", [None, "{}", {"url_policy": "cloud"}])
def test_without_a_policy_it_is_cloud(options: Any) -> None:
    assert problems({"url": "http://hooks.example.com/"}, options) == [("/url", "documented")]


@pytest.mark.parametrize(
    ("options", "status", "path"),
    [
        ({"url_policy": "strict"}, "D360_INVALID_ARGUMENT", "/url_policy"),
        ({"url_policy": None}, "D360_INVALID_ARGUMENT", "/url_policy"),
        ({"timeout_ms": 1}, "D360_INVALID_ARGUMENT", "/timeout_ms"),
        ({"a/b": 1}, "D360_INVALID_ARGUMENT", "/a~1b"),
        ("[]", "D360_INVALID_ARGUMENT", ""),
        ("null", "D360_INVALID_ARGUMENT", ""),
        ("{", "D360_MALFORMED_JSON", None),
        (b'{"\xff": 1}', "D360_MALFORMED_JSON", None),
    ],
)
def test_options_that_are_wrong_are_told_in_an_error_document(options: Any, status: str, path: str | None) -> None:
    seen, document = validate({"url": URL}, options)
    check_document(status, document)
    assert (seen, document["error"].get("path")) == (status, path)


@pytest.mark.parametrize(
    ("webhook", "status"),
    [(None, "D360_INVALID_ARGUMENT"), ("{", "D360_MALFORMED_JSON"), (b'{"url": "\xff"}', "D360_MALFORMED_JSON")],
)
def test_a_webhook_that_is_no_json_is_told_in_an_error_document(webhook: Any, status: str) -> None:
    seen, document = validate(webhook)
    assert seen == status
    check_document(status, document)
