"""How long this machine left the tests waiting: a time limit is the library's, a stall of the machine is not."""

import threading
import time

_PERIOD = 0.005


class Lag:
    """Counts the seconds by which short sleeps ended too late; next to nothing on a machine that is not overloaded.

    A millisecond each is what timers and the interpreter's lock take at any time.
    """

    def __init__(self, tolerated: float = 0.001) -> None:
        self._total, self._tolerated = 0.0, tolerated
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            begun = time.monotonic()
            time.sleep(_PERIOD)
            self._total += max(0.0, time.monotonic() - begun - _PERIOD - self._tolerated)

    @property
    def total(self) -> float:
        return self._total


lag = Lag()
