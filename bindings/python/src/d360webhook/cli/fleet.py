# SPDX-License-Identifier: Apache-2.0
"""fleet: many numbers by one document."""

import json
from datetime import UTC, datetime

import click

from d360webhook.cli import files, fleet_exit, fleet_output, output
from d360webhook.cli.asking import may_go_on
from d360webhook.cli.commands import Group
from d360webhook.cli.documents import name_of
from d360webhook.cli.exit import FAILED, usage
from d360webhook.cli.fleet_documents import fleet_document, keys_of, plan_of, split
from d360webhook.cli.fleet_options import FleetCall, all_options, applied_options, changed_options, probe_options
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url

SEVERITIES = ["error", "warning"]


@click.group(cls=Group, examples=("d360-webhook fleet audit fleet.yaml", "d360-webhook fleet apply fleet.yaml"))
def command() -> None:
    """Many numbers by one document: plan, apply, audit, export.

    FILE is YAML or JSON and says how every number ought to be configured. ${NAME} in it is taken from the environment or
    from --secrets FILE. Numbers that lose events are shown first, and every finding with a command that mends or shows it.
    """


@command.command(examples=("d360-webhook fleet plan fleet.yaml --out fleet.plan",))
@click.argument("file")
@click.option("--out", metavar="PLAN", help="Write the plan to this file, for apply --plan.")
@all_options
@changed_options
def plan(file: str, out: str | None, **options: object) -> int:
    """Show what apply would do.

    Nothing is written to the service. The exit status is 2 where there is something to do.
    """
    session = current()
    call = FleetCall(session, "plan", file, options)
    document = fleet_document(file, call.secrets)
    report = call.run("fleet_plan", "Planning", document)
    if out is not None:
        files.write(out, json.dumps(report, ensure_ascii=False) + "\n")
    session.answered(report, lambda answer: fleet_output.show(answer, call.paste(document, out)))
    return fleet_exit.of_plan(report)


@command.command(
    examples=("d360-webhook fleet apply fleet.yaml", "d360-webhook fleet apply fleet.yaml --plan fleet.plan --yes")
)
@click.argument("file")
@click.option("--plan", metavar="PLAN", help="What fleet plan --out wrote: numbers that changed since then are skipped.")
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@all_options
@changed_options
@applied_options
@probe_options
def apply(file: str, plan: str | None, yes: bool, **options: object) -> int:
    """Make every number as the document says.

    At a terminal it shows what will happen and asks; what changed between the question and the answer is skipped.
    """
    session = current()
    call = FleetCall(session, "apply", file, options)
    document = fleet_document(file, call.secrets)
    shown = None if plan is None else plan_of(plan)

    if not yes and output.can_ask():
        asked = shown if shown is not None else call.run("fleet_plan", "Planning", document)
        shown, yes = asked, not any(row["actions"] for row in asked["accounts"])
    if not may_go_on(yes, "fleet apply", lambda: fleet_output.show(shown or {}, call.paste(document), to_errors=True)):
        return FAILED
    try:
        report = call.run("fleet_apply", "Applying", document, plan=shown)
    except KeyboardInterrupt as interrupt:
        done = getattr(interrupt.__cause__, "document", {}).get("report")
        if done is not None and not session.json:
            fleet_output.show(done, call.paste(document, plan))
        raise
    session.answered(report, lambda answer: fleet_output.show(answer, call.paste(document, plan)))
    return fleet_exit.of_apply(report)


@command.command(
    examples=(
        "d360-webhook fleet audit fleet.yaml --html fleet.html",
        "d360-webhook --json fleet audit fleet.yaml --fail-on warning",
    )
)
@click.argument("file")
@click.option("--html", metavar="FILE", help="Write the report as a page for a browser, all of it in this file.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), default="error", show_default=True,
    help="From which findings on the exit status is 2.",
)  # fmt: skip
@all_options
@probe_options
def audit(file: str, html: str | None, fail_on: str, **options: object) -> int:
    """Name what loses events and what differs.

    Nothing is written to the service. The exit status is 2 where there are findings.
    """
    session = current()
    call = FleetCall(session, "audit", file, options)
    document = fleet_document(file, call.secrets)
    report = call.run("fleet_audit", "Auditing", document)
    if html is not None:
        from d360webhook.cli.fleet_page import page

        names = {row["name"] for row in report["accounts"]}
        keys = [{"name": one["name"], "api_key": one["api_key"]} for one in document["accounts"] if one["name"] in names]
        there = call.run("fleet_export", "Reading routes", {"accounts": keys})["document"]
        about = f"{name_of(file)}, {shown_url(session.url)}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        files.write(html, page(report, document, there, call.paste(document), about))
    session.answered(report, lambda answer: fleet_output.show(answer, call.paste(document)))
    return fleet_exit.of_audit(report, fail_on)


@command.command(examples=("d360-webhook fleet export keys.csv --out fleet.yaml --secrets fleet.secrets",))
@click.argument("keys", metavar="KEYS.csv")
@click.option("--out", metavar="FILE", help="Write the document here: JSON where the name ends in .json, else YAML.")
@all_options
def export(keys: str, out: str | None, **options: object) -> int:
    """Write the document of what is there.

    KEYS.csv has the columns name and api_key. API keys and header values go to the file that --secrets names, with mode
    0600; the document says ${NAME} instead. Without --out the document alone is printed.
    """
    session = current()
    call = FleetCall(session, "export", keys, {**options, "secrets": None})
    place = options["secrets"]
    if (out is None) is not (place is None):
        raise usage("--out and --secrets belong together: one is the document, the other what it leaves out")
    accounts = keys_of(keys)
    exported = call.run("fleet_export", "Exporting", accounts)
    document, found = split(exported["document"])
    if out is not None:
        files.write(str(place), fleet_output.dumped(found, str(place)), is_secret=True)
        files.write(out, fleet_output.dumped(document, out))
    if session.json:
        output.document(exported)
    else:
        if out is None:
            output.write(fleet_output.dumped(document, ""))
        fleet_output.show(exported["report"], call.paste(accounts), to_errors=out is None)
    return fleet_exit.of_rows(exported["report"])
