"""Proof that the event source mapping loses no record: ``python -m stellar_bench.esm_soak --records 200000``.

Real processes throughout: Apache Kafka, ``start-lambda`` with a function that writes each record to an output topic
and flushes before it returns, ``start-esm`` between them. While records flow, the function's process is killed with
SIGKILL ten times, the poller twice, and the broker once (or as often as asked for). Afterwards every input must have
at least one output, the first outputs of each key must be in the order of the inputs, and all of the input must be
committed. At each death of the poller, whatever was committed by then must have been put out by then.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import orjson
import psutil
from confluent_kafka import Consumer, Producer, TopicPartition

from stellar_bench.esm_outputs import OUTPUT, PARTITIONS, Outputs, SoakError
from stellar_local_stack.kafka import ApacheBroker, Topic, create_topics

INPUT, GROUP = "soak_input", "soak"
KEYS = 500

FOLDER = Path(__file__).with_name("soak")


@dataclass
class Report:
    """What a run came to. Rates are in records a second, over the whole run with its disturbances."""

    records: int = 0
    outputs: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    function_kills: int = 0
    poller_kills: int = 0
    broker_restarts: int = 0
    poller_peak_mb: float = 0.0
    events: list[str] = field(default_factory=list)


class Soak:
    """One run. ``say`` gets a line whenever something happens."""

    def __init__(self, records: int, folder: Path, broker: ApacheBroker, say: Callable[[str], None]) -> None:
        self.report = Report(records=records)
        self._folder = folder
        self._broker = broker
        self._say = say
        self._began = time.monotonic()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._outputs = Outputs(broker)
        self._produced = 0
        self._random = random.Random(7)

    def run(self, function_kills: int, poller_kills: int, broker_restarts: int, deadline_seconds: float) -> Report:
        """Raises SoakError."""
        endpoint = self._start_lambda()
        self._start_poller(endpoint)
        self._began = time.monotonic()
        acts = ["function"] * function_kills + ["poller"] * poller_kills + ["broker"] * broker_restarts
        self._random.shuffle(acts)
        # A share of the records is written before each act and one after the last, so that there is work at each.
        shares = len(acts) + 1
        for number, act in enumerate([*acts, None], 1):
            begun = self._outputs.distinct
            self._produce(self.report.records * number // shares)
            self._wait_for(begun + 1 if act else self.report.records, deadline_seconds)
            if act:
                self._disturb(act, endpoint)
        self.report.seconds = round(time.monotonic() - self._began, 1)
        self.report.rate = round(self.report.records / self.report.seconds)
        self._finish()
        return self.report

    def stop(self) -> None:
        for name in list(self._processes):
            self._end(name, signal.SIGTERM)
        self._outputs.close()

    def _produce(self, end: int) -> None:
        """Write the records that come before the one with this number."""
        producer = Producer({**self._broker.client_config(), "linger.ms": 20})
        for number in range(self._produced, end):
            while True:
                try:
                    producer.produce(INPUT, key=f"key-{number % KEYS}".encode(), value=f'{{"n": {number}}}'.encode())
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush()
        self._note(f"{end - self._produced} records written to {PARTITIONS} partitions")
        self._produced = end

    def _wait_for(self, distinct: int, deadline_seconds: float) -> None:
        while self._outputs.distinct < distinct:
            if time.monotonic() - self._began > deadline_seconds:
                raise SoakError(f"{self._produced - self._outputs.distinct} records are still missing")
            self._outputs.read()
            self._measure()

    def _disturb(self, act: str, endpoint: str) -> None:
        self._note(f"{act} killed at {self._outputs.distinct} records")
        if act == "function":
            self.report.function_kills += 1
            self._kill_function()
        elif act == "poller":
            self.report.poller_kills += 1
            self._end("poller", signal.SIGKILL)
            self._check_commits()
            self._start_poller(endpoint)
        else:
            self.report.broker_restarts += 1
            self._broker.kill()
            self._broker.start()

    def _kill_function(self) -> None:
        """SIGKILL to one of the processes that run the handler."""
        runtime = psutil.Process(self._processes["lambda"].pid)
        running = [each for each in runtime.children(recursive=True) if "awslambdaric" in " ".join(each.cmdline())]
        if not running:
            raise SoakError("no process of the function was found")
        self._random.choice(running).kill()

    def _check_commits(self) -> None:
        """Nothing may be committed that was not put out before."""
        committed = self._committed()
        self._outputs.read_to_end()
        for partition, offset in committed.items():
            if missing := self._outputs.missing(partition, offset):
                raise SoakError(f"partition {partition}: committed {offset}, but {missing[:5]} were never put out")

    def _finish(self) -> None:
        """All is put out: it must soon be committed as well, and the order must have held."""
        deadline = time.monotonic() + 30
        while sum(self._committed().values()) < self.report.records:
            if time.monotonic() > deadline:
                raise SoakError(f"only {self._committed()} were committed")
            time.sleep(0.2)
        self._outputs.read_to_end()
        self._outputs.check_order()
        self.report.outputs = self._outputs.total
        self.report.duplicates = self._outputs.total - self._outputs.distinct

    def _committed(self) -> dict[int, int]:
        consumer = Consumer({**self._broker.client_config(), "group.id": GROUP})
        try:
            places = [TopicPartition(INPUT, partition) for partition in range(PARTITIONS)]
            return {each.partition: max(0, each.offset) for each in consumer.committed(places, timeout=30)}
        finally:
            consumer.close()

    def _start_lambda(self) -> str:
        options = ["--warm-containers", "EAGER", "--no-watch", "--shared-environment"]
        log = self._start("lambda", "start-lambda", "--port", "0", *options)
        return log.partition(" * Running on ")[2].split()[0]

    def _start_poller(self, endpoint: str) -> None:
        self._start("poller", "start-esm", "--lambda-endpoint", endpoint, "--metrics-port", "0")

    def _start(self, name: str, *arguments: str) -> str:
        """Start a command of the emulator and wait until it is ready; what it wrote."""
        path = self._folder / f"{name}-{time.monotonic_ns()}.log"
        with path.open("wb") as output:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "lambda_emulator", *arguments],
                cwd=FOLDER,
                env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": self._broker.bootstrap_servers},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while "Press CTRL+C" not in (text := path.read_text(errors="replace")):
            if self._processes[name].poll() is not None or time.monotonic() > deadline:
                raise SoakError(f"{name} did not start:\n{text}")
            time.sleep(0.02)
        return text

    def _end(self, name: str, number: int) -> None:
        process = self._processes.pop(name)
        process.send_signal(number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _measure(self) -> None:
        memory = psutil.Process(self._processes["poller"].pid).memory_info().rss / 1e6
        self.report.poller_peak_mb = round(max(self.report.poller_peak_mb, memory), 1)

    def _note(self, text: str) -> None:
        line = f"{time.monotonic() - self._began:6.1f} s  {text}"
        self.report.events.append(line)
        self._say(line)


@contextmanager
def soak(records: int, say: Callable[[str], None]) -> Iterator[Soak]:
    """A run that is ready to begin; everything it starts is ended."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name, ApacheBroker(say=say) as broker:
        create_topics(broker.client_config(), [Topic(INPUT, PARTITIONS), Topic(OUTPUT, PARTITIONS)])
        made = Soak(records, Path(name), broker, say)
        try:
            yield made
        finally:
            made.stop()


