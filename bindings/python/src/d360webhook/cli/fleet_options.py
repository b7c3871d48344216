# SPDX-License-Identifier: Apache-2.0
"""The options of fleet commands, and the call that they make."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from d360webhook.cli import files, output
from d360webhook.cli.session import Session
from d360webhook.cli.text import shell

SECTIONS = ("customer_webhook", "waba_webhook", "multi_webhook")

# The command of a finding: its code and its account.
Paste = Callable[[Mapping[str, Any], Mapping[str, Any]], str]

_MENDED_BY_APPLY = {
    "customer_webhook_missing", "customer_webhook_mismatch", "waba_webhook_missing", "waba_webhook_mismatch",
    "multi_webhook_disabled", "multi_webhook_enabled", "destination_missing", "destination_mismatch",
}  # fmt: skip


def _several(*options: Any) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


all_options = _several(
    click.option("--only", metavar="NAME", multiple=True, help="Only this account; as often as there are."),
    click.option("--concurrency", metavar="N", type=click.IntRange(1, 256), help="How many accounts at once. 16 by default."),
    click.option("--rate", metavar="N", type=click.IntRange(1, 1_000_000), help="At most so many requests a second."),
    click.option(
        "--secrets", metavar="FILE",
        help="A YAML or JSON object of names and values for ${NAME}, before the environment; export writes it, mode 0600.",
    ),
)  # fmt: skip
changed_options = _several(
    click.option(
        "--allow-unlisted", is_flag=True,
        help="Let override_all take their own webhook from numbers that the document does not name.",
    ),
    click.option(
        "--force", metavar="SECTION", type=click.Choice(SECTIONS), multiple=True,
        help="Send this section (customer_webhook, waba_webhook, multi_webhook) though what can be read agrees.",
    ),
)  # fmt: skip
applied_options = _several(
    click.option(
        "--wait", metavar="SECONDS", type=click.FloatRange(0, 86_400),
        help="How long a change may take to show. 30 by default.",
    ),
    click.option(
        "--max-failures", metavar="N", type=click.IntRange(1, 2**31 - 1),
        help="Begin no further account after so many failed ones.",
    ),
)  # fmt: skip
probe_options = _several(
    click.option("--probe", is_flag=True, help="Send {} to each URL of the document once, and expect status 200."),
    click.option("--probe-secret-file", metavar="FILE", help="A file with the platform secret that signs the probe."),
)


class FleetCall:
    """One of the four calls, as a command line says it."""

    def __init__(self, session: Session, file: str, options: Mapping[str, Any]) -> None:
        self._session, self._file, self._given = session, file, options
        self.secrets: str | None = options["secrets"]

    def _options(self) -> dict[str, Any]:
        given = self._given
        wait, secret = given.get("wait"), given.get("probe_secret_file")
        options = {
            "only": list(given["only"]) or None,
            "concurrency": given["concurrency"],
            "requests_per_second": given["rate"],
            "allow_unlisted": given.get("allow_unlisted") or None,
            "force": list(given.get("force") or ()) or None,
            "wait_ms": None if wait is None else round(wait * 1000),
            "max_failures": given.get("max_failures"),
            "probe": given.get("probe") or None,
            "probe_secret": None if secret is None else files.read_secret(secret),
        }
        return {name: value for name, value in options.items() if value is not None}

    def run(self, method: str, what: str, document: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """The report, with a progress bar meanwhile where people look."""
        further = {name: value for name, value in more.items() if value is not None}
        with self._session.client() as client, output.progress(what) as progress:
            report: dict[str, Any] = getattr(client, method)(document, progress=progress, **self._options(), **further)
        return report

    def paste(self, plan: str | None = None) -> Paste:
        """What writes the command that mends a finding, or shows it."""

        def command(row: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
            code = finding["code"]
            codes = {one["code"] for one in row["findings"]}
            if code == "url_policy":
                return self._command("validate", "--", str(finding["actual"]))
            if self._file.endswith(".csv"):
                return self._fleet("export", row)
            if code == "stale_plan":
                return self._fleet("plan", row, *(("--out", plan) if plan else ()), is_whole=plan is not None)
            if code == "headers_unverifiable":
                return self._fleet("apply", row, "--force", "customer_webhook")
            if code == "probe_failed":
                return self._fleet("audit", row, "--probe")
            if code in _MENDED_BY_APPLY or (code == "no_route" and codes & _MENDED_BY_APPLY):
                blocked = {"wrong_waba", "number_not_on_waba"} & codes
                return self._fleet("audit" if blocked else "apply", row)
            return self._fleet("plan" if code in ("waba_webhook_shadowed", "destination_unexpected") else "audit", row)

        return command

    def _fleet(self, command: str, row: Mapping[str, Any], *further: str, is_whole: bool = False) -> str:
        only = () if is_whole else ("--only", str(row["name"]))
        secrets = () if self.secrets is None else ("--secrets", self.secrets)
        return self._command("fleet", command, self._file, *only, *secrets, *further)

    def _command(self, *words: str) -> str:
        return shell(["d360-webhook", *self._session.arguments(), *words])
