# SPDX-License-Identifier: Apache-2.0
"""What fleet commands read and write: documents, secrets, keys, plans."""

import csv
import io
import os
import re
from collections.abc import Mapping
from typing import Any

from d360webhook.cli import documents, files
from d360webhook.cli.exit import Failure


def fleet_document(path: str, secrets: str | None) -> dict[str, Any]:
    """The document in a file, with ${NAME} filled in. The library judges the rest."""
    names: dict[str, str] = dict(os.environ)
    place = "in the environment"
    if secrets is not None:
        names.update(_secrets(secrets))
        place += f" or in {secrets}"
    document = documents.filled(_object(path, documents.load(path)), path, names, place)
    return _object(path, document)


def _object(path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failure(f"{documents.name_of(path)} holds no object at its top")
    return value


def _secrets(path: str) -> dict[str, str]:
    value = _object(path, documents.load(path))
    for name, one in value.items():
        if not isinstance(one, str):
            raise Failure(f"{path}: the value of {name} is no text; quote it")
    return value


def plan_of(path: str) -> dict[str, Any]:
    """What fleet plan --out wrote."""
    return _object(path, documents.load(path))


def keys_of(path: str) -> dict[str, Any]:
    """The accounts of a CSV file with the columns name and api_key."""
    name = documents.name_of(path)
    try:
        text = files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise Failure(f"{name} is not UTF-8 at byte {failure.start}") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    accounts = []
    try:
        missing = {"name", "api_key"} - set(rows.fieldnames or ())
        if missing:
            raise Failure(f"{name}:1: the column {sorted(missing)[0]} is missing; the first line has to be name,api_key")
        for row in rows:
            if not row["name"] or not row["api_key"]:
                raise Failure(f"{name}:{rows.line_num}: {'name' if not row['name'] else 'api_key'} is empty")
            accounts.append({"name": row["name"], "api_key": row["api_key"]})
    except csv.Error as failure:
        raise Failure(f"{name}:{rows.reader.line_num}: {failure}") from None
    return {"accounts": accounts}


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A document with ${NAME} for every API key, header value and URL that may hold a secret; and those secrets."""
    vault = _Vault()
    made: dict[str, Any] = {}
    if "webhooks" in document:
        made["webhooks"] = {name: vault.webhook(one, name) for name, one in document["webhooks"].items()}
    made["accounts"] = [vault.account(account) for account in document["accounts"]]
    return made, vault.secrets


class _Vault:
    """Gives secrets names that nobody else has; one value has one name."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def _hidden(self, value: str, *words: str) -> str:
        name = self._names.get(value)
        if name is None:
            base = re.sub(r"[^A-Z0-9]+", "_", "_".join(words).upper()).strip("_")
            base = f"D360_{base}"
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
            # A token may be part of it; who reads the document need not see it.
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
