# SPDX-License-Identifier: Apache-2.0
"""The documents that fleet commands read and write: the fleet, its secrets, plans."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from d360webhook.cli import documents, files, messages, secrets
from d360webhook.cli.documents import Source
from d360webhook.cli.exit import usage


def fleet_document(path: str, secrets_file: str | None) -> tuple[Source, dict[str, Any]]:
    """The document in a file as it was read, and with ${NAME} filled in. The library checks the rest."""
    source = documents.read(path)
    source.members()
    return source, _with_keys(source.filled(*secrets.values(secrets_file)))


def unfilled_document(path: str) -> tuple[Source, dict[str, Any], list[str]]:
    """The document for a check without its secrets: the names that are not set, filled with values that are fine anywhere."""
    source = documents.read(path)
    source.members()
    known, _ = secrets.values(None)
    names = _Placeholders(known)
    return source, _with_keys(source.filled(names, "")), sorted(names.missing)


class _Placeholders(dict[str, str]):
    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__(known)
        self.missing: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        self.missing.add(name)
        # A URL is also a valid key and header value. Each name has its own, as keys are unique.
        return f"https://placeholder.example.com/{name}"


def _with_keys(document: Any) -> Any:
    accounts = document.get("accounts")
    for account in accounts if isinstance(accounts, list) else ():
        if isinstance(account, dict) and isinstance(account.get("api_key"), str):
            account["api_key"] = files.without_line_end(account["api_key"])
    return document


def key_of(path: str, name: str, secrets_file: str | None) -> str:
    """The API key of one account. The secrets of the others are not needed."""
    source = documents.read(path)
    accounts = source.members().get("accounts")
    if not isinstance(accounts, list):
        raise source.wrong(messages.ACCOUNTS_NOT_AN_ARRAY, "/accounts")
    named = {one.get("name"): place for place, one in enumerate(accounts) if isinstance(one, dict)}
    if name not in named:
        near = get_close_matches(name, [one for one in named if isinstance(one, str)], n=1)
        raise usage(messages.no_such_account(source.name, name, near))
    place = named[name]
    pointer = f"/accounts/{place}/api_key"
    key = accounts[place].get("api_key")
    if not isinstance(key, str):
        raise source.wrong(messages.KEY_NOT_A_STRING, pointer if "api_key" in accounts[place] else f"/accounts/{place}")
    return files.without_line_end(source.filled(*secrets.values(secrets_file), pointer, key))


def plan_of(path: str) -> dict[str, Any]:
    """Reads what fleet plan --out wrote."""
    return documents.read(path).members()


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A document with ${NAME} for every API key, header value and URL that may hold a secret; and those secrets."""
    vault = _Vault()
    made: dict[str, Any] = {}
    if "webhooks" in document:
        made["webhooks"] = {name: vault.webhook(one, name) for name, one in document["webhooks"].items()}
    made["accounts"] = [vault.account(account) for account in document["accounts"]]
    return made, vault.secrets


class _Vault:
    """Gives each secret a name of its own; equal values share one."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def _hidden(self, value: str, *words: str) -> str:
        name = self._names.get(value)
        if name is None:
            base = re.sub(r"[^A-Z0-9]+", "_", "_".join(words).upper()).strip("_")
            # Not D360_: the environment may give these names, too, and the program reads its own from there.
            base = f"FLEET_{base}"
            name, number = base, 1
            while name in self.secrets:
                number += 1
                name = f"{base}_{number}"
            self.secrets[name], self._names[value] = value, name
        return f"${{{name}}}"

    def webhook(self, webhook: Any, *words: str) -> Any:
        """A webhook, a destination, or a section that is one."""
        if not isinstance(webhook, dict):
            return webhook
        made = {name: documents.literal(value) if isinstance(value, str) else value for name, value in webhook.items()}
        if "url" in webhook:
            url = webhook["url"]
            # A token may be part of it, and the document is not secret.
            made["url"] = self._hidden(url, *words, "url") if re.search(r"[?#@]", url) else documents.literal(url)
        if "headers" in webhook:
            made["headers"] = {name: self._hidden(value, *words, name) for name, value in webhook["headers"].items()}
        return made

    def account(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """An account with its sections."""
        name = account["name"]
        made = dict(account)
        made["name"] = documents.literal(name)
        made["api_key"] = self._hidden(account["api_key"], name, "key")
        for section in ("customer_webhook", "waba_webhook"):
            if section in account:
                made[section] = self.webhook(account[section], name, section.removesuffix("_webhook"))
        if "multi_webhook" in account:
            multi = dict(account["multi_webhook"])
            if "destinations" in multi:
                multi["destinations"] = [self.webhook(one, name, one["name"]) for one in multi["destinations"]]
            made["multi_webhook"] = multi
        return made
