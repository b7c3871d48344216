# SPDX-License-Identifier: Apache-2.0
"""The command beside a finding: it fixes what apply can fix, else it shows how things are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from d360webhook import webhook_validate
from d360webhook.cli.session import Session
from d360webhook.cli.text import shell

Account = Mapping[str, Any]

_WABA = {"waba_webhook_missing", "waba_webhook_mismatch"}
_MENDED = {
    *_WABA, "customer_webhook_missing", "customer_webhook_mismatch",
    "multi_webhook_disabled", "multi_webhook_enabled", "destination_missing", "destination_mismatch",
}  # fmt: skip

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
        self._overrides = any(_overrides(document))

    def __call__(self, rows: Sequence[Account], finding: Mapping[str, Any]) -> str:
        """One line for a shell, for these accounts. It holds no secret."""
        verb = self.kind(rows[0], finding)
        if verb.name == "validate":
            return self._command("validate", "--", finding["actual"])
        return self._fleet(verb, [str(row["name"]) for row in rows])

    def kind(self, row: Account, finding: Mapping[str, Any]) -> _Verb:
        """The command without its accounts."""
        url = finding["actual"]
        if finding["code"] == "url_policy" and not webhook_validate(url, None, self._session.url_policy)["valid"]:
            return _Verb("validate")
        return _Verb("export") if self._call == "export" else self._verb(row, finding["code"])

    def is_planned(self, row: Account, finding: Mapping[str, Any]) -> bool:
        """Whether this report is a plan whose actions fix the finding."""
        verb = self.kind(row, finding)
        return self._call == "plan" and row["error"] is None and verb.name == "apply" and not verb.further

    def _verb(self, row: Account, code: str) -> _Verb:
        codes = {one["code"] for one in row["findings"]}
        if code == "stale_plan":
            return _Verb("plan", ("--out", self._plan) if self._plan else (), is_whole=self._plan is not None)
        if codes & _REFUSED and code in {"no_route", "headers_unverifiable", *_MENDED}:
            return _Verb("audit")
        if code == "headers_unverifiable":
            return _Verb("apply", ("--force", "customer_webhook"))
        if code == "no_route" and "customer_webhook_missing" in codes:
            code = "customer_webhook_missing"
        elif code == "no_route" and "waba_webhook_missing" in codes:
            code = "waba_webhook_missing"
        if code == "probe_failed" or (code in _MENDED and "probe_failed" in codes):
            return _Verb("audit", tuple(self._probe()))
        if code in _MENDED:
            return self._mending(row, code, codes)
        if code == "waba_webhook_shadowed":
            return self._overriding() if self._overrides else _Verb("plan")
        if code == "destination_unexpected":
            deletes = any(action["operation"] == "multi_webhook_delete" for action in row["actions"])
            return _Verb("apply" if deletes else "plan")
        return _Verb("audit")

    def _mending(self, row: Account, code: str, codes: set[str]) -> _Verb:
        error = row["error"]
        if error is not None and not error["retryable"] and error["status"] != "D360_CANCELLED" and "stale_plan" not in codes:
            # It would fail again: a plan says why.
            return _Verb("plan", is_whole=str(error.get("path")).startswith("/waba_webhook"))
        return self._overriding() if code in _WABA and self._overrides else _Verb("apply")

    def _overriding(self) -> _Verb:
        """What takes webhooks away is looked at first."""
        return _Verb("plan" if self._call == "audit" else "apply", is_whole=True)

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


def _overrides(document: Account) -> Iterator[bool]:
    profiles = document.get("profiles") or {}
    for account in document["accounts"]:
        section = account.get("waba_webhook") or (profiles.get(account.get("profile")) or {}).get("waba_webhook")
        yield bool((section or {}).get("override_all"))
