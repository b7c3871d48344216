"""The rules one by one: each file of rules/ is a flaw, or what is just not one.

`state` and `call` are calls; `request` is JSON as it stands, `bytes` are parts of a text (a string, {"hex": …}, or
{"repeat": …, "times": …}), `name` is a dest_name. `remote` says whether a remote client refuses it or sends it on.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from .answers import Answer
from .channel import Channel
from .rules import RULES, argument, whole


def prepared(rule: dict[str, Any], channels: Callable[..., Channel]) -> Channel:
    channel = channels(options=rule.get("options"))
    for call, request in rule.get("state", []):
        channel(call, request).must_succeed()
    return channel


def check_message(message: str, failure: dict[str, str]) -> None:
    """Where in the text a flaw of JSON was found is the parser's to say."""
    if failure["status"] == "D360_MALFORMED_JSON":
        message = re.split(",? (?:up to|at) line ", message)[0]
    assert message == failure["message"]


def check_sender(answer: Answer, rule: dict[str, Any]) -> None:
    """Shape and limits are judged before anything is asked: by the embedded service as by the client."""
    if not answer._service.is_embedded:
        assert answer.error["attempts"] == (1 if rule["remote"] == "sent" else 0), answer.text
    elif rule["remote"] == "refused":
        assert answer.error["attempts"] == 0, answer.text


@pytest.mark.parametrize("flaw", [name for name, rule in RULES.items() if "failure" in rule])
def test_a_flaw_is_refused_with_its_status_path_and_message_and_changes_nothing(
    flaw: str, channels: Callable[..., Channel]
) -> None:
    rule = RULES[flaw]
    channel = prepared(rule, channels)
    before = channel.readings()
    answer = channel(rule["call"], argument(rule))
    failure = rule["failure"]
    answer.must_fail(failure["status"], failure.get("path"))
    if answer.was_refused_here or channel.service.says_our_status:
        check_message(answer.message, failure)
    check_sender(answer, rule)
    assert channel.readings() == before


@pytest.mark.parametrize("case", [name for name, rule in RULES.items() if "answer" in rule])
def test_what_is_no_flaw_is_taken_and_shown_as_given(case: str, channels: Callable[..., Channel]) -> None:
    rule = RULES[case]
    channel = prepared(rule, channels)
    channel(rule["call"], argument(rule)).must_be(whole(rule["answer"]))
    if "reading" in rule:
        channel(rule["reading"]["call"]).must_be(whole(rule["reading"]["answer"]))


def test_every_rule_says_what_it_is_about() -> None:
    for name, rule in RULES.items():
        assert rule["says"] and ("failure" in rule) != ("answer" in rule), name
        assert ("failure" in rule) == ("remote" in rule), name
        assert "failure" not in rule or rule["failure"]["message"], name
