"""Histories of single operations: one writer after another, or two at once."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from Peers import styles
from Peers.service import Peer

from .calls import Call, Writer
from .checking import Problem, Terms, check
from .disturbances import Disturbances
from .operations import MULTI, any_operation
from .secrets import Secrets, Vocabulary

STEPS = 12


@dataclass
class World:
    """A seed makes this: a service, how it answers, and what is asked of it."""

    seed: str
    chance: random.Random
    style: str
    peer: Peer
    disturbances: Disturbances
    secrets: Secrets
    words: Vocabulary
    keys: list[str]
    channels: list[dict[str, Any]]
    options: dict[str, Any]
    late: float
    """Seconds until a change shows, at most."""
    told: list[str] = field(default_factory=list)

    @property
    def shows_headers(self) -> bool:
        return self.style == "observed"

    @property
    def terms(self) -> Terms:
        return Terms(self.options["timeout_ms"] / 1_000, self.options["max_attempts"], self.shows_headers, self.secrets)

    def settle(self) -> None:
        """Returns when nothing is on its way, and all that was done shows."""
        self.disturbances.drain()
        time.sleep(self.late + 0.005 if self.late else 0)
        # A WABA webhook and its override_all take effect with the first request after they are due.
        self.peer.service.perform("GET", MULTI, {"d360-api-key": self.keys[0]}, b"")


@contextmanager
def world(
    kind: str, seed: int, style: str | None = None, numbers: tuple[int, int] = (1, 3), receiver: str | None = None, **fixed: Any
) -> Iterator[World]:
    """`receiver` is the start of all webhooks' URLs, one of this machine."""
    chance = random.Random(f"{kind} {seed}")
    secrets = Secrets(chance)
    words = Vocabulary(chance, secrets, receiver or "https://hooks.example.com")
    drawn = chance.choice(styles.STYLES)
    style = style or drawn
    late = {name: chance.choice([0, 0, 0, 60, 200]) for name in ("show_after_ms", "apply_delay_ms")} | fixed
    # The daemon says more than the vendor, and has no 404 for a webhook that is not set when it is asked by a library.
    voice = "vendor" if style == "not_found" else chance.choice(["vendor", "ours"])
    channels = []
    for index in range(chance.randint(*numbers)):
        channel = {"phone_number_id": f"{100 + index}", "waba_id": 10**15 + chance.randrange(2), "api_key": secrets.make("key")}
        channels.append(channel | ({"phone_number": f"+49{index:06}"} if chance.random() < 0.8 else {}))
    options: dict[str, Any] = {"timeout_ms": chance.choice([1_200, 1_600]), "max_attempts": chance.choice([1, 2, 3, 4])}
    rate = chance.choice([0, 0.15, 0.3, 0.6])
    policy = {"url_policy": "local"} if receiver else {}
    options |= policy
    more = {"max_destinations": chance.choice([3, 3, 5]), **policy, **late}
    with Peer(channels=channels, voice=voice, answers=style, **more) as peer:
        shows_at_once = not any(late.values()) and kind != "writers"
        disturbances = Disturbances(
            peer, f"{kind} {seed}", rate, shows_at_once=shows_at_once, may_say_unset=kind not in ("fleets", "options")
        )
        keys = [str(channel["api_key"]) for channel in channels]
        yield World(
            f"{kind} {seed}", chance, style, peer, disturbances, secrets, words, keys, channels, options,
            max(late.values()) / 1_000,
        )  # fmt: skip


Lie = Callable[[Call], Call]


def operations(seed: int, style: str | None = None, lie: Lie = lambda call: call) -> list[Problem]:
    """One writer; each call is held to the truth once nothing of it is on its way any more. Before that, `lie` changes it: a test
    of the checker.
    """
    with world("operations", seed, style) as here, Writer("one", here.peer.url, **here.options) as writer:
        problems: list[Problem] = []
        for _ in range(STEPS):
            call = _one(here, writer, here.chance)
            here.disturbances.drain()
            call.sendings = here.disturbances.journal.of_call(call.mark)
            problems += _checked(here, lie(call))
            here.disturbances.send_unasked()
            if problems:
                break
        return problems + logged(here, writer)


def writers(seed: int, style: str | None = None) -> list[Problem]:
    """Two at once, on the same numbers."""
    with world("writers", seed, style) as here:
        calls: list[Call] = []
        with Writer("one", here.peer.url, **here.options) as one, Writer("two", here.peer.url, **here.options) as two:
            threads = [
                threading.Thread(target=_some, args=(here, writer, random.Random(f"{seed} {writer.name}"), calls))
                for writer in (one, two)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            here.disturbances.drain()
            problems: list[Problem] = []
            for writer in (one, two):
                for call in calls:
                    if call.writer == writer.name:
                        call.sendings = here.disturbances.journal.of_call(call.mark)
                        problems += _checked(here, call)
                problems += logged(here, writer)
            return problems


def _some(here: World, writer: Writer, chance: random.Random, calls: list[Call]) -> None:
    for _ in range(STEPS // 2):
        calls.append(_one(here, writer, chance))


def _one(here: World, writer: Writer, chance: random.Random) -> Call:
    operation = any_operation(chance, here.words)
    key = chance.choice([*here.keys, *here.keys, *here.keys, "nobody"])
    call = writer.call(operation, key, chance.uniform(0, 0.05) if chance.random() < 0.06 else None)
    if key in here.keys:
        call.state = here.peer.service.state(key)
    else:
        call.state = {"multi": {"destinations": []}, "customer": None, "waba": None}
    return call


def _checked(here: World, call: Call) -> list[Problem]:
    here.told.append(str(call))
    story = "\n".join([f"  {described(here)}", *here.told[-4:]])
    return [Problem(one.rule, story) for one in check(call, here.terms)]


def logged(here: World, writer: Writer) -> list[Problem]:
    found = here.secrets.within(writer.lines)
    lines = [line for line in writer.lines if any(secret in line for secret in found)]
    return [Problem(f"{found[0].partition('-')[0]}: a secret in the log", "\n".join(lines[:3]))] if found else []


def described(here: World) -> str:
    service = here.peer.service
    late = f"shows after {service.show_after} s, applies WABA webhooks after {service.apply_delay} s"
    return f"{here.seed}: answers {here.style}, voice {service.voice}, {late}, {here.options}, disturbed {here.disturbances.rate}"
