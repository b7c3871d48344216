"""fleet audit --html: one page that stands for itself."""

import json
import re
from html import unescape
from html.parser import HTMLParser

from Peers.service import Peer

from .fleet import KEYS, MAIN, OLD, Fleet
from .program import Program


class Page(HTMLParser):
    """Tags, attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def numbers(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == "li" and "data-name" in attributes]


def page(fleet: Fleet, *arguments: str) -> tuple[Page, str]:
    fleet.program("fleet", "audit", "fleet.yaml", "--html", "fleet.html", *arguments)
    text = (fleet.program.folder / "fleet.html").read_text()
    return Page(text), text


def routes(text: str) -> list[list[str]]:
    """The lines of each number's, without their marks."""
    found = re.findall(r"<dl class=routes>(.*?)</dl>", text)
    return [[unescape(re.sub("<[^>]+>", "", line)) for line in re.findall("<(?:dt|p)\\b.*?</(?:dt|p)>", one)] for one in found]


def test_the_numbers_that_lose_events_come_first_with_their_findings(fleet: Fleet) -> None:
    shown, _ = page(fleet)
    assert [(one["data-name"], one["data-codes"]) for one in shown.numbers()] == [
        ("vienna +431", "no_route waba_webhook_missing"),
        ("berlin ", "customer_webhook_mismatch"),
        ("munich ", "multi_webhook_disabled"),
    ]
    assert shown.numbers()[0]["class"] == "number lost"
    assert " ".join(shown.text.split()).count("1 loses events") == 1


def test_each_number_says_where_its_events_go_now_and_should_go(fleet: Fleet) -> None:
    _, text = page(fleet)
    crm = "→ crm https://hooks.example.com/crm"
    assert routes(text) == [
        ["goes now", "number → nowhere: its events are lost", "should go", f"number → WABA's webhook {MAIN}"],
        ["goes now", f"number → own webhook {OLD}", crm, "should go", f"number → own webhook {MAIN}", crm],
        ["goes now", f"number → own webhook {MAIN}", "should go", f"number → own webhook {MAIN}", crm],
    ]
    marked = re.findall("<p class=differs>(.*?)</p>", text)
    assert marked[2:4] == [f"number → own webhook <code>{url}</code>" for url in (OLD, MAIN)]


def test_a_route_that_is_as_it_should_be_stands_once(fleet: Fleet) -> None:
    fleet.program("fleet", "apply", "fleet.yaml", "--yes")
    assert routes(page(fleet, "--only", "vienna")[1]) == [["goes now, as it should", f"number → WABA's webhook {MAIN}"]]


def test_nobody_should_lose_events_because_the_document_gives_no_webhook(fleet: Fleet) -> None:
    accounts = [{"name": name, "api_key": key} for name, key in (("vienna", KEYS["VIENNA_KEY"]), ("rome", "key-of-nobody"))]
    fleet.program.file("fleet.yaml", json.dumps({"accounts": accounts}))
    unknown = ["should go", "number → no webhook is in the document"]
    assert routes(page(fleet)[1]) == [
        ["goes now", "number → nowhere: its events are lost", *unknown],
        ["goes now", "could not be read"],
    ]


def test_where_a_webhook_is_to_be_removed_the_page_and_the_plan_agree(fleet: Fleet) -> None:
    waba = {"waba_webhook": {"url": MAIN, "override_all": True}, "expect": {"number": "+4930123456"}, "customer_webhook": None}
    fleet.program.file("fleet.yaml", json.dumps({"accounts": [
        {"name": "berlin", "api_key": KEYS["BERLIN_KEY"], **waba},
        {"name": "munich", "api_key": KEYS["MUNICH_KEY"], "expect": {"number": "+4989123456"}, "customer_webhook": {"url": MAIN}},
    ]}))  # fmt: skip
    planned = fleet.program("fleet", "plan", "fleet.yaml")
    assert re.search(r"own webhook of \+4930123456 +removed", planned.output), planned.output
    crm = "→ crm https://hooks.example.com/crm"
    now, wanted = f"number → own webhook {OLD}", f"number → WABA's webhook {MAIN}"
    assert routes(page(fleet)[1])[0] == ["goes now", now, crm, "should go", wanted, crm]


def test_the_page_costs_no_request_more_than_the_audit(remote: Program, peer: Peer) -> None:
    multi = {"multi_webhook": {"destinations": []}}
    accounts = [{"name": name, "api_key": KEYS[f"{name.upper()}_KEY"], **multi} for name in ("berlin", "munich")]
    remote.file("fleet.json", json.dumps({"accounts": accounts}))
    remote("fleet", "audit", "fleet.json")
    plain = len(peer.record.requests)
    peer.record.clear()
    remote("fleet", "audit", "fleet.json", "--html", "fleet.html")
    assert len(peer.record.requests) == plain == 6


def test_the_page_says_which_fleet_it_shows_and_when(fleet: Fleet) -> None:
    _, text = page(fleet)
    (about,) = re.findall('<p id="about">(.*?)</p>', text)
    assert re.fullmatch(r"fleet\.yaml, sqlite:/\S+/webhooks\.db, \d{4}-\d\d-\d\d \d\d:\d\d UTC", about), about


def test_nothing_is_loaded_from_elsewhere_and_nothing_else_may_be(fleet: Fleet) -> None:
    shown, text = page(fleet)
    assert not {"link", "img", "iframe", "object", "embed", "base", "a"} & {tag for tag, _ in shown.tags}
    assert all("src" not in attributes and "href" not in attributes for _, attributes in shown.tags)
    assert "url(" not in text and "@import" not in text
    (policy,) = [one for tag, one in shown.tags if tag == "meta" and one.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in (policy["content"] or "")


def test_every_text_is_escaped(fleet: Fleet) -> None:
    name = "<img src=x onerror=alert(1)> \"'<!--totals-->&"
    accounts = [{"name": name, "api_key": "${BERLIN_KEY}", "customer_webhook": {"url": MAIN}}]
    fleet.program.file("fleet.yaml", json.dumps({"accounts": accounts}))
    fleet.client.multi_webhook_append(KEYS["BERLIN_KEY"], [{"name": "</script><b>", "url": "https://x.example.com/<i>'"}])
    shown, _ = page(fleet)
    assert "img" not in {tag for tag, _ in shown.tags}
    assert [one["data-name"] for one in shown.numbers()] == [f"{name} "]
    assert "</script><b>" in shown.text
    assert len([tag for tag, _ in shown.tags if tag == "script"]) == 1


def test_a_number_that_cannot_be_read_is_on_the_page(fleet: Fleet) -> None:
    fleet.program.environment["BERLIN_KEY"] = "key-of-nobody"
    shown, _ = page(fleet, "--only", "berlin")
    assert "could not be read" in shown.text and "unauthorized" in shown.text
