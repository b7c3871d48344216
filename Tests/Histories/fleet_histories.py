"""Histories of fleets: audit, plan, apply on a bad day, then on a good one, then once more, and export."""

import copy
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support import raw

from . import findings, reports, rows
from .calls import Writer, stalls
from .checking import Problem, judged
from .fleets import given, is_as_wanted
from .histories import World, described, logged, world
from .journal import Sending
from .planning import Fleet, Planned

#: Takes the name of a call, the document and the report.
Lie = Callable[[str, dict[str, Any], dict[str, Any]], None]


def truth(name: str, document: dict[str, Any], report: dict[str, Any]) -> None:
    """No lie."""


SECTIONS = ["customer_webhook", "waba_webhook", "multi_webhook"]


@dataclass
class FleetCall:
    """One call of a client of its own. The client's name is in what it sends."""

    function: str
    options: dict[str, Any]
    status: str
    report: dict[str, Any]
    sendings: list[Sending]
    is_judged: bool
    """False if the machine stalled: then an answer may have come too late."""

    @property
    def rows(self) -> list[reports.Row]:
        found: list[reports.Row] = self.report.get("accounts", [])
        return found


@dataclass
class History:
    here: World
    document: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    lie: Lie = truth

    def broken(self, rule: str) -> None:
        story = "\n".join([f"  {described(self.here)}", f"  document {json.dumps(self.document)}", *self.told[-3:]])
        self.problems.append(Problem(rule, story))

    def fleet(self, **options: Any) -> Fleet:
        """The present state, for a call with these options."""
        here = self.here
        keys = [account["api_key"] for account in self.document["accounts"]]
        states = [copy.deepcopy(here.peer.service.state(key)) if key in here.keys else None for key in keys]
        service, known = here.peer.service, {name: options[name] for name in ("force", "allow_unlisted") if name in options}
        if "only" in options:
            known["only"] = frozenset(options["only"])
            named = [account["name"] in known["only"] for account in self.document["accounts"]]
            states = [state if is_named else None for state, is_named in zip(states, named, strict=True)]
        channels = {channel["api_key"]: channel for channel in here.channels}
        return Fleet(self.document, channels, states, here.shows_headers, service.voice, service.max_destinations, **known)

    def call(self, name: str, function: str, cancel_at: int = 0, **options: Any) -> FleetCall:
        events: list[dict[str, Any]] = []

        def progress(event: dict[str, Any]) -> int:
            events.append(event)
            return int(event["done"] == cancel_at)

        with Writer(name, self.here.peer.url, **self.here.options) as writer:
            before = stalls.total
            status, answer = raw.fleet(function, writer.handle, self.document, options or None, progress)
            is_judged = stalls.total - before < writer.timeout / 4
            self.here.disturbances.drain()
        self.problems += logged(self.here, writer)
        text = json.dumps(answer, ensure_ascii=False)
        given = {name: "…" if name == "plan" else value for name, value in options.items()}
        self.told.append(f"    {name} {function} {given} → {status} {text[:6_000]}")
        is_refused = status == "D360_CONFLICT" and "max_changes" in options
        report = answer["error"].get("report") if status == "D360_CANCELLED" or is_refused else answer
        self.lie(name, self.document, report or {})
        call = FleetCall(function, options, status, report or {}, self.here.disturbances.journal.of_writer(name), is_judged)
        judged[is_judged] += 1
        if found := self.here.secrets.within([text]):
            self.broken(f"{function}: a secret in the report ({found[0].partition('-')[0]})")
        if status != "D360_OK" and not (status == "D360_CANCELLED" and cancel_at) and not is_refused:
            self.broken(f"{function}: {status}")
        elif "accounts" not in call.report:
            self.broken(f"{function}: no report")
        else:
            self._whole(call, events)
        return call

    def _whole(self, call: FleetCall, events: list[dict[str, Any]]) -> None:
        is_cut, is_refused = call.status == "D360_CANCELLED", call.status == "D360_CONFLICT"
        function = "plan" if is_refused else call.function
        for rule in dict.fromkeys(reports.whole(function, self.document, call.report, events, is_cut, call.options.get("only"))):
            # What was cancelled or refused may end before each account had its event, or after it.
            if not (is_cut or is_refused) or "progress" not in rule:
                self.broken(f"{call.function}{', cancelled' if is_cut else ''}: {rule}")


def fleets(seed: int, style: str | None = None, lie: Lie = truth) -> list[Problem]:
    """`lie` changes each report before it is checked: a test of the checker."""
    with world("fleets", seed, style, numbers=(2, 7)) as here:
        history = History(here, given(here), lie=lie)
        rate, here.disturbances.rate = here.disturbances.rate, 0
        for phase in (_looks, _bad_day, _good_day, _exported):
            here.disturbances.rate = rate if phase is _bad_day else 0
            if not history.problems:
                phase(history)
                here.settle()
        return history.problems


def _looks(history: History) -> None:
    """An audit's findings are what the service holds, and a plan has what is missing."""
    fleet = history.fleet()
    audit, plan = history.call("audit", "audit"), history.call("plan", "plan")
    if not history.problems and audit.is_judged and plan.is_judged:
        _audited(history, audit, fleet)
        _planned(history, plan, fleet.plan())
    if any(not one.received.is_reading for one in audit.sendings + plan.sendings):
        history.broken("audit or plan wrote")


