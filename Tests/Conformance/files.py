"""Opening database files, and looking at what is in their folder."""

import json
import stat
from pathlib import Path
from typing import Any

from support import raw

from .answers import check_document

CHANNEL = {"phone_number_id": "1", "waba_id": 1, "api_key": "key"}


def opened(path: str | Path) -> int:
    status, client, error = raw.open_client(f"sqlite:{path}")
    assert status == "D360_OK" and client, error
    return client


def refused(path: str | Path) -> str:
    status, client, document = raw.open_client(f"sqlite:{path}")
    assert (status, client) == ("D360_STORAGE_ERROR", None), document
    error = json.loads(document or "")
    check_document(status, error)
    return error["error"]["message"]


def done(client: int, function: str, *arguments: Any) -> Any:
    status, text = raw.call(f"d360_{function}", client, *arguments)
    assert status == "D360_OK", text
    return json.loads(text or "")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
