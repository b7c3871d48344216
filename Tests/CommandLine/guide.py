"""The fleet of docs/fleet.md."""

from pathlib import Path

from support.documents import Block, blocks

from d360webhook import Client

TOP = Path(__file__).resolve().parents[2]
GUIDE = TOP / "docs" / "fleet.md"
KEYS = {"berlin": "key-1", "munich": "key-2", "vienna": "key-3"}
SECRETS = "".join(f"FLEET_{name.upper()}_KEY: {key}\n" for name, key in KEYS.items()) + "CRM_TOKEN: Bearer t0ken\n"
ALL = "https://hooks.example.com/all"
CRM = {"name": "crm", "url": "https://crm.example.com/events", "headers": {"Authorization": "Bearer t0ken"}}


def guide_blocks() -> list[Block]:
    return blocks(GUIDE.read_text())


def guide_document() -> str:
    """The fleet.yaml that the guide shows."""
    (one,) = (block.text for block in guide_blocks() if block.language == "yaml")
    return one


def register(client: Client, name: str, number: str, waba_id: int, key: str | None = None) -> None:
    """A number of the guide's service."""
    identifier = f"106{list(KEYS).index(name) + 1 if name in KEYS else 9}"
    client.channel_register(identifier, phone_number=number, waba_id=waba_id, api_key=key or KEYS[name])


def set_up(client: Client, without: str = "") -> None:
    """The guide's service as its document wants it, but for one thing that was never set."""
    register(client, "berlin", "+4930123456", 7001)
    register(client, "munich", "+4989123456", 7001)
    register(client, "vienna", "+431123456", 7002)
    client.waba_webhook_set("key-1", ALL)
    if without != "waba_webhook":
        client.waba_webhook_set("key-3", ALL)
    if without != "customer_webhook":
        client.customer_webhook_set("key-1", "https://hooks.example.com/berlin")
    for key in KEYS.values():
        client.multi_webhook_set(key, True, [CRM])


def systemd_units() -> dict[str, str]:
    """The units of the guide by their path, which is in the first line."""
    return {block.file or "": block.text for block in guide_blocks() if block.language == "ini"}
