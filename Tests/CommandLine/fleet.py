"""A fleet of three numbers with one fault each, and its document."""

from pathlib import Path

from d360webhook import Client

from .program import KEY, Program

MAIN = "https://hooks.example.com/main"
OLD = "https://old.example.com/main"
CRM = "https://hooks.example.com/crm?token=t0ken-of-crm"
SECRET = "Bearer s3cr3t-of-crm"
KEYS = {"BERLIN_KEY": KEY, "MUNICH_KEY": "key-of-munich", "VIENNA_KEY": "key-of-vienna"}
SECRETS = {**KEYS, "CRM_TOKEN": SECRET}

DOCUMENT = f"""
webhooks:
  crm: &crm
    url: {CRM}
    headers: {{Authorization: "${{CRM_TOKEN}}"}}
profiles:
  standard:
    multi_webhook: {{destinations: [{{name: crm, use: crm}}]}}
accounts:
- name: berlin
  api_key: ${{BERLIN_KEY}}
  profile: standard
  customer_webhook: {{url: {MAIN}}}
- name: munich
  api_key: ${{MUNICH_KEY}}
  profile: standard
  customer_webhook: {{url: {MAIN}}}
- name: vienna
  api_key: ${{VIENNA_KEY}}
  waba_webhook: {{url: {MAIN}}}
"""


class Fleet:
    """Numbers on an embedded service: berlin's webhook is an old host's, munich's destinations are off, vienna has no route."""

    def __init__(self, folder: Path, service: str) -> None:
        self.program = Program(folder, service, None)
        self.program.environment.update(SECRETS)
        self.client = Client(service)
        self.client.channel_register("77", waba_id=9007199254740993, api_key=KEYS["VIENNA_KEY"], phone_number="+431")
        crm = [{"name": "crm", "url": CRM, "headers": {"Authorization": SECRET}}]
        for name, url in (("BERLIN_KEY", OLD), ("MUNICH_KEY", MAIN)):
            self.client.customer_webhook_set(KEYS[name], url)
            self.client.multi_webhook_set(KEYS[name], True, crm)
        self.client.multi_webhook_set(KEYS["MUNICH_KEY"], False)
        self.file = self.program.file("fleet.yaml", DOCUMENT)
        self.program.file("keys.csv", "name,api_key\n" + "".join(f"{n.split('_')[0].lower()},{k}\n" for n, k in KEYS.items()))
