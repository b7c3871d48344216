"""fleet audit --html: the page as it shows in a browser, and as it is used."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from d360webhook import Client

from .browser import Browser, Tab
from .conftest import CHANNELS
from .fleet import DOCUMENT, MAIN, OLD, Fleet
from .program import Program

LONG = f"https://hooks.eu-central-1.example.com/{'tenants/0c7c4b2e/' * 12}events"
HOSTILE = f'</script><img src=x onerror="window.hit = 1">{"n" * 120}'
FURTHER = f"""
- {{name: geneva, api_key: key-of-nobody, customer_webhook: {{url: {LONG}}}}}
- {{name: basel, api_key: key-of-basel, customer_webhook: {{url: {LONG}}}}}
- {{name: {json.dumps(HOSTILE)}, api_key: key-of-bern}}
"""
NAMES = ["vienna", "geneva", "berlin", "munich", "basel", HOSTILE]
CRM = "crm https://hooks.example.com/crm"
Open = Callable[..., Tab]

# Of every text: a colour of at least 4.5:1 on what is painted behind it, which WCAG 2 asks for.
FAINT = """
(() => {
    const parts = color => { const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
    const over = (top, below) => top.rgb.map((one, n) => one * top.a + below[n] * (1 - top.a));
    const light = rgb => rgb.map(one => one / 255).map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
        .reduce((sum, one, n) => sum + one * [.2126, .7152, .0722][n], 0);
    const canvas = parts(getComputedStyle(document.querySelector("form")).backgroundColor).rgb;
    const behind = one => one ? over(parts(getComputedStyle(one).backgroundColor), behind(one.parentElement)) : canvas;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const faint = [];
    while (texts.nextNode()) {
        const one = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || ["SCRIPT", "OPTION"].includes(one.tagName)) continue;
        const ground = behind(one);
        const [low, high] = [light(over(parts(getComputedStyle(one).color), ground)), light(ground)].sort((a, b) => a - b);
        if ((high + .05) / (low + .05) < 4.5) faint.push([one.outerHTML, (high + .05) / (low + .05)]);
    }
    return faint;
})()
"""
# Whatever is cut off at the right, or reaches beyond the window.
WIDE = """
Array.from(document.querySelectorAll("body, body *"))
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        || (one.clientWidth && one.scrollWidth > one.clientWidth && !one.matches("input, select")))
    .map(one => one.outerHTML)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three numbers with one fault each, one that cannot be read, and two without fault."""
    folder = tmp_path_factory.mktemp("page")
    service = f"sqlite:{folder / 'webhooks.db'}"
    basel = {"phone_number_id": "78", "waba_id": 17, "api_key": "key-of-basel"}
    bern = {"phone_number_id": "79", "waba_id": 18, "api_key": "key-of-bern"}
    with Client(service) as client:
        for channel in [*CHANNELS, basel, bern]:
            client.channel_register(**channel)
        client.customer_webhook_set("key-of-basel", LONG)
        client.waba_webhook_set("key-of-bern", MAIN)
    fleet = Fleet(folder, service)
    with fleet.client:
        fleet.program.file("fleet.yaml", DOCUMENT + FURTHER)
        return written(fleet.program)


def written(program: Program) -> Path:
    """The page of fleet.yaml."""
    done = program("fleet", "audit", "fleet.yaml", "--html", "fleet.html")
    assert done.status in (0, 2), done.errors
    return program.folder / "fleet.html"


@pytest.fixture
def tab(browser: Browser, page: Path) -> Iterator[Open]:
    """Opens a page, the one above if no other is given; how is said as Tab has it."""
    opened: list[Tab] = []

    def open_tab(other: Path | None = None, **how: Any) -> Tab:
        opened.append(Tab(browser, other or page, **how))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()


def names(tab: Tab) -> list[str]:
    """Of the numbers that can be seen, from the top."""
    shown: list[str] = tab.run("""Array.from(document.querySelectorAll("#numbers > li"))
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().height)
        .sort((one, two) => one.getBoundingClientRect().top - two.getBoundingClientRect().top)
        .map(one => one.querySelector("h2").firstChild.data.trim())""")
    return shown


def count(tab: Tab) -> str:
    text: str = tab.run("document.querySelector('output').innerText")
    return text


def test_totals_come_first_then_the_numbers_that_lose_events(tab: Open) -> None:
    shown = tab(height=20_000)
    lines = [" ".join(line.split()) for line in shown.run("document.body.innerText").splitlines() if line.strip()]
    assert lines[0] == "Where events go"
    totals = ["6 numbers", "1 loses events", "2 in sync", "1 failed", "5 errors", "0 warnings", "0 info"]
    assert lines[2 : 2 + len(totals)] == totals
    assert names(shown) == NAMES
    states = ["loses events", "unauthorized", "differs", "differs", "in sync", "in sync"]
    assert shown.run("Array.from(document.querySelectorAll('h2 span'), one => one.innerText)") == states
    assert count(shown) == "6 of 6 shown"


def test_each_number_shows_where_its_events_go_now_and_should_go(tab: Open) -> None:
    shown = tab(height=20_000)
    routes = shown.run("Array.from(document.querySelectorAll('.routes'), one => one.innerText.trim().split(/\\n+/))")
    assert routes == [
        ["goes now", "number → nowhere: its events are lost", "should go", f"number → WABA's webhook {MAIN}"],
        ["goes now", "could not be read"],
        ["goes now", f"number → own webhook {OLD}", f"→ {CRM}", "should go", f"number → own webhook {MAIN}", f"→ {CRM}"],
        ["goes now", f"number → own webhook {MAIN}", "should go", f"number → own webhook {MAIN}", f"→ {CRM}"],
        ["goes now, as it should", f"number → own webhook {LONG}"],
        ["goes now, as it should", f"number → WABA's webhook {MAIN}"],
    ]
    marked = "Array.from(document.querySelectorAll('#numbers > li:nth-child(3) .differs'), one => one.innerText)"
    assert shown.run(marked) == [f"number → own webhook {OLD}", f"number → own webhook {MAIN}"]


@pytest.mark.parametrize("typed", ["vie", "VIENNA", " vienna ", "+431", "4 31"])
def test_a_name_or_number_that_is_typed_hides_the_others(tab: Open, typed: str) -> None:
    shown = tab()
    shown.type("#name", typed)
    assert (names(shown), count(shown)) == (["vienna"], "1 of 6 shown")
    shown.type("#name", "")
    assert (names(shown), count(shown)) == (NAMES, "6 of 6 shown")


def test_a_finding_that_is_chosen_hides_the_numbers_without_it(tab: Open) -> None:
    shown = tab()
    options = shown.run("Array.from(document.querySelectorAll('#code option'), one => one.innerText)")
    codes = ["customer_webhook_mismatch", "multi_webhook_disabled", "no_route", "unauthorized", "waba_webhook_missing"]
    assert options == ["all", *(f"{code} (1)" for code in codes)]
    shown.choose("#code", "unauthorized")
    assert (names(shown), count(shown)) == (["geneva"], "1 of 6 shown")
    shown.choose("#code", "customer_webhook_mismatch")
    assert (names(shown), count(shown)) == (["berlin"], "1 of 6 shown")
    shown.choose("#code", "")
    assert (names(shown), count(shown)) == (NAMES, "6 of 6 shown")


def test_a_name_and_a_finding_narrow_down_together(tab: Open) -> None:
    shown = tab()
    shown.type("#name", "e")
    both = [name for name in NAMES if "e" in name]
    assert (names(shown), count(shown)) == (both, f"{len(both)} of 6 shown")
    shown.choose("#code", "no_route")
    assert (names(shown), count(shown)) == (["vienna"], "1 of 6 shown")
    shown.type("#name", "munich")
    assert (names(shown), count(shown)) == ([], "0 of 6 shown")
    shown.choose("#code", "")
    assert (names(shown), count(shown)) == (["munich"], "1 of 6 shown")


def test_the_page_asks_for_nothing_and_the_console_stays_empty(tab: Open) -> None:
    shown = tab(height=20_000)
    shown.type("#name", "n")
    shown.choose("#code", "no_route")
    assert shown.requests == [shown.url]
    assert shown.complaints == []
    assert shown.run("[typeof window.hit, document.images.length, document.scripts.length]") == ["undefined", 0, 1]


def test_what_would_be_loaded_from_elsewhere_is_refused_with_a_complaint(tab: Open) -> None:
    shown = tab()
    refused = shown.run("""new Promise(done => {
        addEventListener("securitypolicyviolation", event => done(event.blockedURI));
        new Image().src = "https://elsewhere.example.com/";
    })""")
    assert refused == "https://elsewhere.example.com/"
    assert [event["entry"]["level"] for event in shown.complaints] == ["error"]


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_reaches_beyond_the_right_edge(tab: Open, width: int) -> None:
    shown = tab(width=width, height=20_000)
    assert shown.run("innerWidth") == width
    assert shown.run(WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_in_light_and_in_dark(tab: Open, scheme: str) -> None:
    shown = tab(height=20_000, scheme=scheme)
    ground = shown.run("getComputedStyle(document.querySelector('form')).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(ground) < 3 * 128) is (scheme == "dark")
    assert shown.run(FAINT) == []


def test_the_filters_stay_in_sight_and_on_top(tab: Open) -> None:
    shown = tab(height=500)
    shown.run("scrollTo(0, document.body.scrollHeight)")
    for selector in ("#name", "#code"):
        hit = f"""(() => {{
            const {{ left, top, width, height }} = document.querySelector("{selector}").getBoundingClientRect();
            return document.elementFromPoint(left + width / 2, top + height / 2)?.matches("{selector}");
        }})()"""
        assert shown.run(hit) is True, selector


def test_two_thousand_numbers_are_filtered(tab: Open, tmp_path: Path) -> None:
    service = f"sqlite:{tmp_path / 'webhooks.db'}"
    accounts: list[dict[str, Any]] = []
    with Client(service) as client:
        for number in range(2_000):
            client.channel_register(str(number), waba_id=1 + number, api_key=f"key-{number}", phone_number=f"+49{number:08}")
            accounts.append({"name": f"n{number:04}", "api_key": f"key-{number}", "waba_webhook": {"url": MAIN}})
        client.waba_webhook_set("key-1234", MAIN)
    program = Program(tmp_path, service, None)
    program.file("fleet.yaml", json.dumps({"accounts": accounts}))
    shown = tab(written(program))
    shown.type("#name", "n12")
    assert (len(names(shown)), count(shown)) == (100, "100 of 2000 shown")
    shown.choose("#code", "no_route")
    assert (len(names(shown)), count(shown)) == (99, "99 of 2000 shown")
    shown.type("#name", "")
    assert (len(names(shown)), count(shown)) == (1_999, "1999 of 2000 shown")
    assert shown.complaints == []
