"""The shell of the page: parts of HTML, all text escaped, and one file that needs nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from plotly.offline import get_plotlyjs  # type: ignore[attr-defined]

from jobs.report import words
from jobs.report.figures import Figure
from jobs.report.script import JS
from jobs.report.style import CSS

MOOD = {"replace_now": "bad", "replace_later": "warm", "keep": "good"}


@dataclass(frozen=True)
class Html:
    """Text that is HTML already."""

    text: str


@dataclass(frozen=True)
class Section:
    """A part of the page; ``figures`` by the id of the element they are drawn in."""

    anchor: str
    title: str
    body: str
    figures: dict[str, Figure] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """Head of a table's column; ``number`` stands at the right."""

    text: str
    number: bool = True
    words: bool = False


def cell(value: Any) -> str:
    return value.text if isinstance(value, Html) else escape(str(value))


def paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def tag(text: str, mood: str = "") -> Html:
    return Html(f'<span class="tag {mood}">{escape(text)}</span>')


def decision_tag(decision: Any, year: float | None = None) -> Html | str:
    """What to do with a unit and, where it is told, when; a dash where nothing is decided."""
    if not isinstance(decision, str):
        return words.NONE
    return tag(words.decision(decision, year), MOOD.get(decision, ""))


def table(heads: Sequence[Head], rows: Iterable[Sequence[Any]], groups: Sequence[tuple[str, int]] = ()) -> str:
    """A table that scrolls sideways where the screen is narrow.

    ``groups`` are heads over several columns; a column of words stands below its row, as wide as the table.
    """
    over = "".join(
        f'<th colspan="{width}">{escape(text)}</th>' if text else f'<td colspan="{width}"></td>'
        for text, width in groups
    )
    over = f"<tr>{over}</tr>" if over else ""
    shown = [place for place, head in enumerate(heads) if not head.words]
    said = [place for place, head in enumerate(heads) if head.words]
    kind = [' class="n"' if head.number else "" for head in heads]
    head = "".join(f"<th{kind[place]}>{escape(heads[place].text)}</th>" for place in shown)
    body = ""
    for row in rows:
        cells = "".join(f"<td{kind[place]}>{cell(row[place])}</td>" for place in shown)
        body += f'<tr class="told">{cells}</tr>' if said else f"<tr>{cells}</tr>"
        body += "".join(
            f'<tr><td class="words" colspan="{len(shown)}"><div>{cell(row[place])}</div></td></tr>' for place in said
        )
    return f'<div class="scroll"><table><thead>{over}<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(name: str, caption: str, title: str | None = None) -> str:
    above = f"<h3>{escape(title)}</h3>" if title else ""
    return (
        f'<figure>{above}<div class="plot" id="plot-{name}"></div><figcaption>{escape(caption)}</figcaption></figure>'
    )


def facts(values: Iterable[tuple[str, str, str]]) -> str:
    """Headline figures: value, what it is, and a remark."""
    cards = "".join(
        f'<div class="fact"><b>{escape(value)}</b><span>{escape(what)}</span><i>{escape(note)}</i></div>'
        for value, what, note in values
    )
    return f'<div class="facts">{cards}</div>'


def page(*, title: str, kicker: str, lead: str, sections: Sequence[Section], foot: str) -> str:
    """The whole page; ``lead`` and ``foot`` are HTML."""
    contents = "".join(f'<a href="#{one.anchor}">{escape(one.title)}</a>' for one in sections)
    body = "".join(f'<section id="{one.anchor}"><h2>{escape(one.title)}</h2>{one.body}</section>' for one in sections)
    figures = {name: drawn for one in sections for name, drawn in one.figures.items()}
    data = {name: value for one in sections for name, value in one.data.items()}
    stored = "".join(_stored(name, value) for name, value in {**data, "figures": figures}.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{CSS}</style></head><body>'
        f'<header><p class="kicker">{escape(kicker)}</p><h1>{escape(title)}</h1>{lead}<nav '
        f'aria-label="Contents">{contents}</nav></header>'
        f"<main>{body}</main><footer>{foot}</footer>"
        f"{stored}<script>{_plotly()}</script><script>{JS}</script></body></html>\n"
    )


def _plotly() -> str:
    return str(get_plotlyjs())  # type: ignore[no-untyped-call]


def _stored(name: str, value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'
