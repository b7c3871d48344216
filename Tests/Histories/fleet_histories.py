"""Histories of fleets: audit, plan, apply on a bad day, then on a good one, then once more, and export."""

import copy
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from support import raw

from . import reports
from .calls import Writer
from .checking import Problem
from .findings import expected
from .fleets import given, is_as_wanted
from .histories import World, described, logged, world

SECTIONS = ["customer_webhook", "waba_webhook", "multi_webhook"]


@dataclass
class FleetCall:
    function: str
    status: str
    text: str
    report: dict[str, Any]
    begun: float
    events: list[dict[str, Any]]


@dataclass
class History:
    here: World
    document: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def broken(self, rule: str) -> None:
        story = "\n".join([f"  {described(self.here)}", f"  document {json.dumps(self.document)}", *self.told[-3:]])
        self.problems.append(Problem(rule, story))

    def states(self) -> list[dict[str, Any] | None]:
        """Of each account; None behind a wrong key."""
        keys = [account["api_key"] for account in self.document["accounts"]]
        return [self.here.peer.service.state(key) if key in self.here.keys else None for key in keys]

    def call(self, writer: Writer, function: str, cancel_at: int = 0, **options: Any) -> FleetCall:
        events: list[dict[str, Any]] = []

        def progress(event: dict[str, Any]) -> int:
            events.append(event)
            return int(event["done"] == cancel_at)

        begun = time.monotonic()
        status, answer = raw.fleet(function, writer.handle, self.document, options or None, progress)
        text = json.dumps(answer, ensure_ascii=False)
        report = answer["error"].get("report") if status == "D360_CANCELLED" else answer
        self.told.append(f"    {writer.name} {function} {options} → {status} {text[:6_000]}")
        done = FleetCall(function, status, text, report or {}, begun, events)
        if found := self.here.secrets.within([text]):
            self.broken(f"{function}: a secret in the report ({found[0].partition('-')[0]})")
        if status != "D360_OK" and not (status == "D360_CANCELLED" and cancel_at):
            self.broken(f"{function}: {status}")
        elif "accounts" not in done.report:
            self.broken(f"{function}: no report")
        else:
            self._whole(done, is_cut=status == "D360_CANCELLED")
        return done

    def _whole(self, call: FleetCall, *, is_cut: bool) -> None:
        rows = [row["name"] for row in call.report["accounts"]]
        for rule in dict.fromkeys(reports.whole(call.function, self.document, call.report, call.events)):
            # What was cancelled may end before each account had its event.
            if not is_cut or "progress" not in rule or len(call.events) == len(rows):
                self.broken(f"{call.function}{', cancelled' if is_cut else ''}: {rule}")


def fleets(seed: int, style: str | None = None) -> list[Problem]:
    with world("fleets", seed, style, numbers=(2, 7)) as here:
        history = History(here, given(here))
        rate, here.disturbances.rate = here.disturbances.rate, 0
        with Writer("one", here.peer.url, **here.options) as one, Writer("two", here.peer.url, **here.options) as two:
            _before(history, one)
            if not history.problems:
                here.disturbances.rate = rate
                _bad_day(history, one, two)
                here.disturbances.rate = 0
            if not history.problems:
                _good_day(history, one)
            return history.problems + logged(here, one) + logged(here, two)


def _before(history: History, writer: Writer) -> None:
    """An audit's findings are what the service holds."""
    audit = history.call(writer, "audit")
    planned = history.call(writer, "plan")
    if history.problems:
        return
    for account, row, state in zip(history.document["accounts"], audit.report["accounts"], history.states(), strict=True):
        found = sorted(one["code"] for one in row["findings"] if one["severity"] != "info" and one["code"] != "number_unmanaged")
        if state is None or {"wrong_waba", "number_not_on_waba"} & set(found):
            continue
        wanted = sorted(expected(account, state, history.here.shows_headers))
        if found != wanted:
            missing, further = [code for code in wanted if code not in found], [code for code in found if code not in wanted]
            history.broken(f"audit: {missing} not found, {further} found though not there")
    if any("outcome" in action for row in planned.report["accounts"] for action in row["actions"]):
        history.broken("plan: an action has an outcome")
    if history.here.disturbances.journal.of(writer.name, 0) and any(
        not one.received.is_reading for one in history.here.disturbances.journal.of(writer.name, 0)
    ):
        history.broken("audit or plan wrote")


