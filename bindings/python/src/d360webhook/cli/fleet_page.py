# SPDX-License-Identifier: Apache-2.0
"""A fleet report as one page for a browser: nothing is loaded from elsewhere, every text is escaped."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from d360webhook.cli.fleet_groups import said
from d360webhook.cli.fleet_output import findings, ordered, state
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.text import plain, typed

Row = Mapping[str, Any]
Route = Mapping[str, Any]
_MAIN = {"customer_webhook": "own webhook", "waba_webhook": "WABA's webhook"}


def page(report: Mapping[str, Any], paste: Paste, about: str) -> str:
    """The page of a report that has routes; `about` says which fleet it is, and when it was read."""
    rows = ordered(report["accounts"])
    codes = Counter(code for row in rows for code in {finding["code"] for finding in row["findings"]})
    parts = {
        "<!--about-->": _text(about),
        "<!--totals-->": "".join(_totals(report["summary"])),
        "<!--codes-->": "".join(_option(_text(code), codes[code]) for code in sorted(codes)),
        "<!--shown-->": f"{len(rows)} of {len(rows)} shown",
        "<!--numbers-->": "".join(_number(row, paste) for row in rows),
    }
    template = files("d360webhook.cli").joinpath("fleet_page.html").read_text(encoding="utf-8")
    # In one pass: a mark inside a name is no mark.
    return re.sub("<!--[a-z]+-->", lambda mark: parts[mark[0]], template)


def _text(value: object) -> str:
    return escape(plain(value))


def _option(code: str, numbers: int) -> str:
    return f'<option value="{code}">{code} ({numbers})</option>'


def _totals(summary: Mapping[str, Any]) -> Iterator[str]:
    found = summary["findings"]
    shown = [
        (summary["accounts"], "number", "numbers"), (summary["losing_events"], "loses events", "lose events"),
        (summary["in_sync"], "in sync", "in sync"), (summary["failed"], "failed", "failed"),
        (found["error"], "error", "errors"), (found["warning"], "warning", "warnings"), (found["info"], "info", "info"),
    ]  # fmt: skip
    for number, one, many in shown:
        is_bad = number and one in ("loses events", "failed", "error")
        yield f"<li{' class=bad' if is_bad else ''}><b>{number}</b> {one if number == 1 else many}</li>"


def _number(row: Row, paste: Paste) -> str:
    kind = "lost" if row["losing_events"] else "failed" if row["status"] != "D360_OK" else "found" if row["findings"] else "fine"
    codes = " ".join(finding["code"] for finding in findings(row))
    about = " · ".join(_text(part) for part in (row["number"], row["waba_id"] and f"WABA {row['waba_id']}") if part)
    error = row["error"]
    failure = "" if error is None else f"<p class=error>{_text(typed(error['message']))} ({_text(error['status'])})</p>"
    return (
        f'<li class="number {kind}" data-name="{_text(row["name"])} {_text(row["number"] or "")}" data-codes="{_text(codes)}">'
        f"<h2>{_text(row['name'])} <small>{about}</small> <span>{_text(state(row))}</span></h2>"
        f"<dl class=routes>{_routes(row)}</dl>{failure}"
        f"{''.join(_finding(row, finding, paste) for finding in findings(row))}</li>\n"
    )


def _routes(row: Row) -> str:
    """Both, next to each other, with their differences marked; only one if they agree."""
    routes = row["routes"]
    if routes is None:
        unread = ["<em>could not be read</em>"]
        return _route("goes now", unread, unread)
    now = _hops(routes["now"], "<strong>nowhere: its events are lost</strong>")
    wanted = _hops(routes["wanted"], "<em>no webhook is in the document</em>")
    if row["in_sync"] and set(now) == set(wanted):
        return _route("goes now, as it should", now, now)
    return _route("goes now", now, wanted) + _route("should go", wanted, now)


def _route(label: str, hops: list[str], others: list[str]) -> str:
    lines = "".join(f"<p{'' if hop in others else ' class=differs'}>{hop}</p>" for hop in hops)
    return f"<div><dt>{label}</dt><dd>{lines}</dd></div>"


def _hops(route: Route, nowhere: str) -> list[str]:
    """The number's webhook, then the destinations that get copies. Without a webhook nothing is copied."""
    if route["main"] is None:
        return [f"number → {nowhere}"]
    copies = (f"→ {_hop(one['name'], one['url'])}" for one in route["destinations"])
    return [f"number → {_hop(_MAIN[route['main']], route['url'] or '')}", *copies]


def _hop(name: str, url: str) -> str:
    return f"{_text(name)} <code>{_text(url)}</code>"


def _finding(row: Row, finding: Mapping[str, Any], paste: Paste) -> str:
    sides = [(side, said(finding[side])) for side in ("expected", "actual")]
    # Where both are nothing, as of a number without a webhook, they say nothing.
    known = sides if (finding["expected"], finding["actual"]) != (None, None) else []
    return (
        f'<section class="finding {_text(finding["severity"])}"><h3>{_text(finding["code"])} '
        f"<small>{_text(finding['severity'])} {_text(finding['path'])}</small></h3><p>{_text(typed(finding['message']))}</p>"
        f"<dl>{''.join(f'<dt>{side}</dt><dd><code>{_text(value)}</code></dd>' for side, value in known)}"
        f"<dt>run</dt><dd><code class=run>{escape(paste([row], finding))}</code></dd></dl></section>"
    )
