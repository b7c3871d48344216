# SPDX-License-Identifier: Apache-2.0
"""service: find out how a service answers."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import click

from d360webhook.cli import messages, output, secrets
from d360webhook.cli.asking import may_go_on
from d360webhook.cli.commands import Group, header_option, option, yes_option
from d360webhook.cli.exit import DONE, FAILED, usage
from d360webhook.cli.help import about
from d360webhook.cli.service_facts import Exchanges, Fact, Settings, facts
from d360webhook.cli.service_writes import Trial
from d360webhook.cli.session import current


@click.group(cls=Group, **about("service"))
def command() -> None:
    """The family."""


@command.command(**about("service check"))
@option("--writes", "with_writes", is_flag=True)
@yes_option()
@header_option("service check")
@option("--no-headers", of="service check", is_flag=True)
def check(with_writes: bool, yes: bool, headers: tuple[str, ...], no_headers: bool) -> int:
    """Reads and, if asked, writes."""
    session = current()
    if no_headers and headers:
        raise usage(messages.HEADERS_AND_NO_HEADERS)
    given: Mapping[str, str] | None = {} if no_headers else secrets.headers(headers)
    problems: list[str] = []
    with session.channel() as channel:
        client = channel.client
        exchanges = Exchanges(client, session.log)
        before = Settings.of(channel, exchanges)
        found = facts(client, channel, exchanges, before)
        if with_writes:
            trial = Trial(channel, exchanges, before, given)
            if not may_go_on(yes, "service check --writes", lambda: _announce(trial)):
                return FAILED
            with _restoring(trial, problems):
                found += trial.run()
    shown = {"service_url": session.url, "facts": [fact.document for fact in found]}
    if with_writes:
        shown["not_restored"] = problems
    session.answered(shown, lambda _: _show(found))
    return FAILED if problems else DONE


def _announce(trial: Trial) -> None:
    for line in trial.announcement():
        output.line(line, to_errors=True)


def _show(found: list[Fact]) -> None:
    with output.page():
        output.table(("Fact", "This service", "Documented"), [(one.fact, one.answer, one.documented) for one in found])


@contextmanager
def _restoring(trial: Trial, problems: list[str]) -> Iterator[None]:
    """Restores at the end, even after Ctrl-C, SIGTERM or SIGHUP. These signals are ignored while it restores."""
    ended: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        ended.append(number)
        # The binding ends a call for Ctrl-C, wherever it is; an exception here could be lost in a callback.
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.getsignal(signal.SIGINT)
    try:
        yield
    except KeyboardInterrupt:
        if ended:
            raise SystemExit(128 + ended[0]) from None
        raise
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        problems += trial.restore()
        for number, handler in before.items():
            signal.signal(number, handler)
        for problem in problems:
            output.line(messages.not_restored(problem), to_errors=True)