def _bad_day(history: History, one: Writer, two: Writer) -> None:
    here, chance = history.here, history.here.chance
    before = copy.deepcopy(history.states())
    options: dict[str, Any] = {"wait_ms": 1_500, "concurrency": chance.choice([1, 2, 8])}
    if chance.random() < 0.25:
        options["force"] = chance.sample(SECTIONS, chance.randint(1, 3))
    if chance.random() < 0.3:
        options["allow_unlisted"] = True
    if chance.random() < 0.15:
        here.disturbances.limited.add(chance.choice(here.keys))
    cancel_at = chance.randint(1, len(here.keys)) if chance.random() < 0.12 else 0
    is_shared = chance.random() < 0.25
    thread = threading.Thread(target=lambda: history.call(two, "apply", **options))
    if is_shared:
        thread.start()
    applied = history.call(one, "apply", cancel_at, **options)
    if is_shared:
        thread.join()
    here.settle()
    sendings = here.disturbances.journal.of(one.name, applied.begun)
    after = history.states()
    rows = applied.report.get("accounts", [])
    for account, row, was, now in zip(history.document["accounts"], rows, before, after, strict=bool(rows)):
        if was is None or now is None:
            if row["status"] == "D360_OK" or row["actions"]:
                history.broken("apply: an account whose key is wrong is D360_OK, or was written to")
            continue
        for rule in reports.actions(row, account, sendings, was, now):
            history.broken(f"apply: {rule}")
        # Another apply may have undone it meanwhile, and what comes late may still.
        if row["status"] == "D360_OK" and not is_shared and not is_as_wanted(account, now, here.shows_headers):
            history.broken("apply: a row is D360_OK though the service does not hold what it asks for")
        is_limited = account["api_key"] in here.disturbances.limited
        if not rate_may_limit(here) and row["status"] == "D360_RATE_LIMITED" and not is_limited:
            history.broken("apply: D360_RATE_LIMITED for a key that is not limited")
    here.disturbances.limited.clear()


def rate_may_limit(here: World) -> bool:
    """Whether a 429 may come to any key."""
    return here.disturbances.rate > 0


def _good_day(history: History, writer: Writer) -> None:
    """Without disturbances an apply mends what can be mended, and a second one does nothing."""
    here = history.here
    mended = history.call(writer, "apply", wait_ms=3_000)
    here.settle()
    if history.problems:
        return
    for account, row, state in zip(history.document["accounts"], mended.report["accounts"], history.states(), strict=True):
        if row["status"] == "D360_OK" and not (state and is_as_wanted(account, state, here.shows_headers)):
            history.broken("undisturbed apply: a row is D360_OK though the service does not hold what it asks for")
    if mended.report["summary"]["unknown"]:
        history.broken("undisturbed apply: an outcome is unknown")
    again = history.call(writer, "apply", wait_ms=3_000)
    here.disturbances.drain()
    writes = [one for one in here.disturbances.journal.of(writer.name, again.begun) if not one.received.is_reading]
    if any(one.was_applied for one in writes) or (writes and not mended.report["summary"]["failed"]):
        history.broken("a second apply wrote")
    if again.status == "D360_OK" and again.report["summary"]["changed"]:
        history.broken("a second apply says that it changed something")
    audit = history.call(writer, "audit")
    for row, now in zip(again.report.get("accounts", []), audit.report.get("accounts", []), strict=True):
        if _codes(row) != _codes(now) and row["losing_events"] is not None:
            history.broken(f"apply's findings {_codes(row)} are not an audit's {_codes(now)}")
    _exported(history, writer)


def _codes(row: dict[str, Any]) -> list[str]:
    return sorted(finding["code"] for finding in row["findings"])


def _exported(history: History, writer: Writer) -> None:
    """A plan of what export wrote has nothing to do."""
    keys = {"accounts": [{"name": f"n{index}", "api_key": key} for index, key in enumerate(history.here.keys)]}
    status, answer = raw.fleet("export", writer.handle, keys)
    history.told.append(f"    export → {status} {json.dumps(answer, ensure_ascii=False)[:6_000]}")
    if status != "D360_OK":
        history.broken(f"export: {status}")
        return
    if found := history.here.secrets.within([json.dumps(answer["report"], ensure_ascii=False)]):
        history.broken(f"export: a secret in the report ({found[0].partition('-')[0]})")
    exported = History(history.here, answer["document"], history.problems, history.told)
    plan = exported.call(writer, "plan")
    summary = plan.report.get("summary", {})
    if summary.get("in_sync") != len(history.here.keys) or any(row["actions"] for row in plan.report["accounts"]):
        exported.broken("a plan of what export wrote is not in sync")