def _audited(history: History, audit: FleetCall, fleet: Fleet) -> None:
    if not audit.is_judged:
        return
    for index, (row, wanted) in enumerate(zip(audit.rows, findings.expected(fleet), strict=True)):
        if rows.codes(row) != wanted:
            history.broken(f"audit: {rows.difference(rows.codes(row), wanted)}")
        if (row["number"], row["waba_id"]) != fleet.identity(index):
            history.broken(f"audit: {row['number']} of {row['waba_id']}, not {fleet.identity(index)}")


def _planned(history: History, plan: FleetCall, planned: list[Planned]) -> None:
    for row, wanted in zip(plan.rows, planned, strict=True):
        if row["status"] != wanted.status or row["in_sync"] != wanted.in_sync:
            history.broken(f"plan: {row['status']}, in_sync {row['in_sync']}, not {wanted.status}, {wanted.in_sync}")
        elif row["status"] == "D360_OK" and _actions(row) != wanted.actions:
            history.broken(f"plan: has {_actions(row)}, not {wanted.actions}")


def _actions(row: reports.Row) -> list[tuple[str, list[str]]]:
    return [(action["operation"], action.get("destinations", [])) for action in row["actions"]]


def _bad_day(history: History) -> None:
    here, chance = history.here, history.here.chance
    options: dict[str, Any] = {"wait_ms": 1_500, "concurrency": chance.choice([1, 2, 8])}
    if chance.random() < 0.25:
        options["force"] = chance.sample(SECTIONS, chance.randint(1, 3))
    if chance.random() < 0.3:
        options["allow_unlisted"] = True
    if chance.random() < 0.15:
        here.disturbances.limited.add(chance.choice(here.keys))
    cancel_at = chance.randint(1, len(here.keys)) if chance.random() < 0.12 else 0
    is_shared = chance.random() < 0.25
    before = history.fleet(**options)
    thread = threading.Thread(target=lambda: history.call("two", "apply", **options))
    if is_shared:
        thread.start()
    applied = history.call("one", "apply", cancel_at, **options)
    if is_shared:
        thread.join()
    here.settle()
    limited, here.disturbances.limited = here.disturbances.limited, set()
    is_cut = applied.status == "D360_CANCELLED"
    if applied.rows:
        after = history.fleet(**options)
        for rule in rows.disturbed(
            before,
            after,
            applied.rows,
            applied.sendings,
            limited,
            is_shared=is_shared,
            is_cut=is_cut,
            is_judged=applied.is_judged,
        ):
            history.broken(f"apply: {rule}")


def _good_day(history: History) -> None:
    """Without disturbances an apply does what the plan has, and a second one nothing more."""
    fleet = history.fleet()
    calm = history.call("calm", "apply", wait_ms=3_000)
    if history.problems or not calm.is_judged:
        return
    history.here.settle()
    _applied(history, calm, fleet.plan())
    for account, row, state in zip(history.document["accounts"], calm.rows, history.fleet().states, strict=True):
        if row["status"] == "D360_OK" and not (state and is_as_wanted(account, state, fleet.shows_headers)):
            history.broken("undisturbed apply: a row is D360_OK though the service does not hold what it asks for")
    again = history.call("again", "apply", wait_ms=3_000)
    if history.problems or not again.is_judged:
        return
    if any(one.was_applied for one in again.sendings):
        history.broken("a second apply changed something")
    fleet = history.fleet()
    _applied(history, again, fleet.plan())
    _audited(history, again, fleet)
    _audited(history, history.call("auditing", "audit"), fleet)


def _applied(history: History, apply: FleetCall, planned: list[Planned]) -> None:
    for row, wanted in zip(apply.rows, planned, strict=True):
        if row["status"] != wanted.ends or row["in_sync"] != wanted.in_sync:
            history.broken(f"undisturbed apply: {row['status']}, in_sync {row['in_sync']}, not {wanted.ends}, {wanted.in_sync}")
        elif wanted.status == "D360_OK":
            statuses = [action["status"] for action in row["actions"] if action["status"] != "planned"]
            failed = [wanted.ends] if wanted.fails_at_last else []
            if _actions(row) != wanted.actions or statuses != ["D360_OK"] * (wanted.begun - len(failed)) + failed:
                history.broken(f"undisturbed apply: has {_actions(row)} {statuses}, not {wanted.actions} {wanted.begun}")


def _exported(history: History) -> None:
    """A plan of what export wrote has nothing to do."""
    keys = {"accounts": [{"name": f"n{index}", "api_key": key} for index, key in enumerate(history.here.keys)]}
    with Writer("export", history.here.peer.url, **history.here.options) as writer:
        status, answer = raw.fleet("export", writer.handle, keys)
    history.told.append(f"    export → {status} {json.dumps(answer, ensure_ascii=False)[:6_000]}")
    if status != "D360_OK":
        history.broken(f"export: {status}")
        return
    if found := history.here.secrets.within([json.dumps(answer["report"], ensure_ascii=False)]):
        history.broken(f"export: a secret in the report ({found[0].partition('-')[0]})")
    exported = History(history.here, answer["document"], history.problems, history.told)
    plan = exported.call("planning", "plan")
    is_in_sync = plan.report.get("summary", {}).get("in_sync") == len(history.here.keys)
    if plan.is_judged and (not is_in_sync or any(row["actions"] for row in plan.rows)):
        exported.broken("a plan of what export wrote is not in sync")
