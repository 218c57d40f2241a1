"""What ``stellar up`` shows: the table of addresses, then one tidy line for whatever happens.

Rich styles what comes once; a line that comes with every request is put together as plain bytes, and all are written by
a thread of their own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from lambda_emulator.cli.console import Console as Writer
from lambda_emulator.cli.console import RequestLog
from stellar_local_stack.kafka import KINDS

if TYPE_CHECKING:
    from stellar_local_stack.ports import Ports

_PLATFORM = re.compile(rb"(START|END|REPORT|INIT_START|INIT_REPORT)\b.*")
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue")
_EXAMPLE = (
    '{"features": {"obj_ID": 1237663784734294016.0, "alpha": 135.689, "delta": 32.494, "u": 23.87882, "g": 22.2753, '
    '"r": 20.39398, "i": 19.16763, "z": 18.79371, "run_ID": 3606, "cam_col": 4, "field_ID": 587, '
    '"spec_obj_ID": 6.543777825301504e17, "redshift": 0.644, "plate": 5812, "MJD": 56354, "fiber_ID": 171}}'
)


def print_addresses(console: Console, rows: Sequence[tuple[str, str, str]]) -> None:
    """Name, address and note of each server in columns. Nothing is cut, however narrow the terminal is."""
    names, addresses = (max(len(row[column]) for row in rows) + 3 for column in (0, 1))
    for name, address, note in rows:
        line = Text.assemble((name.ljust(names), "bold"), address.ljust(addresses), (note, "dim"))
        line.rstrip()
        console.print(line, soft_wrap=True)


class _Lines(logging.Handler):
    """Log records as lines of a screen."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        for line in record.getMessage().splitlines():
            self._screen.line("lambda", line)


class Screen:
    """Styles for one terminal, writes through ``writer``. ``verbose`` keeps Lambda's START, END and REPORT lines."""

    def __init__(self, console: Console, writer: Writer, *, verbose: bool = False) -> None:
        self._console = console
        self._writer = writer
        self._verbose = verbose
        self._marks: dict[str, str] = {}
        self.requests = RequestLog(writer, self._mark("http"))
        """One line for each request to the HTTP API."""

    def ready(self, ports: Ports, broker: str, seconds: float, issuer: str = "") -> None:
        """The addresses, and one call to try; ``issuer`` is where callers' tokens come from, if they need any."""
        rows = [
            ("Page", ports.page_url, "classify, and watch the stream"),
            ("REST", f"{ports.http_url}/predict", "and /docs"),
            ("GraphQL", f"{ports.http_url}/graphql", "GraphiQL in a browser"),
            ("gRPC", ports.grpc_address, "with reflection"),
            ("Kafka", ports.kafka_address, f"{broker}: {KINDS[broker]}"),
            ("Lambda API", ports.lambda_url, "boto3, aws --endpoint-url"),
            ("S3", ports.s3_url, "moto"),
            ("metrics", f"{ports.metrics_url}/metrics", "Kafka mapping; stellar esm status"),
        ]
        bearer = ""
        if issuer:
            rows.append(("tokens", issuer, "stellar auth token --role predictor; the page: stellar auth code"))
            bearer = f' -H "authorization: Bearer $(stellar auth token --role predictor --issuer {issuer})"'
        with self._console.capture() as captured:
            self._console.print(f"\nReady in {seconds:.1f} s. Press CTRL+C to quit.\n")
            print_addresses(self._console, rows)
            self._console.print("\nTry:\n")
            # Plain, unwrapped: it is there to be copied.
            call = f"curl -s {ports.http_url}/predict -H 'content-type: application/json'{bearer} -d '{_EXAMPLE}'\n"
            self._console.out(call, highlight=False)
        self._writer.write(captured.get().encode(errors="replace"))

    def follow(self, logger: logging.Logger) -> None:
        """Show what a logger says: what is being installed, and what went wrong."""
        logger.setLevel(logging.INFO)
        logger.addHandler(_Lines(self))

    def server(self, name: str, line: str) -> None:
        """One line of a server's output; S3's access log only if wanted."""
        if self._verbose or name != "s3":
            self.line(name, line)

    def line(self, name: str, line: str) -> None:
        """One line, after the name of what it comes from."""
        self._writer.line(self._mark(name) + line)

    def warn(self, text: str) -> None:
        """A line of the command itself."""
        self.line("up", text)

    def function(self, name: str, lines: bytes) -> None:
        """What a function wrote."""
        for line in lines.splitlines():
            if line.strip() and (self._verbose or not _PLATFORM.match(line)):
                self.line(name, line.decode(errors="replace"))

    def _mark(self, name: str) -> str:
        """The name in its colour, as the terminal takes it."""
        if name not in self._marks:
            colour = _COLOURS[len(self._marks) % len(_COLOURS)]
            with self._console.capture() as captured:
                self._console.print(Text(f"{name:<16}", colour), end="", soft_wrap=True)
            self._marks[name] = captured.get()
        return self._marks[name]
