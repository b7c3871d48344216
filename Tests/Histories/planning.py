"""Models a plan, from the contract: the status of each account, and the fewest operations that reach the document."""

from dataclasses import dataclass, field
from typing import Any

from .fleets import has_destination, is_as_wanted, is_webhook, same_headers, shown_headers

Account = dict[str, Any]
State = dict[str, Any]


@dataclass
class Planned:
    """One account."""

    status: str = "D360_OK"
    """Of its row in a plan."""
    ends: str = "D360_OK"
    """Of its row after an apply that nothing disturbed."""
    begun: int = 0
    """How many of its actions such an apply begins."""
    fails_at_last: bool = False
    """The last of these fails."""
    in_sync: bool = False
    actions: list[tuple[str, list[str]]] = field(default_factory=list)
    """Operations and the names of their destinations, in order."""
    is_freed: bool = False
    """Its WABA's action takes its own webhook, which the document does not let it have."""
    asks: bool = False
    """It asks for its WABA's action."""

    @property
    def changes(self) -> bool:
        return self.status == "D360_OK" and (bool(self.actions) or self.asks or self.is_freed)


@dataclass(frozen=True)
class Fleet:
    document: dict[str, Any]
    channels: dict[str, dict[str, Any]]
    """By key."""
    states: list[State | None]
    """Of each account; None behind a wrong key."""
    shows_headers: bool
    voice: str
    max_destinations: int
    force: list[str] = field(default_factory=list)
    allow_unlisted: bool = False
    only: frozenset[str] | None = None
    """Names of the accounts that are read; of the others `states` has None."""
    rejected: frozenset[int] = frozenset()
    """Accounts that are stale, or that have a webhook which answers no probe."""

    @property
    def chosen(self) -> list[int]:
        accounts = self.document["accounts"]
        return [index for index in range(len(accounts)) if self.only is None or accounts[index]["name"] in self.only]

    def plan(self) -> list[Planned]:
        accounts = self.document["accounts"]
        found = [self._alone(account, state) for account, state in zip(accounts, self.states, strict=True)]
        rejected = [index for index in self.rejected if found[index].status == "D360_OK"]
        for index in rejected:
            found[index].status = "D360_CONFLICT"
        for waba in {channel["waba_id"] for channel in self.channels.values()}:
            own = [index for index in range(len(accounts)) if self.waba(index) == waba]
            self._share([index for index in own if found[index].status == "D360_OK"], own, rejected, waba, found)
        for account, state, planned in zip(accounts, self.states, found, strict=True):
            planned.ends = planned.status
            if planned.status == "D360_OK" and state is not None:
                self._end(account, state, planned)
        return found

    # One account

    def waba(self, index: int) -> int | None:
        """Of an account that can be read."""
        channel = self.channels.get(self.document["accounts"][index]["api_key"])
        return channel["waba_id"] if channel and self.states[index] is not None else None

    def keys(self, waba: int | None) -> list[str]:
        return [key for key, channel in self.channels.items() if channel["waba_id"] == waba]

    def numbers(self, waba: int) -> list[str]:
        """As a reading lists them."""
        on_it = [channel for channel in self.channels.values() if channel["waba_id"] == waba]
        return [channel.get("phone_number", channel["phone_number_id"]).removeprefix("+") for channel in on_it]

    def identity(self, index: int) -> tuple[str | None, int | None]:
        """The number and WABA of its row."""
        waba = self.waba(index)
        listed = [channel for channel in self.channels.values() if channel["waba_id"] == waba]
        alone = listed[0].get("phone_number", listed[0]["phone_number_id"]) if len(listed) == 1 else None
        return self.document["accounts"][index].get("expect", {}).get("number", alone), waba

    def _alone(self, account: Account, state: State | None) -> Planned:
        if state is None:
            return Planned("D360_UNAUTHORIZED")
        channel, expect = self.channels[account["api_key"]], account.get("expect", {})
        if expect.get("waba_id", channel["waba_id"]) != channel["waba_id"]:
            return Planned("D360_CONFLICT")
        if "number" in expect and expect["number"] not in self.numbers(channel["waba_id"]):
            return Planned("D360_CONFLICT")
        planned = Planned(in_sync=is_as_wanted(account, state, self.shows_headers))
        if wanted := account.get("customer_webhook"):
            if "customer_webhook" in self.force or not self._is_own(wanted, state["customer"]):
                planned.actions.append(("customer_webhook_set", []))
        if wanted := account.get("multi_webhook"):
            planned.actions += self._multi(wanted, state["multi"])
        return planned

    def _is_own(self, wanted: dict[str, Any], own: dict[str, Any] | None) -> bool:
        if own is None or own["url"] != wanted["url"]:
            return False
        shown = shown_headers(own, self.shows_headers)
        return "headers" not in wanted or shown is None or same_headers(wanted["headers"], shown)

    def _multi(self, wanted: dict[str, Any], multi: dict[str, Any]) -> list[tuple[str, list[str]]]:
        if not wanted.get("enabled", True):
            return [("multi_webhook_set", [])] if multi["enabled"] else []
        names = [one["name"] for one in wanted["destinations"]]
        there = [one["name"] for one in multi["destinations"]]
        missing = [name for name in names if name not in there]
        forced = "multi_webhook" in self.force
        other = [
            one["name"] for one in wanted["destinations"]
            if one["name"] in there and (forced or not has_destination(one, multi["destinations"]))
        ]  # fmt: skip
        extra = [name for name in there if name not in names] if wanted.get("prune") else []
        actions = []
        if not multi["enabled"]:
            actions.append(("multi_webhook_set", [] if extra else missing))
        actions += [("multi_webhook_delete", [name]) for name in extra] + [("multi_webhook_update", [name]) for name in other]
        if missing and (multi["enabled"] or extra):
            actions.append(("multi_webhook_append", missing))
        return actions

    # The accounts of a WABA together

    def _share(self, live: list[int], own: list[int], rejected: list[int], waba: int, found: list[Planned]) -> None:
        accounts = self.document["accounts"]
        asking = [index for index in live if "waba_webhook" in accounts[index]]
        if not asking:
            return None
        first = accounts[asking[0]]["waba_webhook"]
        saying = asking + [index for index in own if index in rejected and "waba_webhook" in accounts[index]]
        if not all(is_webhook(accounts[index]["waba_webhook"], {"headers": {}, **first}) for index in saying):
            return _reject(asking, found)
        overrides = any(accounts[index]["waba_webhook"].get("override_all") for index in asking)
        owners = [index for index in own if (self.states[index] or {}).get("customer")]
        must_free = overrides and any(index in live and follows(accounts[index]) for index in owners)
        differs = not is_webhook(first, (self.states[asking[0]] or {})["waba"])
        if not (differs or must_free or "waba_webhook" in self.force):
            return None
        if overrides and not self._may_override(own, live, waba):
            return _reject(asking, found)
        for index in owners if overrides else []:
            if accounts[index].get("customer_webhook") and ("customer_webhook_set", []) not in found[index].actions:
                found[index].actions.insert(0, ("customer_webhook_set", []))
        found[asking[0]].actions.insert(0, ("waba_webhook_set", []))
        for index in asking:
            found[index].asks = True
        for index in owners if overrides else []:
            found[index].is_freed = follows(accounts[index])
        return None

    def _may_override(self, own: list[int], live: list[int], waba: int) -> bool:
        """Every number that may lose a webhook is named, and given it back."""
        accounts = self.document["accounts"]
        expecting: dict[str, list[int]] = {}
        for index, account in enumerate(accounts):
            if "number" in account.get("expect", {}):
                expecting.setdefault(account["expect"]["number"], []).append(index)
        named = [index for number in self.numbers(waba) for index in expecting.get(number, [])]
        unlisted = [number for number in self.numbers(waba) if number not in expecting]
        unread = [
            index for index, account in enumerate(accounts)
            if self.states[index] is None and "number" not in account.get("expect", {})
            and account.get("expect", {}).get("waba_id") == waba
        ]  # fmt: skip
        if unlisted and not self.allow_unlisted:
            return False
        return all(self._gives_back(index, live) for index in {*named, *own, *unread})

    def _gives_back(self, index: int, live: list[int]) -> bool:
        state = self.states[index]
        if state is None:
            return False
        return not state["customer"] or (index in live and "customer_webhook" in self.document["accounts"][index])

    # How it ends

    def _end(self, account: Account, state: State, planned: Planned) -> None:
        """The service's maximum stops it, or an own webhook that nothing takes away."""
        destinations = {one["name"] for one in state["multi"]["destinations"]}
        for operation, names in planned.actions:
            planned.begun += 1
            if operation == "multi_webhook_delete":
                destinations -= set(names)
            elif operation in ("multi_webhook_set", "multi_webhook_append"):
                destinations |= set(names)
                if names and len(destinations) > self.max_destinations:
                    planned.fails_at_last = True
                    planned.ends = "D360_LIMIT_EXCEEDED" if self.voice == "ours" else "D360_INVALID_REQUEST"
                    return
        if follows(account) and state["customer"] and not planned.is_freed:
            planned.ends = "D360_CONFLICT"


def _reject(indexes: list[int], found: list[Planned]) -> None:
    for index in indexes:
        found[index].status = "D360_INVALID_REQUEST"


def follows(account: Account) -> bool:
    return "customer_webhook" in account and account["customer_webhook"] is None
