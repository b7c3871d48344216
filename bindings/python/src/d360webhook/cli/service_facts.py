# SPDX-License-Identifier: Apache-2.0
"""How a service answers, fact by fact. No fact holds a URL, a name, a header's value or a key."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from d360webhook import Channel, Client, D360Error

# A key that no number has.
_WRONG_KEY = "d360-webhook-service-check"
_EXCHANGE = re.compile(r"^((?:GET|POST|PUT|PATCH|DELETE) \S+) → (\d{3})\b")


@dataclass(frozen=True)
class Fact:
    """One observation, and what is documented about it."""

    fact: str
    answer: str
    documented: str

    @property
    def document(self) -> dict[str, str]:
        """As JSON."""
        return asdict(self)


class Exchanges:
    """The HTTP status of the last answer to a call's own request. Only the log lines of a client have it; an embedded service has
    none. Requests of another method or path settle the call and do not count."""

    def __init__(self, client: Client, log: Callable[[int, str], None]) -> None:
        self._request: str | None = None
        self._last: str | None = None
        self._log = log
        client.set_log(self._line)

    def _line(self, level: int, message: str) -> None:
        match = _EXCHANGE.match(message)
        if match and self._request in (None, match[1]):
            self._request, self._last = match[1], match[2]
        self._log(level, message)

    def forget(self) -> None:
        """Before the next call."""
        self._request = self._last = None

    @property
    def status(self) -> str:
        """The status, as a fact's answer says it."""
        return self._last or "no HTTP"


@dataclass(frozen=True)
class Reading:
    """One answer to a GET, or the error that it ended with."""

    status: str
    value: Mapping[str, Any] = field(default_factory=dict)
    error: D360Error | None = None

    @property
    def is_known(self) -> bool:
        """True if it says what is set; a webhook that is not set may be answered with 404."""
        return self.error is None or self.error.http_status == 404

    def member(self, name: str) -> str:
        """Says if a member is there, and what kind of value it has."""
        if not self.is_known:
            return "unknown"
        if self.status == "404" or self.error is not None:
            return "the answer is 404"
        if name not in self.value:
            return "left out"
        value = self.value[name]
        match value:
            case None:
                return "null"
            case bool():
                return "true" if value else "false"
            case int():
                return f"an integer of {len(str(abs(value)))} digits"
            case str():
                return "text" if value else "empty text"
            case list():
                return f"a list of {len(value)}"
            case dict():
                return f"an object of {len(value)}"
        return type(value).__name__


def read(call: Callable[[], Any], exchanges: Exchanges) -> Reading:
    """A reading, whether it succeeds or not."""
    exchanges.forget()
    try:
        value = call()
    except D360Error as error:
        return Reading(exchanges.status, {}, error)
    return Reading(exchanges.status, value)


@dataclass(frozen=True)
class Settings:
    """The three readings of one number."""

    customer: Reading
    multi: Reading
    waba: Reading

    @classmethod
    def of(cls, channel: Channel, exchanges: Exchanges) -> "Settings":
        """As they are now. An error that all three have in common is raised."""
        calls = (channel.customer_webhook_get, channel.multi_webhook_get, channel.waba_webhook_get)
        found = [read(call, exchanges) for call in calls]
        if all(one.error for one in found) and found[0].error is not None:
            raise found[0].error
        return cls(*found)


def facts(client: Client, channel: Channel, exchanges: Exchanges, first: Settings) -> list[Fact]:
    """The facts that the readings show."""
    second = Settings.of(channel, exchanges)
    made = [_answer(path, reading) for path, reading in (
        ("GET /v1/configs/webhook", first.customer), ("GET /multi_webhook", first.multi), ("GET /waba_webhook", first.waba)
    )]  # fmt: skip
    made += [
        Fact("number's own webhook: url", first.customer.member("url"), "text, if one is set"),
        Fact("number's own webhook: headers", first.customer.member("headers"), "left out"),
        Fact("multi-webhook: enabled", first.multi.member("enabled"), "true or false"),
        Fact("multi-webhook: destinations", first.multi.member("destinations"), "a list"),
        Fact("multi-webhook: headers of a destination", _of_items(first.multi), "an object"),
        Fact("WABA's webhook: url", first.waba.member("url"), "text, if one is set"),
        Fact("WABA's webhook: headers", first.waba.member("headers"), "an object"),
        Fact("WABA: waba_id", first.waba.member("waba_id"), "an integer"),
        Fact("WABA: numbers_on_this_waba", _numbers(first.waba), "a list of phone numbers"),
        Fact("the same order in a second reading", _order(first, second), "not said"),
        _refusal(client, exchanges),
    ]
    return made


def _answer(path: str, reading: Reading) -> Fact:
    answer = reading.status
    if not reading.is_known and reading.error is not None:
        answer += f", {reading.error.status}"
    return Fact(path, answer, "200")


def _of_items(multi: Reading) -> str:
    listed = multi.value.get("destinations") or []
    kinds = {Reading(multi.status, one).member("headers") for one in listed if isinstance(one, dict)}
    return " or ".join(sorted(kinds)) or "no destination to look at"


def _numbers(waba: Reading) -> str:
    answer = waba.member("numbers_on_this_waba")
    numbers = waba.value.get("numbers_on_this_waba")
    if not isinstance(numbers, list) or not numbers:
        return answer
    kinds = {_number_kind(str(number)) for number in numbers}
    return f"{answer}: {' and '.join(sorted(kinds))}"


def _number_kind(number: str) -> str:
    digits = sum(character.isdigit() for character in number)
    # E.164 numbers have 15 digits at most; Meta's identifiers have 15 to 17 and no plus sign.
    if number.startswith("+") or digits < 15:
        return "phone numbers with +" if number.startswith("+") else "phone numbers without +"
    return "identifiers"


def _order(first: Settings, second: Settings) -> str:
    lists = ((first.multi, second.multi, "destinations"), (first.waba, second.waba, "numbers_on_this_waba"))
    known = [(one.value.get(name), two.value.get(name)) for one, two, name in lists]
    compared = [(one, two) for one, two in known if isinstance(one, list) and isinstance(two, list) and len(one) > 1]
    if not compared:
        return "nothing to compare"
    return "yes" if all(one == two for one, two in compared) else "no"


def _refusal(client: Client, exchanges: Exchanges) -> Fact:
    reading = read(client.channel(_WRONG_KEY).multi_webhook_get, exchanges)
    if reading.error is None:
        answer = f"{reading.status}, accepted"
    else:
        words = "with" if reading.error.document.get("service_message") else "without"
        answer = f"{reading.status}, {reading.error.status}, {words} a message of the service"
    return Fact("a wrong API key", answer, "401 with a message")
