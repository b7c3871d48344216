"""The common part of all services on a bad day: chance by a seed, and a count of what is being answered."""

import random
import threading
import time
from collections import Counter

from .exchange import Exchange


class Disturbance:
    """A fault for a script that meets every request: `meet` decides by chance what becomes of it.

    Its chance follows from the seed, from `what` and from how often that came, so one seed gives nearly the same day
    whichever thread is first.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._busy = 0

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            self._busy += 1
        try:
            self.meet(exchange)
        finally:
            with self._lock:
                self._busy -= 1

    def meet(self, exchange: Exchange) -> None:
        raise NotImplementedError

    def chance(self, what: str) -> random.Random:
        with self._lock:
            self._seen[what] += 1
            return random.Random(f"{self._seed} {what} {self._seen[what]}")

    def drain(self) -> None:
        """Returns when no request is being answered any more."""
        time.sleep(0.01)  # what a client sent last may not have been read yet
        while self._busy:
            time.sleep(0.002)
