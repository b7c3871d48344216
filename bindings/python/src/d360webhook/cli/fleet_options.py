# SPDX-License-Identifier: Apache-2.0
"""The options of fleet commands, and the call that they make."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from d360webhook.cli import files, output
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.session import Session

SECTIONS = ("customer_webhook", "waba_webhook", "multi_webhook")


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

    def __init__(self, session: Session, command: str, file: str, options: Mapping[str, Any]) -> None:
        self._session, self._command, self._file, self._given = session, command, file, options
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

    def paste(self, document: Mapping[str, Any], plan: str | None = None) -> Paste:
        """What writes the command that mends a finding of this call, or shows it."""
        return Paste(self._session, self._command, self._file, self._given, document, plan)
