"""HTML reports: one file that needs nothing else, readable by daylight and at night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

_STYLE = """
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6776;--line:#d9dfe7;--paper:#fff;--bar:#4c78a8;--bad:#b3261e;
--good:#1d7a46}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#9aa7b6;--line:#2f3a48;--paper:#12181f;--bar:#7aa6d6;
--bad:#ff8a80;--good:#6fd39a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:64rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2rem}p,figcaption,footer{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line);text-align:left}td.n,th.n{text-align:right}
th{color:var(--soft);font-weight:600}.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-weight:600}
.bar{display:inline-block;height:.7rem;background:var(--bar);border-radius:2px}
figure{margin:1.5rem 0}img{max-width:100%;background:#fff;border-radius:6px}
"""


class Markup(str):
    """Text that is HTML already."""


def page(title: str, lead: str, sections: Mapping[str, Iterable[Markup]]) -> str:
    """A whole document: title, one sentence, and sections by their headings."""
    body = "".join(f"<section><h2>{escape(name)}</h2>{''.join(parts)}</section>" for name, parts in sections.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><p>{escape(lead)}</p>{body}"
        f"<footer>Made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC</footer></body></html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """A table. Numbers stand at the right; whole ones get thousands separators."""
    lines = [list(row) for row in rows]
    numeric = [bool(lines) and all(isinstance(row[place], int | float) for row in lines) for place in range(len(heads))]
    head = "".join(f"<th{_side(n)}>{escape(text)}</th>" for text, n in zip(heads, numeric, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{_side(n)}>{_cell(v)}</td>' for v, n in zip(row, numeric, strict=True))}</tr>"
        for row in lines
    )
    return Markup(f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def bar(share: float, width: float = 16) -> Markup:
    """A bar whose length is the share, 0 to 1, of ``width`` [rem]."""
    return Markup(f'<span class="bar" style="width:{max(0.0, min(1.0, share)) * width:.2f}rem"></span>')


def verdict(good: bool, text: str) -> Markup:
    """A word that says by its colour, too, whether all is well."""
    return Markup(f'<span class="{"good" if good else "bad"}">{escape(text)}</span>')


def paragraph(text: str) -> Markup:
    """Text as a paragraph, escaped."""
    return Markup(f"<p>{escape(text)}</p>")


def figure(png_base64: str, caption: str) -> Markup:
    """A picture inside the page, with its caption as alternative text too."""
    text = escape(caption)
    image = f'<img alt="{text}" src="data:image/png;base64,{png_base64}">'
    return Markup(f"<figure>{image}<figcaption>{text}</figcaption></figure>")


def _side(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _cell(value: object) -> str:
    if isinstance(value, Markup):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))
