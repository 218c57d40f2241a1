"""The benchmark's table."""

from __future__ import annotations

import io

from rich.console import Console

from stellar_bench.latency import Summary
from stellar_bench.processes import Usage
from stellar_bench.report import Report, Result, table


def test_slow_and_large_figures_fit_80_columns_too() -> None:
    quick = Summary(200, 200, 2.0, 39.27, 36.44, 66.05, 78.37, 90.0)
    slow = Summary(200, 199, 600.0, 2529.57, 1581.76, 16208.8, 29109.3, 30000.0)
    results = [Result("REST", quick, 1000, Usage(1.56, 1219.0)), Result("gRPC stream", slow, 1000, Usage(1.16, 525.0))]
    file = io.StringIO()
    console = Console(file=file, width=80)
    console.print(table(Report(results, {"requests": 200})))
    printed = file.getvalue()
    assert "…" not in printed
    for figure in ("39.27", "100,000", "1219", "2,530", "29,109", "99.50%"):
        assert figure in printed
