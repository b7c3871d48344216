"""A database file used by several clients and processes, and after its client was closed."""

import json
import subprocess
from pathlib import Path

from support import raw

from . import child
from .channel import URL
from .files import done, opened


def test_what_was_configured_is_there_after_closing(database: Path) -> None:
    client = opened(database)
    assert done(client, "customer_webhook_get", "key") == {"url": URL}
    raw.close(client)


def test_two_clients_of_one_process_share_a_file_under_any_of_its_names(database: Path) -> None:
    link = database.parent / "link.db"
    link.symlink_to(database)
    one, other = opened(database), opened(link)
    done(one, "customer_webhook_set", "key", {"url": f"{URL}/1"})
    assert done(other, "customer_webhook_get", "key") == {"url": f"{URL}/1"}
    raw.close(one)
    done(other, "customer_webhook_set", "key", {"url": f"{URL}/2"})
    raw.close(other)
    again = opened(database)
    assert done(again, "customer_webhook_get", "key") == {"url": f"{URL}/2"}
    raw.close(again)


WRITER = """
status, client, error = raw.open_client("sqlite:" + sys.argv[1])
assert status == "D360_OK", error
for index in range(25):
    number = f"{sys.argv[2]}{index:02}"
    channel = {"phone_number_id": number, "waba_id": 1, "api_key": "key-" + number}
    status, error = raw.call("d360_channel_register", client, channel)
    assert status == "D360_OK", error
    status, error = raw.call("d360_customer_webhook_set", client, "key-" + number, {"url": "https://a.example/" + number})
    assert status == "D360_OK", error
raw.close(client)
"""


def test_several_processes_share_a_file_from_its_creation_on(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    for writer in [child.start(WRITER, path, letter) for letter in "abcdef"]:
        child.finish(writer)
    client = opened(path)
    listed = {channel["phone_number_id"] for channel in done(client, "channel_list")["channels"]}
    wanted = {f"{letter}{index:02}" for letter in "abcdef" for index in range(25)}
    assert listed == wanted
    for number in wanted:
        assert done(client, "customer_webhook_get", f"key-{number}") == {"url": f"https://a.example/{number}"}
    raw.close(client)


READER = """
_, client, _ = raw.open_client("sqlite:" + sys.argv[1])
for line in sys.stdin:
    print(raw.call("d360_customer_webhook_get", client, "key")[1], flush=True)
"""


def test_another_process_sees_a_write_as_soon_as_it_is_answered(database: Path) -> None:
    client = opened(database)
    reader = child.start(READER, database)
    assert reader.stdin and reader.stdout
    for index in range(20):
        done(client, "customer_webhook_set", "key", {"url": f"{URL}/{index}"})
        reader.stdin.write("read\n")
        reader.stdin.flush()
        assert json.loads(reader.stdout.readline()) == {"url": f"{URL}/{index}"}
    raw.close(client)
    child.finish(reader)


def test_every_descriptor_is_close_on_exec(database: Path) -> None:
    client = opened(database)
    done(client, "customer_webhook_set", "key", {"url": URL})
    seen = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, close_fds=False, check=True).stdout
    raw.close(client)
    assert database.name not in seen
