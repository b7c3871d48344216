"""Cut and slow answers, and changes that show late: what a report says is what the service holds."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.chance import seeds

from .disturbance import Disturbance
from .fleet import Fleet, counts, lines
from .mixed import mixed
from .truth import category, check_row

SOAK = bool(os.environ.get("D360_SOAK"))
COUNT = 2_000 if SOAK else 200
VOICES = ["remote", "remote-vendor"]
CASES = [(voice, seed) for voice in VOICES for seed in seeds(*range(1, 6 if SOAK else 2))]


def check(fleet: Fleet, wanted: dict[str, Any], report: dict[str, Any]) -> None:
    """Row by row against what the service holds, and against an audit."""
    audit = fleet.audit(wanted)
    rows = report["accounts"]
    changed = {row["waba_id"] for row in rows if "waba_webhook_set D360_OK" in lines(row)}
    found = dict.fromkeys(["in_sync", "changed", "failed", "unknown", "skipped"], 0)
    for one, row, now in zip(wanted["accounts"], rows, audit["accounts"], strict=True):
        check_row(row, fleet.peer.service.state(one["api_key"]), one)
        ended = category(row, changed)
        found[ended] += 1
        # What was on its way when the account was read last may have come since.
        if row["losing_events"] is not None and ended != "unknown":
            findings = [one for one in row["findings"] if one["code"] != "headers_cleared"]
            assert (findings, row["losing_events"]) == (now["findings"], now["losing_events"]), row
    summary = report["summary"]
    assert {name: summary[name] for name in found} == found
    begun = [action for row in report["accounts"] for action in row["actions"] if action["status"] != "planned"]
    assert summary["operations"] == len(begun)


@pytest.mark.parametrize(("voice", "seed"), CASES)
def test_what_a_report_says_is_what_the_service_holds(opened: Callable[..., Fleet], voice: str, seed: int) -> None:
    fleet = opened(voice, multi_apply_delay_ms=300, timeout_ms=1_500)
    wanted = mixed(fleet, COUNT)
    time.sleep(0.35)
    disturbance = Disturbance(seed, beyond=2.2)
    fleet.peer.script.when(lambda _: True, disturbance)
    report = fleet.apply(wanted)
    disturbance.end()
    time.sleep(0.35)
    check(fleet, wanted, report)
    assert disturbance.done["cut"] > COUNT / 20 and disturbance.done["slow"] > COUNT / 8
    assert report["summary"]["in_sync"] + report["summary"]["changed"] > 0.8 * COUNT

    mended = fleet.apply(wanted)
    assert set(counts(mended)) <= {"in_sync", "changed", "operations"}, counts(mended)
    fleet.peer.record.clear()
    assert counts(fleet.apply(wanted)) == {"in_sync": COUNT}
    assert not fleet.peer.record.writes
