"""Histories of applies with a plan, only, max_changes, max_failures and probe."""

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

from . import findings, rows
from .checking import Problem
from .fleet_histories import SECTIONS, FleetCall, History, Lie, truth
from .fleets import disturb, given, is_as_wanted
from .histories import World, world
from .operations import folded
from .planning import Account, Fleet, Planned, State
from .receiver import Receiver
from .reports import Row

ROUNDS = 4
FAILED = ("D360_UNAUTHORIZED", "D360_CONFLICT", "D360_INVALID_REQUEST")


def options(seed: int, style: str | None = None, lie: Lie = truth) -> list[Problem]:
    """Only the last apply is disturbed."""
    with Receiver() as receiver, world("options", seed, style, numbers=(2, 7), receiver=receiver.url) as here:
        problems: list[Problem] = []
        rate, here.disturbances.rate = here.disturbances.rate, 0
        told: list[str] = []
        for number in range(ROUNDS):
            if not problems:
                history = History(here, given(here), problems, told, lie)
                here.settle()
                _Round(history, receiver, rate if number == ROUNDS - 1 else 0).run(str(number))
                here.settle()
        return problems


class _Round:
    def __init__(self, history: History, receiver: Receiver, rate: float) -> None:
        self.history, self.receiver, self.rate = history, receiver, rate
        self.here: World = history.here
        self.chance: random.Random = history.here.chance
        self.accounts: list[Account] = history.document["accounts"]

    def run(self, name: str) -> None:
        chosen = self._chosen()
        fleet = self.history.fleet(**chosen)
        must, may = self._planned_before(chosen, name)
        if self.history.problems:
            return
        chosen |= self._limits()
        if chosen.get("probe"):
            uses = [self.receiver.seen(webhook) for account in self.accounts for _, webhook in webhooks(account)]
            self.receiver.refused = {one for one in uses if self.chance.random() < 0.15}
        self.receiver.begin()
        before = self.history.fleet(**chosen)
        self.here.disturbances.rate = self.rate
        applied = self.history.call(f"applied{name}", "apply", wait_ms=3_000 if not self.rate else 1_500, **chosen)
        self.here.disturbances.rate = 0
        self.here.settle()
        if self.history.problems or not applied.rows:
            return
        limit = chosen.get("max_failures")
        if not limit or sum(before.states[place] is None for place in before.chosen) < limit:
            self._stale(applied, fleet, before, must, may)
        stale = {place for place, row in self._rows(before, applied) if is_stale(row)}
        refused = self._refused(before, applied) if chosen.get("probe") else set()
        before = dataclasses.replace(before, rejected=frozenset(stale | refused))
        if not chosen.get("probe") and self.receiver.received:
            self.history.broken("a probe was sent without the option")
        self._untouched(before, applied, stale | refused)
        if self.rate:
            self._disturbed(before, applied, chosen)
        elif applied.is_judged:
            self._calm(before, applied, stale, chosen)

    # What is asked for

    def _chosen(self) -> dict[str, Any]:
        """Options that a plan takes too."""
        chance, chosen = self.chance, {}
        if chance.random() < 0.3:
            chosen["force"] = chance.sample(SECTIONS, chance.randint(1, 3))
        if chance.random() < 0.3:
            chosen["allow_unlisted"] = True
        if chance.random() < 0.5:
            names = [account["name"] for account in self.accounts]
            chosen["only"] = chance.sample(names, chance.randint(1, len(names)))
        return chosen

    def _limits(self) -> dict[str, Any]:
        chance, chosen = self.chance, {"concurrency": self.chance.choice([1, 2, 8])}
        if chance.random() < 0.35:
            chosen["max_changes"] = chance.randint(0, 5)
        if chance.random() < 0.4:
            chosen["max_failures"] = chance.randint(1, 3)
        if chance.random() < 0.4:
            chosen["probe"] = True
        return chosen

    # plan

    def _planned_before(self, chosen: dict[str, Any], name: str) -> tuple[set[int], set[int]]:
        """Adds a plan to the options, and changes something meanwhile. Accounts that are stale then, and that may be."""
        chance = self.chance
        if chance.random() < 0.4:
            return set(), set()
        everybody = set(range(len(self.accounts)))
        planning = dict(chosen)
        fate = chance.choice(["same", "same", "state", "state", "row", "digest", "options", "only"])
        if fate == "only":
            planning.pop("only", None)
        before = self.history.fleet(**planning)
        report = self.history.call(f"plan{name}", "plan", **planning).report
        if self.history.problems:
            return set(), set()
        chosen["plan"] = report
        row = chance.choice(report["accounts"])
        place = next(index for index, account in enumerate(self.accounts) if account["name"] == row["name"])
        if fate == "row":
            report["accounts"].remove(row)
            return {place}, {place}
        if fate == "digest":
            row["digest"] = chance.choice(["0" * 64, "", None])
            return {place}, {place}
        if fate == "options":
            chosen["allow_unlisted"] = not chosen.get("allow_unlisted", False)
            return everybody, everybody
        if fate == "only" and "only" in chosen:
            return set(), everybody
        if fate == "state":
            disturb(self.here, chance.choice(self.here.keys))
            self.here.settle()
        now = self.history.fleet(**chosen)
        differing = {index for index in before.chosen if view(before, index) != view(now, index)}
        wabas = {before.waba(index) for index in differing}
        return differing, {index for index in before.chosen if before.waba(index) in wabas}

    def _stale(self, applied: FleetCall, fleet: Fleet, before: Fleet, must: set[int], may: set[int]) -> None:
        alone = dataclasses.replace(before, rejected=frozenset()).plan()
        for place, row in self._rows(before, applied):
            is_rejected_before = fleet.states[place] is None or self._lacks_expected(place, alone)
            if is_stale(row) and (place not in may or is_rejected_before) and not self.rate:
                self.history.broken("stale_plan though nothing has changed since the plan")
            if not is_stale(row) and place in must and not is_rejected_before and row["losing_events"] is not None:
                self.history.broken("not stale_plan though something has changed since the plan")
            if is_stale(row) and row["status"] != "D360_CONFLICT":
                self.history.broken(f"stale_plan and {row['status']}")

    @staticmethod
    def _lacks_expected(place: int, planned: list[Planned]) -> bool:
        return planned[place].status == "D360_CONFLICT"

    # probe

    def _refused(self, before: Fleet, applied: FleetCall) -> set[int]:
        """Accounts with a webhook that its receiver rejects."""
        uses = {place: list(webhooks(self.accounts[place])) for place in before.chosen}
        wanted = {self._identity(webhook) for some in uses.values() for _, webhook in some}
        if sorted(map(str, self.receiver.probed)) != sorted(
            str(self.receiver.seen({"url": url, "headers": dict(headers)})) for url, headers in wanted
        ):
            self.history.broken("not each webhook was probed once")
        writes = [one.received.at for one in applied.sendings if not one.received.is_reading]
        if writes and any(request.at > min(writes) for request in self.receiver.received):
            self.history.broken("a probe came after a write")
        refused: set[int] = set()
        for place, row in self._rows(before, applied):
            bad = sorted(path for path, webhook in uses[place] if self.receiver.seen(webhook) in self.receiver.refused)
            if sorted(one["path"] for one in row["findings"] if one["code"] == "probe_failed") != bad:
                self.history.broken("probe_failed is not of the webhooks that their receivers reject")
            if bad:
                refused.add(place)
        return refused

    @staticmethod
    def _identity(webhook: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
        return webhook["url"], tuple(sorted(folded(webhook.get("headers", {})).items()))

    # What holds

    def _rows(self, fleet: Fleet, call: FleetCall) -> Iterator[tuple[int, Row]]:
        return zip(fleet.chosen, call.rows, strict=True)

    def _untouched(self, before: Fleet, applied: FleetCall, rejected: set[int]) -> None:
        """Nothing is written with the key of an account that is not chosen, stale, or uses what does not answer."""
        for place, account in enumerate(self.accounts):
            if place in before.chosen and place not in rejected:
                continue
            if any(one.key == account["api_key"] and not one.received.is_reading for one in applied.sendings):
                self.history.broken("an account that is not chosen, stale, or does not answer a probe was written to")
            if place not in before.chosen and any(one.key == account["api_key"] for one in applied.sendings):
                self.history.broken("an account that is not chosen was read")

    def _calm(self, before: Fleet, applied: FleetCall, stale: set[int], chosen: dict[str, Any]) -> None:
        planned, limit = before.plan(), chosen.get("max_failures")
        unread = sum(before.states[place] is None for place in before.chosen)
        wrote = any(not one.received.is_reading for one in applied.sendings)
        failed = sum(planned[place].status in FAILED for place in before.chosen if place not in stale)
        if limit and unread >= limit:
            if wrote:
                self.history.broken("max_failures was reached in reading, and something was written")
            return
        changing = sum(planned[place].changes for place in before.chosen)
        is_refused = "max_changes" in chosen and changing > chosen["max_changes"]
        if (applied.status == "D360_CONFLICT") != is_refused:
            self.history.broken(f"max_changes: {applied.status} though {changing} would change")
            return
        if is_refused or (limit and failed >= limit):
            if wrote:
                self.history.broken("max_changes or max_failures was reached before the first write, and something was written")
        if is_refused:
            self._refused_rows(before, applied, planned)
            return
        reached = sum(rows.failed(self.history.document, [row]) for row in applied.rows)
        for place, row in self._rows(before, applied):
            if limit and reached >= limit and row["status"] == "D360_CANCELLED":
                continue
            self._row(row, planned[place])
        self._after(applied, chosen)

    def _refused_rows(self, before: Fleet, applied: FleetCall, planned: list[Planned]) -> None:
        for place, row in self._rows(before, applied):
            if row["status"] != planned[place].status or row["in_sync"] != planned[place].in_sync:
                self.history.broken(f"max_changes: a row is {row['status']}, not {planned[place].status}")
            elif row["status"] == "D360_OK" and names(row) != planned[place].actions:
                self.history.broken(f"max_changes: has {names(row)}, not {planned[place].actions}")

    def _row(self, row: Row, wanted: Planned) -> None:
        if row["status"] != wanted.ends or row["in_sync"] != wanted.in_sync:
            self.history.broken(
                f"apply with options: {row['status']}, in_sync {row['in_sync']}, not {wanted.ends}, {wanted.in_sync}"
            )
        elif wanted.status == "D360_OK":
            statuses = [action["status"] for action in row["actions"] if action["status"] != "planned"]
            failed = [wanted.ends] if wanted.fails_at_last else []
            if names(row) != wanted.actions or statuses != ["D360_OK"] * (wanted.begun - len(failed)) + failed:
                self.history.broken(f"apply with options: has {names(row)} {statuses}, not {wanted.actions} {wanted.begun}")

    def _after(self, applied: FleetCall, chosen: dict[str, Any]) -> None:
        after = self.history.fleet(**chosen)
        expected = findings.expected(after)
        for place, row in self._rows(after, applied):
            state = after.states[place]
            if row["status"] == "D360_OK" and not (state and is_as_wanted(self.accounts[place], state, after.shows_headers)):
                self.history.broken("apply with options: a row is D360_OK though the service does not hold what it asks for")
            found, wanted = rows.codes(row), expected[place]
            if self.here.late:
                # Headers that show late look like headers that are never shown.
                found, wanted = ([one for one in some if one[0] != "headers_unverifiable"] for some in (found, wanted))
            if row["losing_events"] is not None and found != wanted:
                self.history.broken(f"apply with options: {rows.difference(found, wanted)}")

    def _disturbed(self, before: Fleet, applied: FleetCall, chosen: dict[str, Any]) -> None:
        if applied.status == "D360_CONFLICT":
            if any(not one.received.is_reading for one in applied.sendings):
                self.history.broken("max_changes was reached, and something was written")
            return
        for rule in rows.disturbed(
            before, self.history.fleet(**chosen), applied.rows, applied.sendings, set(), is_shared=False, is_cut=False,
            is_judged=applied.is_judged, max_failures=chosen.get("max_failures"),
        ):  # fmt: skip
            self.history.broken(f"disturbed apply with options: {rule}")


def names(row: Row) -> list[tuple[str, list[str]]]:
    return [(action["operation"], action.get("destinations", [])) for action in row["actions"]]


def is_stale(row: Row) -> bool:
    return any(one["code"] == "stale_plan" for one in row["findings"])


def webhooks(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths of their URLs, and the webhooks that an account asks for."""
    for section in ("customer_webhook", "waba_webhook"):
        if account.get(section):
            yield f"/{section}/url", account[section]
    for one in account.get("multi_webhook", {}).get("destinations", []):
        yield f"/multi_webhook/destinations/{findings.segment(one['name'])}/url", one


def view(fleet: Fleet, place: int) -> Any:
    """What a call reads of an account."""
    state: State | None = fleet.states[place]
    if state is None:
        return None
    own = state["customer"]
    shown = own and (own["url"], folded(own["headers"] or {}) if fleet.shows_headers else None)
    waba = state["waba"] and (state["waba"]["url"], folded(state["waba"]["headers"]))
    multi = state["multi"] if "multi_webhook" in fleet.document["accounts"][place] else None
    many = multi and (multi["enabled"], [(one["name"], one["url"], folded(one["headers"])) for one in multi["destinations"]])
    return fleet.waba(place), shown, waba, many
