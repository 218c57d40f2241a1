"""The local runtime against its floor: the same FastAPI app on bare uvicorn, and a bare import of the function.

Both servers run at once and are measured in alternating rounds, so whatever else the machine does falls on both.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stellar_bench.http_client import Connection, prepare
from stellar_bench.latency import Summary
from stellar_bench.load import Opener, Session, closed_loop
from stellar_bench.servers import serve
from stellar_local_stack.ports import free_ports

TRIVIAL = Path(__file__).with_name("trivial")
INIT_DURATION = re.compile(rb"Init Duration: ([0-9.]+) ms")


@dataclass(frozen=True, slots=True)
class WarmComparison:
    """Medians over the rounds. Latencies with one connection in milliseconds, rates with eight connections."""

    runtime_p50_ms: float
    runtime_p99_ms: float
    runtime_per_second: float
    floor_p50_ms: float
    floor_p99_ms: float
    floor_per_second: float

    @property
    def ratio(self) -> float:
        """How many times the floor's median latency the runtime's is."""
        return self.runtime_p50_ms / self.floor_p50_ms

    @property
    def overhead(self) -> float:
        """How many times the floor's median latency the runtime adds to it."""
        return self.ratio - 1


@dataclass(frozen=True, slots=True)
class ColdComparison:
    """Medians, in milliseconds: the runtime's Init Duration, and ``python -c "import app"`` of the same function."""

    init_ms: float
    import_ms: float

    @property
    def ratio(self) -> float:
        return self.init_ms / self.import_ms


class _Get:
    """A session that gets ``/`` again and again."""

    def __init__(self, connection: Connection, request: bytes) -> None:
        self._connection = connection
        self._request = request

    async def call(self, index: int) -> bool:
        return (await self._connection.send(self._request)).status == 200

    async def close(self) -> None:
        self._connection.close()


def _opener(port: int) -> Opener:
    request = prepare("GET", f"http://127.0.0.1:{port}/")

    async def open_session() -> Session:
        return _Get(await Connection.open("127.0.0.1", port), request)

    return open_session


async def _rounds(runtime_port: int, floor_port: int, rounds: int, requests: int) -> WarmComparison:
    single: dict[int, list[Summary]] = {runtime_port: [], floor_port: []}
    eight: dict[int, list[Summary]] = {runtime_port: [], floor_port: []}
    for port in single:
        await closed_loop(_opener(port), requests, 8)
    for _ in range(rounds):
        for port in single:
            single[port].append(await closed_loop(_opener(port), requests, 1))
            eight[port].append(await closed_loop(_opener(port), 2 * requests, 8))

    if any(summary.success_rate < 1 for measured in (single, eight) for s in measured.values() for summary in s):
        raise RuntimeError("some requests failed: the figures would mean nothing")

    def median(summaries: list[Summary], figure: Callable[[Summary], float]) -> float:
        return statistics.median(figure(summary) for summary in summaries)

    return WarmComparison(
        runtime_p50_ms=median(single[runtime_port], lambda s: s.p50_ms),
        runtime_p99_ms=median(single[runtime_port], lambda s: s.p99_ms),
        runtime_per_second=median(eight[runtime_port], lambda s: s.per_second),
        floor_p50_ms=median(single[floor_port], lambda s: s.p50_ms),
        floor_p99_ms=median(single[floor_port], lambda s: s.p99_ms),
        floor_per_second=median(eight[floor_port], lambda s: s.per_second),
    )


def compare_warm(rounds: int = 5, requests: int = 1000) -> WarmComparison:
    """Warm round trips of the smallest FastAPI function, through the runtime and on bare uvicorn."""
    import uvloop

    runtime_port, floor_port = free_ports(2)
    runtime = [sys.executable, "-m", "lambda_emulator", "start-api", "-t", str(TRIVIAL / "template.yaml")]
    runtime += ["-p", str(runtime_port), "--warm-containers", "EAGER", "--shared-environment"]
    floor = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(floor_port)]
    floor += ["--no-access-log", "--log-level", "warning"]
    with (
        tempfile.TemporaryDirectory() as logs,
        serve(runtime, runtime_port, Path(logs, "runtime.log")),
        serve(floor, floor_port, Path(logs, "floor.log"), cwd=TRIVIAL),
    ):
        return uvloop.run(_rounds(runtime_port, floor_port, rounds, requests))


def compare_cold(template: Path, function: str, code_dir: Path, path: list[Path], rounds: int = 5) -> ColdComparison:
    """Cold starts of one function of ``template``, against importing its module in a fresh interpreter.

    ``path`` is what the import needs besides ``code_dir``: the layers' folders.
    """
    inits, imports = [], []
    environment = {
        "PYTHONPATH": ":".join(map(str, (code_dir, *path))),
        "PATH": "/usr/bin:/bin",
        "POWERTOOLS_TRACE_DISABLED": "true",  # as in the template: X-Ray's SDK would be imported otherwise
    }
    for _ in range(rounds):
        started = time.perf_counter()
        bare = [sys.executable, "-c", "import app"]
        subprocess.run(bare, cwd=code_dir, env=environment, stdout=subprocess.DEVNULL, check=True)
        imports.append((time.perf_counter() - started) * 1000)
        command = [sys.executable, "-m", "lambda_emulator", "invoke", function, "--no-event", "-t", str(template)]
        printed = subprocess.run(command, capture_output=True, check=False).stderr
        found = INIT_DURATION.search(printed)
        if found is None:
            raise RuntimeError(f"no Init Duration in what the invocation printed:\n{printed[-2000:].decode()}")
        inits.append(float(found[1]))
    return ColdComparison(statistics.median(inits), statistics.median(imports))
