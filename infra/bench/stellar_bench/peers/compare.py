"""All contenders at once, one connection each, in alternating rounds: whatever the machine does falls on all."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from stellar_bench.clients.base import Workload
from stellar_bench.latency import Summary
from stellar_bench.load import ServiceGoneError, closed_loop
from stellar_bench.peers.contender import AbsentError, Contender, Start
from stellar_bench.peers.ministack import ministack
from stellar_bench.peers.mlserver import mlserver
from stellar_bench.peers.ours import bare_uvicorn, no_server, ours
from stellar_bench.report import plain_grid
from stellar_bench.servers import ServerDidNotStartError

PEERS: Mapping[str, Start] = {
    "onnx": no_server,
    "uvicorn": bare_uvicorn,
    "mlserver": mlserver,
    "ministack": ministack,
}
FIRST_ANSWER_SECONDS = 60.0
FEWEST = 20  # requests of a round
ROUND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """Medians over the rounds. ``ratio`` is how many times the latency of our own service (``against``) this one is."""

    name: str
    p50_ms: float
    p95_ms: float
    per_second: float
    success_rate: float
    against: str
    ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured, and why some of it was not."""

    lines: list[Line]
    absent: dict[str, str]


async def compare(
    peers: Mapping[str, Start], workload: Workload, folder: Path, rounds: int, requests: int, say: Callable[[str], None]
) -> Comparison:
    """Start our own services and the peers, then measure all of them, round by round.

    A slow contender sends fewer requests a round, so that none takes longer than some ten seconds.
    """
    absent: dict[str, str] = {}
    contenders: list[Contender] = []
    with ExitStack() as stack:
        for name, start in {"ours": ours, **peers}.items():
            say(f"starting {name}")
            try:
                contenders += stack.enter_context(start(workload, folder))
            except (AbsentError, ServerDidNotStartError) as error:
                absent[name] = str(error).strip().splitlines()[-1]
        found: dict[str, list[Summary]] = {}
        shares = {contender.name: await _share(contender, requests) for contender in contenders}
        for number in range(rounds):
            for contender in contenders:
                say(f"round {number + 1} of {rounds}: {contender.name}")
                summary = await closed_loop(contender.opener, shares[contender.name], 1)
                found.setdefault(contender.name, []).append(summary)
    return Comparison(_lines(contenders, found), absent)


async def _share(contender: Contender, requests: int) -> int:
    """Warm it up, and say how many requests a round it gets. Raises ServiceGoneError."""
    await _first_answer(contender)
    seconds = (await closed_loop(contender.opener, FEWEST, 1)).p50_ms / 1000
    await closed_loop(contender.opener, max(FEWEST, min(requests, int(1 / seconds))), 1)
    return max(FEWEST, min(requests, int(ROUND_SECONDS / seconds)))


async def _first_answer(contender: Contender) -> None:
    """Some listen before they can answer. Raises ServiceGoneError."""
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline:
        session = await contender.opener()
        try:
            if await session.call(0):
                return
        except OSError:
            pass
        finally:
            await session.close()
        await asyncio.sleep(0.1)
    raise ServiceGoneError(f"{contender.name} gave no right answer within {FIRST_ANSWER_SECONDS:g} seconds")


def _lines(contenders: list[Contender], found: Mapping[str, list[Summary]]) -> list[Line]:
    def median(name: str, figure: Callable[[Summary], float]) -> float:
        return statistics.median(map(figure, found[name]))

    p50 = {contender.name: median(contender.name, lambda s: s.p50_ms) for contender in contenders}
    return [
        Line(
            name,
            p50[name],
            median(name, lambda s: s.p95_ms),
            median(name, lambda s: s.per_second),
            median(name, lambda s: s.success_rate),
            against,
            p50[name] / p50[against],
        )
        for name, against in ((contender.name, contender.against) for contender in contenders)
    ]


def table(comparison: Comparison) -> Table:
    """The side-by-side table."""
    grid = plain_grid()
    grid.add_column("Service")
    for heading in ("p50 (ms)", "p95 (ms)", "Req/Sec", "Success", "Latency, × ours"):
        grid.add_column(heading, justify="right")
    for line in comparison.lines:
        ratio = "" if line.name == line.against else f"{line.ratio:.2f} × {line.against}"
        grid.add_row(
            line.name,
            f"{line.p50_ms:.3f}",
            f"{line.p95_ms:.3f}",
            f"{line.per_second:,.0f}",
            f"{line.success_rate:.0%}",
            ratio,
        )
    return grid
