# SPDX-License-Identifier: Apache-2.0
"""fleet: many numbers with one document."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import cast

import click

from d360webhook import Client, Conflict, FleetDocument, InvalidRequest
from d360webhook.cli import files, fleet_exit, fleet_output, messages, output
from d360webhook.cli.asking import may_go_on
from d360webhook.cli.commands import FILE, Group, OptionalSeconds, file_option, option, wait_option, yes_option
from d360webhook.cli.exit import DONE, FAILED, usage
from d360webhook.cli.fleet_documents import fleet_document, plan_of, split, unfilled_document
from d360webhook.cli.fleet_options import (
    FleetCall,
    changed_options,
    document_options,
    limit_options,
    only_option,
    plan_starts,
    probe_options,
    rate_options,
    secrets_option,
)  # fmt: skip
from d360webhook.cli.help import about
from d360webhook.cli.session import current
from d360webhook.cli.text import shown_url

SEVERITIES = ["error", "warning"]
_file = click.argument("file", type=FILE)


@click.group(cls=Group, **about("fleet"))
def command() -> None:
    """The family."""


@command.command(**about("fleet plan"))
@_file
@file_option("--out", of="fleet plan", metavar="PLAN")
@document_options
@changed_options
def plan(file: str, out: str | None, **options: object) -> int:
    """d360_fleet_plan."""
    session = current()
    call = FleetCall(session, "plan", file, options)
    if out is not None:
        files.check_output("--out", out, call.used_files(), plan_starts(), messages.NOT_A_PLAN)
    source, document = fleet_document(file, session.secrets)
    report = call.run("fleet_plan", "Planning", document, source)
    if out is not None:
        files.write(out, json.dumps(report, ensure_ascii=False) + "\n")
    session.answered(report, lambda answer: fleet_output.show(answer, call.paste(document, out), is_all=call.is_all))
    return fleet_exit.of_plan(report)


@command.command(cls=OptionalSeconds, **about("fleet apply"))
@_file
@file_option("--plan", of="fleet apply", metavar="PLAN")
@yes_option()
@document_options
@changed_options
@wait_option("fleet apply")
@limit_options
@probe_options
def apply(file: str, plan: str | None, yes: bool, **options: object) -> int:
    """d360_fleet_apply."""
    session = current()
    call = FleetCall(session, "apply", file, options)
    source, document = fleet_document(file, session.secrets)
    shown = None if plan is None else plan_of(plan)
    paste = call.paste(document, plan)

    if not yes and output.can_ask():
        asked = shown if shown is not None else call.run("fleet_plan", "Planning", document, source)
        shown, yes = asked, not any(row["actions"] for row in asked["accounts"])

    def announce() -> None:
        fleet_output.show(shown or {}, paste, is_all=call.is_all, to_errors=True)

    if not may_go_on(yes, "fleet apply", announce):
        return FAILED
    try:
        report = call.run("fleet_apply", "Applying", document, source, plan=shown)
    except Conflict as rejected:  # by --max-changes
        if rejected.report is not None and not session.json:
            fleet_output.show(rejected.report, paste, is_all=call.is_all)
        raise
    except KeyboardInterrupt as interrupt:
        done = getattr(interrupt.__cause__, "document", {}).get("report")
        if done is not None and not session.json:
            fleet_output.show(done, paste, is_all=call.is_all)
        raise
    session.answered(report, lambda answer: fleet_output.show(answer, paste, is_all=call.is_all))
    return fleet_exit.of_apply(report)


@command.command(**about("fleet audit"))
@_file
@file_option("--html")
@option("--fail-on", type=click.Choice(SEVERITIES), default="error", show_default=True)
@document_options
@probe_options
def audit(file: str, html: str | None, fail_on: str, **options: object) -> int:
    """d360_fleet_audit."""
    session = current()
    call = FleetCall(session, "audit", file, options)
    if html is not None:
        is_page = files.begins_with("<!DOCTYPE html>")
        files.check_output("--html", html, call.used_files(), is_page, messages.NOT_A_PAGE)
    source, document = fleet_document(file, session.secrets)
    report = call.run("fleet_audit", "Auditing", document, source, routes=True if html else None)
    if html is not None:
        from d360webhook.cli.fleet_page import page

        title = f"{files.name_of(file)}, {shown_url(session.url)}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        files.write(html, page(report, call.paste(document), title))
    session.answered(report, lambda answer: fleet_output.show(answer, call.paste(document), is_all=call.is_all))
    return fleet_exit.of_audit(report, fail_on)


@command.command(**about("fleet export"))
@click.argument("keys", metavar="KEYS.csv", type=FILE)
@file_option("--out", of="fleet export")
@file_option("--secrets-out")
@option("--force", "is_forced", of="fleet export", is_flag=True)
@only_option
@rate_options
def export(keys: str, out: str | None, secrets_out: str | None, is_forced: bool, **options: object) -> int:
    """d360_fleet_export."""
    from d360webhook.cli import keys_csv

    session = current()
    call = FleetCall(session, "export", keys, options)
    if out is not None and secrets_out is not None:
        _check_outputs(call, out, secrets_out, is_forced)
    elif out is not None or secrets_out is not None:
        raise usage(messages.OUTPUTS_BELONG_TOGETHER)
    accounts = keys_csv.accounts(keys)
    exported = call.run("fleet_export", "Exporting", accounts)
    document, found = split(exported["document"])
    if out is not None and secrets_out is not None:
        files.write(secrets_out, fleet_output.dumped(found, secrets_out), is_secret=True)
        files.write(out, fleet_output.dumped(document, out))
        exported["document"] = document
    if session.json:
        output.document(exported)
    else:
        if out is None:
            output.write(fleet_output.dumped(document, ""))
        fleet_output.show(exported["report"], call.paste(accounts), is_all=call.is_all, to_errors=out is None)
    return fleet_exit.of_rows(exported["report"])


def _check_outputs(call: FleetCall, out: str, secrets_out: str, is_forced: bool) -> None:
    files.check_output("--secrets-out", secrets_out, [*call.used_files(), out], lambda _: is_forced, messages.ADD_FORCE)
    files.check_output("--out", out, call.used_files(), lambda _: is_forced, messages.ADD_FORCE)


@command.command(**about("fleet check"))
@_file
@secrets_option
def check(file: str) -> int:
    """Checks a document: the library reads it for an embedded service without numbers."""
    session = current()
    missing: list[str] = []
    if session.secrets is None:
        source, document, missing = unfilled_document(file)
    else:
        source, document = fleet_document(file, session.secrets)
    accounts = document.get("accounts")
    names = [one.get("name") for one in accounts if isinstance(one, dict)] if isinstance(accounts, list) else []
    policy = "local" if session.url_policy == "none" else session.url_policy  # an embedded service has no "none"
    with Client("sqlite::memory:", url_policy=policy) as client:
        try:
            # The whole document is checked before the first account is read.
            client.fleet_plan(cast(FleetDocument, document), only=[name for name in names[:1] if isinstance(name, str)] or None)
        except InvalidRequest as rejected:
            raise source.wrong(rejected.message, rejected.path or "") from None
    session.answered({"valid": True, "accounts": len(names), "not_set": missing}, lambda _: _checked(source.name, names, missing))
    return DONE


def _checked(name: str, names: Sequence[object], missing: list[str]) -> None:
    output.line(messages.document_is_valid(name, len(names)))
    if missing:
        output.line(messages.not_checked(missing))


@command.command(**about("fleet schema"))
@option("--report", "is_report", is_flag=True)
def schema(is_report: bool) -> None:
    """Prints a schema."""
    name = "report.schema.json" if is_report else "fleet.schema.json"
    output.paged(resources.files("d360webhook.cli").joinpath(name).read_text(encoding="utf-8"))
