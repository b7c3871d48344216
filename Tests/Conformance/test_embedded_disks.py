"""A database file on a disk that is full, behind permissions, or gone."""

import json
import tempfile
from pathlib import Path

import pytest
from support import raw

from . import child
from .answers import check_document
from .channel import URL
from .files import everything_in, opened

FULL = """
import resource
_, client, _ = raw.open_client("sqlite:" + sys.argv[1])
raw.call("d360_channel_register", client, {"phone_number_id": "1", "waba_id": 1, "api_key": "key"})
raw.call("d360_multi_webhook_set", client, "key", {"enabled": True})
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, hard))
shown, failures = {}, []
for index in range(400):
    number = str(index)
    channel = {"phone_number_id": number, "waba_id": 1, "api_key": "key-" + number}
    status, text = raw.call("d360_channel_register", client, channel)
    if status == "D360_OK":
        shown[number] = True
    else:
        failures.append(json.loads(text)["error"])
        if len(failures) == 3:
            break
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
listed = [one["phone_number_id"] for one in json.loads(raw.call("d360_channel_list", client)[1])["channels"]]
status, text = raw.call("d360_channel_register", client, {"phone_number_id": "after", "waba_id": 1, "api_key": "key-after"})
raw.close(client)
print(json.dumps({"failures": failures, "acknowledged": sorted(set(shown) | {"1"}), "listed": sorted(listed), "after": status}))
"""


def test_a_file_that_cannot_grow_is_a_storage_error_that_loses_nothing(tmp_path: Path) -> None:
    seen = json.loads(child.run(FULL, tmp_path / "w.db")[-1])
    assert len(seen["failures"]) == 3
    for error in seen["failures"]:
        check_document("D360_STORAGE_ERROR", {"error": error})
        assert error["outcome"] == "not_applied"
    assert seen["listed"] == seen["acknowledged"]
    assert seen["after"] == "D360_OK", "once there is room, it goes on"


READ_ONLY = """
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
status, client, text = raw.open_client("sqlite:" + sys.argv[1])
print(status)
print(text)
"""


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_a_file_that_may_not_be_written_is_a_storage_error(database: Path, locked: str) -> None:
    """As nobody, where the test runs as root, who may write everything; so in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "w.db"
        path.write_bytes(database.read_bytes())
        path.chmod(0o444 if locked == "file" else 0o666)
        folder.chmod(0o777 if locked == "file" else 0o555)
        before = everything_in(folder)
        status, text = child.run(READ_ONLY, path)
        folder.chmod(0o755)
        assert status == "D360_STORAGE_ERROR"
        check_document(status, json.loads(text))
        assert everything_in(folder) == before


def test_a_file_taken_away_is_no_crash(database: Path) -> None:
    client = opened(database)
    for path in database.parent.iterdir():
        path.unlink()
    status, text = raw.call("d360_customer_webhook_set", client, "key", {"url": URL})
    raw.close(client)
    assert status in ("D360_OK", "D360_STORAGE_ERROR"), text
