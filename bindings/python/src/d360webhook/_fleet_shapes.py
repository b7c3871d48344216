# SPDX-License-Identifier: Apache-2.0
"""The shapes of fleet documents, options, reports and findings."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from d360webhook._shapes import ErrorDocument, Outcome

FleetSection = Literal["customer_webhook", "waba_webhook", "multi_webhook"]
Severity = Literal["error", "warning", "info"]
Remedy = Literal["apply", "plan", "probe", "edit"]
FindingCode = Literal[
    "no_route",
    "customer_webhook_missing",
    "customer_webhook_mismatch",
    "waba_webhook_missing",
    "waba_webhook_mismatch",
    "waba_webhook_shadowed",
    "multi_webhook_disabled",
    "multi_webhook_enabled",
    "destination_missing",
    "destination_mismatch",
    "destination_unexpected",
    "wrong_waba",
    "number_not_on_waba",
    "number_unmanaged",
    "headers_unverifiable",
    "headers_cleared",
    "header_name",
    "url_policy",
    "probe_failed",
    "unauthorized",
    "stale_plan",
]


class FleetWebhook(TypedDict):
    """A webhook of the document's list."""

    url: str
    headers: NotRequired[Mapping[str, str]]


class UsedWebhook(TypedDict, total=False):
    """A URL and its headers, or the name of a webhook of the document's list."""

    url: str
    headers: Mapping[str, str]
    use: str


class FleetWABAWebhook(UsedWebhook, total=False):
    """A WABA webhook; override_all takes their own webhooks from the WABA's numbers."""

    override_all: bool


class FleetDestination(UsedWebhook):
    """A destination."""

    name: str


class FleetMultiWebhook(TypedDict, total=False):
    """enabled is True where it is left out; prune deletes destinations that are not given."""

    enabled: bool
    prune: bool
    destinations: Sequence[FleetDestination]


class FleetSections(TypedDict, total=False):
    """The settings of a number; a section that is absent is left alone. customer_webhook None: it has none of its own."""

    customer_webhook: UsedWebhook | None
    waba_webhook: FleetWABAWebhook
    multi_webhook: FleetMultiWebhook


class FleetExpectation(TypedDict, total=False):
    """Conditions of every write; numbers are compared by their digits."""

    waba_id: int
    number: str


class FleetKey(TypedDict):
    """The name and key of one number."""

    name: str
    api_key: str


class FleetAccount(FleetKey, FleetSections):
    """One number; a section of its own takes the place of its profile's."""

    profile: NotRequired[str]
    expect: NotRequired[FleetExpectation]


class FleetDocument(TypedDict):
    """The wanted configuration of many numbers."""

    webhooks: NotRequired[Mapping[str, FleetWebhook]]
    profiles: NotRequired[Mapping[str, FleetSections]]
    accounts: Sequence[FleetAccount]


class FleetKeys(TypedDict):
    """The argument of an export."""

    accounts: Sequence[FleetKey]


class FleetOptions(TypedDict, total=False):
    """Options of the four fleet calls; None is left out. Options of the other three are validated and then ignored."""

    concurrency: int | None
    requests_per_second: int | None
    only: Sequence[str] | None
    wait_ms: int | None
    allow_unlisted: bool | None
    force: Sequence[FleetSection] | None
    plan: "FleetReport | None"
    max_changes: int | None
    max_failures: int | None
    routes: bool | None
    probe: bool | None
    probe_secret: str | None


class FleetChange(TypedDict, total=False):
    """before and after: URLs without userinfo, query and fragment, or booleans; of headers, names."""

    path: str
    before: str | bool | None
    after: str | bool | None
    query_changed: bool
    added: list[str]
    removed: list[str]
    changed: list[str]


class FleetAction(TypedDict):
    """One write; status is "planned" until it was begun."""

    operation: str
    destinations: NotRequired[list[str]]
    overrides: NotRequired[list[str]]
    status: str
    outcome: NotRequired[Outcome]
    changes: list[FleetChange]


class Finding(TypedDict):
    """One fault of a number: what it means for its events, and what to do."""

    code: FindingCode
    severity: Severity
    message: str
    path: str
    expected: Any
    actual: Any
    remedy: NotRequired[Remedy | None]


class RouteDestination(TypedDict):
    """A destination that gets a copy."""

    name: str
    url: str


class Route(TypedDict):
    """The way of a number's events; main is None if they are lost. URLs lose userinfo, query and fragment."""

    main: Literal["customer_webhook", "waba_webhook"] | None
    url: str | None
    destinations: list[RouteDestination]


class Routes(TypedDict):
    """The route as read, and as the document wants it."""

    now: Route
    wanted: Route


class FleetRow(TypedDict):
    """One account; losing_events and digest are None where it could not be read."""

    name: str
    number: str | None
    waba_id: int | None
    status: str
    in_sync: bool
    losing_events: bool | None
    digest: str | None
    actions: list[FleetAction]
    findings: list[Finding]
    error: ErrorDocument | None
    routes: NotRequired[Routes]


class FindingCounts(TypedDict):
    """Findings by severity."""

    error: int
    warning: int
    info: int


class FleetSummary(TypedDict):
    """Totals of a report."""

    accounts: int
    in_sync: int
    changed: int
    failed: int
    unknown: int
    skipped: int
    losing_events: int
    operations: int
    findings: FindingCounts


class FleetReport(TypedDict):
    """The report of a fleet call; rows are in the document's order."""

    summary: FleetSummary
    accounts: list[FleetRow]


class FleetExport(TypedDict):
    """The document holds keys and header values, the report none."""

    document: FleetDocument
    report: FleetReport


class FleetEvent(TypedDict):
    """One account has its result; done rises by one each time."""

    done: int
    total: int
    name: str
    status: str
    actions: int
