"""fleet audit --html: one page that stands for itself."""

import json
import re
from html import unescape
from html.parser import HTMLParser

from .fleet import KEYS, MAIN, OLD, Fleet


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


def test_the_numbers_that_lose_events_come_first_with_their_findings(fleet: Fleet) -> None:
    shown, _ = page(fleet)
    assert [(one["data-name"], one["data-codes"]) for one in shown.numbers()] == [
        ("vienna +431", "no_route waba_webhook_missing"),
        ("berlin ", "customer_webhook_mismatch"),
        ("munich ", "multi_webhook_disabled"),
    ]
    assert shown.numbers()[0]["class"] == "number lost"
    assert " ".join(shown.text.split()).count("1 losing events") == 1


def test_each_number_says_where_its_events_go_now_and_should_go(fleet: Fleet) -> None:
    _, text = page(fleet)
    routes = [unescape(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"<dl class=route>(.*?)</dl>", text, re.DOTALL)]
    crm = "crm https://hooks.example.com/crm?…"
    assert routes == [
        f"goes nownumber → nowhere: its events are lostshould gonumber → WABA's webhook {MAIN}",
        f"goes nownumber → own webhook {OLD} → {crm}should gonumber → own webhook {MAIN} → {crm}",
        f"goes nownumber → own webhook {MAIN}should gonumber → own webhook {MAIN} → {crm}",
    ]


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