@click.command()
@click.option("--records", default=200_000, show_default=True)
@click.option("--function-kills", default=10, show_default=True)
@click.option("--poller-kills", default=2, show_default=True)
@click.option("--broker-restarts", default=1, show_default=True)
@click.option("--deadline", default=600.0, show_default=True, help="Seconds after which the run has failed.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def main(
    records: int, function_kills: int, poller_kills: int, broker_restarts: int, deadline: float, as_json: bool
) -> None:
    """Send records through the event source mapping while its parts are killed, and count what comes out."""

    def say(line: str) -> None:
        click.echo(line, err=True)

    with soak(records, say) as run:
        try:
            report = run.run(function_kills, poller_kills, broker_restarts, deadline)
        except SoakError as error:
            raise click.ClickException(str(error)) from None
    content: dict[str, Any] = asdict(report)
    click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() if as_json else _text(report))


def _text(report: Report) -> str:
    return (
        f"{report.records} records, {report.outputs} outputs: none lost, order within keys held, "
        f"{report.duplicates} duplicates ({report.duplicates / report.records:.2%})\n"
        f"{report.seconds} s, {report.rate:.0f} records/s, with {report.function_kills} kills of the function, "
        f"{report.poller_kills} of the poller, {report.broker_restarts} of the broker; "
        f"the poller took {report.poller_peak_mb:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
