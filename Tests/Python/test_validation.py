# SPDX-License-Identifier: Apache-2.0
"""Checking a webhook without a service."""

import pytest

from d360webhook import InvalidArgument, webhook_validate


def test_a_webhook_without_problems_is_valid() -> None:
    assert webhook_validate("https://hooks.example.com/crm", {"X-Team": "crm"}) == {"valid": True, "problems": []}


def test_every_problem_is_reported_and_none_is_an_exception() -> None:
    report = webhook_validate("http://your_webhook.example.com:3000", {"Host": "a"})
    assert report["valid"] is False
    assert {problem["path"] for problem in report["problems"]} == {"/url", "/headers/Host"}
    assert {problem["rule"] for problem in report["problems"]} == {"documented", "ours"}
    assert len([p for p in report["problems"] if p["path"] == "/url"]) == 3
    assert all(problem["message"] for problem in report["problems"])


def test_the_policy_decides_which_rules_hold() -> None:
    assert webhook_validate("http://127.0.0.1:8080", url_policy="local")["valid"] is True
    assert webhook_validate("http://127.0.0.1:8080", url_policy="cloud")["valid"] is False


def test_an_unknown_policy_is_an_invalid_argument() -> None:
    with pytest.raises(InvalidArgument) as caught:
        webhook_validate("https://hooks.example.com", url_policy="strict")  # type: ignore[arg-type]
    assert caught.value.path == "/url_policy"


def test_a_url_of_a_wrong_type_is_a_problem_at_its_path() -> None:
    report = webhook_validate(5)  # type: ignore[arg-type]
    assert [problem["path"] for problem in report["problems"]] == ["/url"]
