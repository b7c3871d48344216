"""Cancels a call at a chosen moment."""

import threading
import time
from collections.abc import Callable

from Remote.calling import Client, Operation, Result, Stopwatch, failed


def cancelled(client: Client, operation: Operation, is_there: Callable[[], bool], outcome: str) -> dict[str, object]:
    """Runs the operation in another thread, cancels it once it is where it should be, and measures from the cancel."""
    ended: list[Result] = []

    def work() -> None:
        ended.append(client.run(operation))

    thread = threading.Thread(target=work)
    thread.start()
    limit = time.monotonic() + 10
    while not is_there():
        assert time.monotonic() < limit, "the call never got there"
        time.sleep(0.005)
    time.sleep(0.1)
    assert not ended, ended
    stopwatch = Stopwatch()
    client.cancel()
    thread.join()
    seconds = stopwatch.seconds
    assert seconds < 0.1, f"it went on for {seconds * 1_000:.0f} ms"
    return failed(ended[0], "D360_CANCELLED", outcome, retryable=False)
