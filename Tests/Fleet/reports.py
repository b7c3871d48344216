"""The expected reports of reports/, and all codes of findings."""

import json
from typing import Any

from .fleet import FOLDER

CASES = sorted(path.stem for path in (FOLDER / "reports").glob("*.json"))
CODES = {
    "no_route", "customer_webhook_missing", "customer_webhook_mismatch", "waba_webhook_missing", "waba_webhook_mismatch",
    "waba_webhook_shadowed", "multi_webhook_disabled", "multi_webhook_enabled", "destination_missing", "destination_mismatch",
    "destination_unexpected", "wrong_waba", "number_not_on_waba", "number_unmanaged", "headers_unverifiable", "url_policy",
    "unauthorized", "stale_plan", "headers_cleared", "header_name",
}  # fmt: skip


def load(case: str) -> Any:
    return json.loads((FOLDER / "reports" / f"{case}.json").read_text())
