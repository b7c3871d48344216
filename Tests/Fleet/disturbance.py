"""A service on a bad day: by a seed, some answers are cut and some are slow."""

import random
from collections import Counter

from Peers import disturbance, faults
from Peers.exchange import Exchange
from Peers.server import Fault

CUTS: list[Fault] = [
    cut(taken, reset)
    for cut in (faults.cut_before_status, faults.cut_in_status, faults.cut_in_headers, faults.cut_in_body)
    for taken in (False, True)
    for reset in (False, True)
]
#: As a proxy in front of the service words a cut of its own.
CUTS += [faults.error(code, taken=taken) for code in (502, 504) for taken in (False, True)]


class Disturbance(disturbance.Disturbance):
    """2% of all answers are cut, before or after the service took the request; 5% are slow, a twentieth of them by `beyond`
    seconds: more than the client waits.
    """

    def __init__(self, seed: int, beyond: float) -> None:
        super().__init__(str(seed))
        self._beyond = beyond
        self.is_on = True
        #: How often it did what.
        self.done: Counter[str] = Counter()

    def end(self) -> None:
        """Returns when it is over, and nothing that was delayed is still on its way."""
        self.is_on = False
        self.drain()

    def meet(self, exchange: Exchange) -> None:
        request = exchange.request
        chance = self.chance(f"{request.fields.get('d360-api-key')} {request.line}") if self.is_on else None
        what = chance.choices(["cut", "slow", "fine"], [2, 5, 93])[0] if chance else "fine"
        self._count(what)
        if chance is None or what == "fine":
            exchange.answer(exchange.take())
        elif what == "cut":
            chance.choice(CUTS)(exchange)
        elif chance.random() < 0.05:
            self._beyond_the_limit(exchange, chance)
        else:
            _slow(exchange, chance.uniform(0.05, 0.2), chance.random() < 0.5)

    def _count(self, what: str) -> None:
        with self._lock:
            self.done[what] += 1

    def _beyond_the_limit(self, exchange: Exchange, chance: random.Random) -> None:
        # override_all on its way for so long would take webhooks that were set after it: no client can help that.
        is_taken = chance.random() < 0.5 or b'"override_all":true' in exchange.request.body
        self._count("beyond")
        _slow(exchange, self._beyond, is_taken)


def _slow(exchange: Exchange, seconds: float, is_taken: bool) -> None:
    """The answer is slow, or the request on its way to the service."""
    answer = exchange.take() if is_taken else None
    if exchange.sleep(seconds):
        exchange.answer(answer or exchange.take())
