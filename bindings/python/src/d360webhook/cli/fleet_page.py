# SPDX-License-Identifier: Apache-2.0
"""A fleet report as one page for a browser: nothing is loaded from elsewhere, every text is escaped."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from d360webhook.cli.fleet_output import ordered, said, state
from d360webhook.cli.fleet_paste import Paste
from d360webhook.cli.fleet_routes import Route, Routes
from d360webhook.cli.text import plain

Row = Mapping[str, Any]


def page(report: Mapping[str, Any], document: Mapping[str, Any], there: Mapping[str, Any], paste: Paste) -> str:
    """The page; `document` is what should be, `there` the exported document of what is."""
    rows = ordered(report["accounts"])
    now, wanted = Routes(there), Routes(document)
    codes = sorted({finding["code"] for row in rows for finding in row["findings"]})
    parts = {
        "<!--totals-->": "".join(_totals(report["summary"])),
        "<!--codes-->": "".join(f"<option>{_text(code)}</option>" for code in codes),
        "<!--numbers-->": "".join(_number(row, now.there(row["name"]), wanted, paste) for row in rows),
    }
    template = files("d360webhook.cli").joinpath("fleet_page.html").read_text(encoding="utf-8")
    # In one pass: a mark inside a name is no mark.
    return re.sub("<!--[a-z]+-->", lambda mark: parts[mark[0]], template)


def _text(value: object) -> str:
    return escape(plain(value))


def _totals(summary: Mapping[str, Any]) -> Iterator[str]:
    found = summary["findings"]
    shown = [("numbers", summary["accounts"]), ("losing events", summary["losing_events"]), ("in sync", summary["in_sync"])]
    shown += [("failed", summary["failed"]), ("errors", found["error"]), ("warnings", found["warning"]), ("notes", found["info"])]
    for label, number in shown:
        is_bad = number and label in ("losing events", "failed", "errors")
        yield f'<li{" class=bad" if is_bad else ""}><b>{_text(number)}</b> {_text(label)}</li>'


def _number(row: Row, now: Route | None, wanted: Routes, paste: Paste) -> str:
    kind = "lost" if row["losing_events"] else "failed" if row["status"] != "D360_OK" else "found" if row["findings"] else "fine"
    codes = " ".join(finding["code"] for finding in row["findings"])
    about = " · ".join(_text(part) for part in (row["number"], row["waba_id"] and f"WABA {row['waba_id']}") if part)
    error = row["error"]
    failure = "" if error is None else f"<p class=error>{_text(error['message'])} ({_text(error['status'])})</p>"
    return (
        f'<li class="number {kind}" data-name="{_text(row["name"])} {_text(row["number"] or "")}" data-codes="{_text(codes)}">'
        f"<h2>{_text(row['name'])} <small>{about}</small> <span>{_text(state(row))}</span></h2>"
        f"<dl class=route><dt>goes now<dd class=now>{_route(now)}"
        f"<dt>should go<dd class=wanted>{_route(wanted.wanted(row['name'], now))}</dl>{failure}"
        f"{''.join(_finding(row, finding, paste) for finding in row['findings'])}</li>\n"
    )


def _route(route: Route | None) -> str:
    if route is None:
        return "<em>could not be read</em>"
    if route.main is None:
        return "number → <strong>nowhere: its events are lost</strong>"
    kind, url = route.main
    copies = ", ".join(f"{_text(name)} <code>{_text(to)}</code>" for name, to in route.destinations.items())
    return f"number → {_text(kind)} <code>{_text(url)}</code>" + (f" → {copies}" if copies else "")


def _finding(row: Row, finding: Mapping[str, Any], paste: Paste) -> str:
    return (
        f'<section class="finding {_text(finding["severity"])}"><h3>{_text(finding["code"])} '
        f"<small>{_text(finding['severity'])} {_text(finding['path'])}</small></h3><p>{_text(finding['message'])}</p>"
        f"<dl><dt>expected<dd><code>{_text(said(finding['expected']))}</code>"
        f"<dt>actual<dd><code>{_text(said(finding['actual']))}</code>"
        f"<dt>run<dd><code>{escape(paste(row, finding))}</code></dl></section>"
    )
