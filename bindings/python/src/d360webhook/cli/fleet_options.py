# SPDX-License-Identifier: Apache-2.0
"""The options of fleet commands, and the call that they make."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from d360webhook import InvalidRequest
from d360webhook.cli import files, output
from d360webhook.cli.commands import account_names, common_option, file_option, option, together
from d360webhook.cli.documents import Source
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.session import Session

SECTIONS = ("customer_webhook", "waba_webhook", "multi_webhook")


def secrets_option(function: Any) -> Any:
    """--secrets, a common option, on the page of this command, too."""
    function.__dict__.setdefault("__click_params__", []).append(common_option("--secrets", is_listed=True))
    return function


only_option = option("--only", metavar="NAME", multiple=True, shell_complete=account_names)
rate_options = together(
    option("--concurrency", metavar="N", type=click.IntRange(1, 256)),
    option("--rate", metavar="N", type=click.IntRange(1, 1_000_000)),
    option("--all", "is_all", is_flag=True),
)
document_options = together(only_option, rate_options, secrets_option)
changed_options = together(
    option("--allow-unlisted", is_flag=True),
    option("--force", metavar="SECTION", type=click.Choice(SECTIONS), multiple=True),
)
limit_options = together(
    option("--max-failures", metavar="N", type=click.IntRange(1, 2**31 - 1)),
    option("--max-changes", metavar="N", type=click.IntRange(0, 2**31 - 1)),
)
probe_options = together(option("--probe", is_flag=True), file_option("--probe-secret-file"))

# By the member of the library's options; those that are 0, false or empty are left out.
_MEMBERS = {
    "only": "only", "concurrency": "concurrency", "requests_per_second": "rate", "allow_unlisted": "allow_unlisted",
    "force": "force", "max_failures": "max_failures", "probe": "probe",
}  # fmt: skip


class FleetCall:
    """One of the four calls, as a command line gives it."""

    def __init__(self, session: Session, command: str, file: str, options: Mapping[str, Any]) -> None:
        self._session, self._command, self._file, self._given = session, command, file, options
        self.is_all = bool(options["is_all"])

    def _options(self) -> dict[str, Any]:
        given = self._given
        options = {name: given.get(member) for name, member in _MEMBERS.items()}
        wait, secret, most = given.get("wait"), given.get("probe_secret_file"), given.get("max_changes")
        made = {name: list(one) if isinstance(one, tuple) else one for name, one in options.items() if one}
        if most is not None:
            made["max_changes"] = most
        if wait is not None:
            made["wait_ms"] = round(wait * 1000)
        if secret is not None:
            made["probe_secret"] = files.read_secret(secret)
        return made

    def used_files(self) -> list[str]:
        """The files that this call reads."""
        further = (self._session.secrets, self._session.api_key_file, self._session.ca_file, self._given.get("probe_secret_file"))
        return [self._file, *(path for path in further if path is not None)]

    def run(
        self, method: str, what: str, document: Mapping[str, Any], source: Source | None = None, **more: Any
    ) -> dict[str, Any]:
        """The report. A progress bar is shown meanwhile at a terminal. What is wrong in the document is said with its line."""
        further = {name: value for name, value in more.items() if value is not None}
        try:
            with self._session.client() as client, output.progress(what) as progress:
                report: dict[str, Any] = getattr(client, method)(document, progress=progress, **self._options(), **further)
        except InvalidRequest as rejected:
            if source is None:
                raise
            raise source.wrong(rejected.message, rejected.path or "") from None
        return report

    def paste(self, document: Mapping[str, Any], plan: str | None = None) -> Paste:
        """The writer of the command below a finding of this call."""
        return Paste(self._session, self._command, self._file, self._given, document, plan)


def plan_starts() -> Callable[[str], bool]:
    """True if a file is an earlier plan."""
    return files.begins_with('{"summary"')
