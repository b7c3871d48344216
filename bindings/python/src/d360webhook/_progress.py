# SPDX-License-Identifier: Apache-2.0
"""The progress callback of a fleet call."""

import json
from collections.abc import Callable
from typing import Any

from d360webhook._fleet_types import FleetEvent
from d360webhook._interrupts import interrupts
from d360webhook._library import ProgressFunction
from d360webhook._log import inside

ProgressCallback = Callable[[FleetEvent], object]


class Progress:
    """Calls one Python callable for each event of one call, on the thread that made it."""

    def __init__(self, target: ProgressCallback | None) -> None:
        if target is not None and not callable(target):
            raise TypeError(f"progress must be callable, not {type(target).__name__}")
        self._target = target
        self.raised: BaseException | None = None
        self.function: Any = ProgressFunction() if target is None else ProgressFunction(self._run)

    def _run(self, event: bytes, context: object) -> int:
        """1 cancels the call: where the callable says so, or raises."""
        try:
            inside.progress = True
            return int(bool(self._target and self._target(json.loads(event))))
        except Exception as failure:
            self.raised = failure
        except BaseException as stop:  # Ctrl-C: its handler runs in whatever Python code the main thread is in
            if not interrupts.raised_in_callback(stop):
                self.raised = stop
        finally:
            inside.progress = False
        return 1
