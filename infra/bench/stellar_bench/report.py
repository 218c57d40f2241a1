"""The results of a benchmark as a table for the terminal, as JSON, and as one HTML page that needs no network."""

from __future__ import annotations

import html
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from stellar_bench.latency import Summary
from stellar_bench.processes import Usage


@dataclass(frozen=True, slots=True)
class Result:
    """One service in one run. ``rows`` is how many objects one request carried."""

    service: str
    summary: Summary
    rows: int = 1
    usage: Usage | None = None
    error: str | None = None

    @property
    def rows_per_second(self) -> float:
        return self.summary.per_second * self.rows


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one run, with what one must know to read them."""

    results: Sequence[Result]
    settings: dict[str, Any]
    machine: dict[str, Any] = field(
        default_factory=lambda: {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        }
    )
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


def plain_grid(title: str | None = None) -> Table:
    """An empty table in the style of the benchmark's."""
    return Table(title=title, header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def table(report: Report) -> Table:
    """The side-by-side table, which fits a terminal of 80 columns."""
    grid = plain_grid(", ".join(f"{name} {value}" for name, value in report.settings.items()))
    many = any(result.rows > 1 for result in report.results)
    rate = "Rows/Sec" if many else "Req/Sec"
    grid.add_column("Service", no_wrap=True)
    for heading in ("Avg Time\n(ms)", "\np50", "\np95", "\np99", f"\n{rate}", "Success\nRate", "\nCPU", "\nMiB"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for result in report.results:
        if result.error is not None:
            continue
        summary, usage = result.summary, result.usage
        grid.add_row(
            result.service,
            *map(_time, (summary.mean_ms, summary.p50_ms, summary.p95_ms, summary.p99_ms)),
            f"{result.rows_per_second:,.0f}",
            f"{summary.success_rate:.2%}",
            f"{usage.cpu:.2f}" if usage else "",
            f"{usage.peak_mib:.0f}" if usage else "",
        )
    return grid


def _time(milliseconds: float) -> str:
    """Hundredths as long as they mean something: above that, digits would only take the room of others."""
    return f"{milliseconds:.2f}" if milliseconds < 100 else f"{milliseconds:,.0f}"


def to_json(report: Report) -> str:
    """The whole report, machine-readable."""
    results = [
        asdict(result)
        | {
            "per_second": result.summary.per_second,
            "rows_per_second": result.rows_per_second,
            "success_rate": result.summary.success_rate,
        }
        for result in report.results
    ]
    return json.dumps(
        {"made": report.made, "machine": report.machine, "settings": report.settings, "results": results}, indent=2
    )


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       background: #0b1020; color: #dbe4ff }
h1 { font-weight: 600 } table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid #26314f }
th:first-child, td:first-child { text-align: left } svg text { fill: #dbe4ff; font: 13px system-ui, sans-serif }
"""


def _bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> str:
    """A horizontal bar chart as inline SVG."""
    longest = max((value for _, value in values), default=0.0) or 1.0
    rows = []
    for place, (name, value) in enumerate(values):
        top = 34 * place
        width = 460 * value / longest
        rows.append(
            f'<text x="0" y="{top + 20}">{html.escape(name)}</text>'
            f'<rect x="170" y="{top + 5}" width="{width:.1f}" height="22" rx="4" fill="#6f8cff"/>'
            f'<text x="{178 + width:.1f}" y="{top + 20}">{value:,.2f} {unit}</text>'
        )
    return f'<h2>{title}</h2><svg viewBox="0 0 780 {34 * len(values)}" role="img">{"".join(rows)}</svg>'


def to_html(report: Report) -> str:
    """One self-contained page: the table and a chart each of latency and rate."""
    good = [result for result in report.results if result.error is None]
    head = "".join(
        f"<th>{name}</th>"
        for name in ("Service", "Avg Time (ms)", "p50", "p95", "p99", "Req/Sec", "Rows/Sec", "Success Rate")
    )
    body = "".join(
        f"<tr><td>{html.escape(result.service)}</td><td>{result.summary.mean_ms:.2f}</td>"
        f"<td>{result.summary.p50_ms:.2f}</td><td>{result.summary.p95_ms:.2f}</td><td>{result.summary.p99_ms:.2f}</td>"
        f"<td>{result.summary.per_second:,.0f}</td><td>{result.rows_per_second:,.0f}</td>"
        f"<td>{result.summary.success_rate:.2%}</td></tr>"
        for result in good
    )
    facts = ", ".join(f"{name}: {value}" for name, value in (report.settings | report.machine).items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Benchmark</title><style>{_STYLE}</style>'
        f"<h1>Benchmark</h1><p>{html.escape(facts)}</p><p>Made {report.made}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + _bars("Median latency", "ms", [(result.service, result.summary.p50_ms) for result in good])
        + _bars("99th percentile", "ms", [(result.service, result.summary.p99_ms) for result in good])
        + _bars("Requests a second", "", [(result.service, result.summary.per_second) for result in good])
        + "</html>\n"
    )


def write(report: Report, json_path: Path | None, html_path: Path | None) -> None:
    """Write what was asked for."""
    if json_path is not None:
        json_path.write_text(to_json(report) + "\n")
    if html_path is not None:
        html_path.write_text(to_html(report))
