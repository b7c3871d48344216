# SPDX-License-Identifier: Apache-2.0
"""The command below a finding: it fixes what apply can fix, else it shows how things are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from d360webhook import webhook_validate
from d360webhook.cli.session import Session
from d360webhook.cli.text import shell

Account = Mapping[str, Any]

_WABA = {"waba_webhook_missing", "waba_webhook_mismatch"}

# Nothing is written to an account that is not what the document expects.
_REFUSED = {"wrong_waba", "number_not_on_waba"}


# A command for more accounts than this is for all accounts of the call.
_MOST_NAMED = 3


class _Verb(NamedTuple):
    """A fleet command with options of its own; `is_whole`: for all accounts, as those of one WABA have to be read together."""

    name: str
    further: tuple[str, ...] = ()
    is_whole: bool = False


class Paste:
    """Writes the command of a row and one of its findings, for reports of one call.

    `plan` is the file that a plan was kept in.
    """

    def __init__(
        self, session: Session, command: str, file: str, options: Mapping[str, Any], document: Account, plan: str | None = None
    ) -> None:
        self._session, self._call, self._given, self._plan = session, command, options, plan
        self._file = "FILE" if file == "-" else file  # standard input is gone when the command is pasted
        sections = list(_waba_sections(document))
        self._overrides = any(section.get("override_all") for section in sections)
        self._shares_wabas = len(sections) > 1

    def __call__(self, rows: Sequence[Account], finding: Mapping[str, Any]) -> str:
        """One line for a shell, for these accounts. It holds no secret."""
        verb = self.kind(rows[0], finding)
        if verb.name == "validate":
            return self._command("validate", "--", finding["actual"])
        return self._fleet(verb, [str(row["name"]) for row in rows])

    def kind(self, row: Account, finding: Mapping[str, Any]) -> _Verb:
        """The command without its accounts."""
        url = finding["actual"]
        is_applied = finding.get("remedy") == "apply" and self._call != "export"
        if finding["code"] == "url_policy" and not is_applied and isinstance(url, str):
            if not webhook_validate(url, None, self._session.url_policy)["valid"]:
                return _Verb("validate")
        return _Verb("export") if self._call == "export" else self._verb(row, finding)

    def is_planned(self, row: Account, finding: Mapping[str, Any]) -> bool:
        """True if this report is a plan with actions that fix the finding."""
        verb = self.kind(row, finding)
        return self._call == "plan" and row["error"] is None and verb.name == "apply" and not verb.further

    def _verb(self, row: Account, finding: Mapping[str, Any]) -> _Verb:
        """By the remedy that the library names, and by what would stop it."""
        code, remedy, found = finding["code"], finding.get("remedy"), row["findings"]
        if code == "stale_plan":
            return _Verb("plan", ("--out", self._plan) if self._plan else (), is_whole=self._plan is not None)
        if any(one["code"] in _REFUSED for one in found) and code not in _REFUSED:
            return _Verb("audit")
        if code == "headers_unverifiable":
            return _Verb("apply", ("--force", "customer_webhook"))
        if remedy == "probe" or (remedy == "apply" and any(one.get("remedy") == "probe" for one in found)):
            return _Verb("audit", tuple(self._probe()))
        if remedy == "apply":
            return self._applying(row, code)
        return _Verb("plan" if remedy == "plan" else "audit")

    def _applying(self, row: Account, code: str) -> _Verb:
        error = row["error"]
        is_stale = any(one["code"] == "stale_plan" for one in row["findings"])
        if error is not None and not error["retryable"] and error["status"] != "D360_CANCELLED" and not is_stale:
            # It would fail again: a plan says why.
            return _Verb("plan", is_whole=str(error.get("path")).startswith("/waba_webhook"))
        codes = {one["code"] for one in row["findings"]}
        if not (code.startswith("waba_webhook_") or (code == "no_route" and codes & _WABA)):
            return _Verb("apply")
        # The accounts of one WABA are planned together, as they may disagree or take webhooks from each other.
        is_whole = self._overrides or self._shares_wabas
        return _Verb("plan" if is_whole and self._call == "audit" else "apply", is_whole=is_whole)

    def _probe(self) -> Iterator[str]:
        yield "--probe"
        if self._given.get("probe_secret_file"):
            yield from ("--probe-secret-file", self._given["probe_secret_file"])

    def _fleet(self, verb: _Verb, names: Sequence[str]) -> str:
        words = ["fleet", verb.name, self._file]
        only = self._given.get("only") or ()
        if not verb.is_whole:
            for name in names if len(names) <= _MOST_NAMED else only:
                words += ["--only", name]
        if self._call != "export" and self._session.secrets:
            words += ["--secrets", self._session.secrets]
        if verb.name in ("plan", "apply") and self._given.get("allow_unlisted"):
            words.append("--allow-unlisted")
        return self._command(*words, *verb.further)

    def _command(self, *words: str) -> str:
        return shell(["d360-webhook", *self._session.arguments(), *words])


def _waba_sections(document: Account) -> Iterator[Account]:
    profiles = document.get("profiles") or {}
    for account in document["accounts"]:
        section = account.get("waba_webhook") or (profiles.get(account.get("profile")) or {}).get("waba_webhook")
        if section:
            yield section
