"""How long this machine left the tests waiting: a time limit is the library's, a stall of the machine is not."""

import threading
import time

_PERIOD = 0.005


class Lag:
    """Counts the seconds by which short sleeps ended too late; next to nothing on a machine that is not overloaded."""

    def __init__(self) -> None:
        self._total = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            begun = time.monotonic()
            time.sleep(_PERIOD)
            # A millisecond is what timers and the interpreter's lock take at any time.
            self._total += max(0.0, time.monotonic() - begun - _PERIOD - 0.001)

    @property
    def total(self) -> float:
        return self._total


lag = Lag()
