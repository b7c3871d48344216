# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C at any moment of a call."""

import os
import signal
import threading
import time
from collections.abc import Callable

from support.chance import chance


def interrupt_at_random(call: Callable[[], object], spread: float) -> tuple[int, int]:
    """Makes calls for two seconds, in the main thread, with a Ctrl-C up to `spread` seconds after each that was caught; how
    many were sent, and how many were caught.
    """
    sent, caught, pause = 0, 0, chance()
    armed = threading.Event()  # one signal for each arming, so that none arrives where it is not expected
    deadline = time.monotonic() + 2

    def send() -> None:
        nonlocal sent
        while time.monotonic() < deadline:
            if armed.wait(0.05):
                armed.clear()
                time.sleep(pause.random() * spread)
                sent += 1
                os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    while sender.is_alive():
        try:
            armed.set()
            while time.monotonic() < deadline:
                call()
            sender.join()
        except KeyboardInterrupt:
            caught += 1
    return sent, caught
