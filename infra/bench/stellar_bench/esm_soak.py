"""Proof that the event source mapping loses no record: ``python -m stellar_bench.esm_soak --records 1000000``.

Real processes throughout: Apache Kafka, ``start-lambda`` with a function that writes each record to an output topic
and flushes before it returns, several ``start-esm`` in one group between them. While records flow, processes are
killed with SIGKILL (the function's, a poller, both together, the broker) and the topic gains partitions, all spread
over the whole run. Whoever is killed has been seen at work just before.

Afterwards every input must have an output, the first outputs of each key must be in the order of the inputs, and of
every partition exactly what there is must be committed. At each death of a poller, whatever was committed by then
must have been put out by then.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import orjson
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from stellar_bench.esm_outputs import PARTITIONS, Outputs, SoakError, behind
from stellar_bench.esm_soak_processes import EMULATOR, Processes
from stellar_local_stack.kafka import ApacheBroker, Topic, create_topics

KEYS = 500
SEED = 7
"""Of the order in which things are done."""
GROWTH = 2  # partitions more
_AHEAD = 20_000  # records at most that are written before they are due, so that nobody is ever idle
_CHUNK = 1_000
_STILL_SECONDS = 20.0  # after which it is looked whether anything can still come


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, and how often what is done to it."""

    records: int = 1_000_000  # at least; they go on to come until everything was done
    pollers: int = 3
    function_kills: int = 12
    poller_kills: int = 8
    both_kills: int = 5
    broker_restarts: int = 2
    growths: int = 3

    def acts(self, chance: random.Random) -> list[tuple[int, str]]:
        """What is done, and once how many records are through: spread over the whole run, in a mixed order."""
        names = {
            "function": self.function_kills,
            "poller": self.poller_kills,
            "both": self.both_kills,
            "broker": self.broker_restarts,
            "growth": self.growths,
        }
        acts = [name for name, number in names.items() for _ in range(number)]
        chance.shuffle(acts)
        return [(int(self.records * (place + 0.5) / len(acts)), act) for place, act in enumerate(acts)]


_DEFAULT = Plan()


@dataclass
class Report:
    """What a run came to. Rates are in records a second, over the whole run with its disturbances."""

    records: int = 0
    outputs: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    poller_peak_mb: float = 0.0
    partitions: int = PARTITIONS
    acts: list[tuple[int, str]] = field(default_factory=list)
    """What was done, and how many records were through by then."""


class Soak:
    """One run on topics of its own. ``say`` gets a line whenever something happens."""

    def __init__(
        self,
        plan: Plan,
        broker: ApacheBroker,
        folder: Path,
        say: Callable[[str], None],
        *,
        name: str = "soak",
        poller: Sequence[str] = EMULATOR,
        seed: int = SEED,
    ) -> None:
        self.report = Report(records=plan.records)
        self._plan = plan
        self._broker = broker
        self._say = say
        self._input, self._group = f"{name}_input", name
        create_topics(broker.client_config(), [Topic(self._input, PARTITIONS), Topic(f"{name}_output", PARTITIONS)])
        environment = {"KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers, "SOAK_OUTPUT": f"{name}_output"}
        parameters = [f"InputTopic={self._input}", f"Group={name}"]
        self._processes = Processes(folder, environment, parameters, poller)
        self._outputs = Outputs(broker, f"{name}_output")
        fast = {"linger.ms": 20, "enable.idempotence": True, "topic.metadata.refresh.interval.ms": 1000}
        self._producer = Producer({**broker.client_config(), **fast, "log_level": 0})
        self._began = time.monotonic()
        self._produced = 0
        self._acting = True
        self._random = random.Random(seed)

    def run(self, still_seconds: float = 300.0) -> Report:
        """Raises SoakError, also if nothing goes on for so long."""
        self._processes.start_lambda()
        for number in range(self._plan.pollers):
            self._processes.start_poller(f"poller-{number}")
        self._began = time.monotonic()
        for due, act in self._plan.acts(self._random):
            self._go_on_to(due, still_seconds)
            self._do(act)
        self._acting = False
        self.report.records = max(self._plan.records, self._produced)
        self._go_on_to(self.report.records, still_seconds)
        self.report.seconds = round(time.monotonic() - self._began, 1)
        self.report.rate = round(self.report.records / self.report.seconds)
        self._finish()
        return self.report

    def stop(self) -> None:
        self._processes.stop()
        self._outputs.close()

    def _go_on_to(self, distinct: int, still_seconds: float) -> None:
        """Write records, always some ahead, and read outputs until so many inputs are through."""
        before, changed = self._outputs.distinct, time.monotonic()
        while (now := self._outputs.distinct) < distinct:
            if now != before:
                before, changed = now, time.monotonic()
            still = time.monotonic() - changed
            if still > _STILL_SECONDS and self._produced == self.report.records and not self._acting:
                self._check_lost()
            if still > still_seconds:
                raise SoakError(f"nothing goes on: {self._produced - now} records are still missing")
            self._advance()

    def _advance(self) -> None:
        """Write some records and read outputs. As long as something is still to be done, there is always more to come.

        Otherwise a busy machine would be through with all of them before anybody is killed, who would then be idle.
        """
        ahead = self._outputs.distinct + min(_AHEAD, self._plan.records)
        end = min(ahead, self._produced + _CHUNK)
        if not self._acting:
            end = min(end, self.report.records)
        while self._produced < end:
            number = self._produced
            try:
                self._producer.produce(self._input, key=f"key-{number % KEYS}".encode(), value=b'{"n": %d}' % number)
                self._produced += 1
            except BufferError:
                self._producer.poll(0.1)
        self._producer.poll(0)
        self._outputs.read()
        self.report.poller_peak_mb = round(max(self.report.poller_peak_mb, self._processes.memory_mb()), 1)

    def _do(self, act: str) -> None:
        if act == "growth":
            self._grow()
        elif act == "broker":
            self._broker.kill()
            self._broker.start()
        else:
            poller = None
            if act != "function":
                poller = self._processes.poller_at_work(self._processes.pollers, self._advance)
            if act != "poller":
                self._processes.function_at_work(lambda: self._outputs.writers, self._advance).kill()
            if poller is not None:
                self._processes.kill_poller(poller)
                self._check_commits()
                self._processes.start_poller(poller)
        self.report.acts.append((self._outputs.distinct, act))
        self._say(f"{time.monotonic() - self._began:6.1f} s  {act} after {self._outputs.distinct} records")

    def _grow(self) -> None:
        self.report.partitions += GROWTH
        wanted = NewPartitions(self._input, self.report.partitions)
        admin = AdminClient({**self._broker.client_config(), "log_level": 0})
        admin.create_partitions([wanted], operation_timeout=60, request_timeout=180)[self._input].result()

    def _check_commits(self) -> None:
        """Nothing may be committed that was not put out before."""
        committed = self._committed(self._ends())
        self._outputs.read_to_end()
        self._outputs.check_not_ahead(committed)

    def _check_lost(self) -> None:
        """Where all is committed, nothing can come any more: what is missing is lost."""
        self._producer.flush()
        ends = self._ends()
        committed = self._committed(ends)
        if not list(behind(ends, committed)):
            self._outputs.read_to_end()
            self._outputs.check_whole(ends, committed)

    def _finish(self) -> None:
        """All is put out: it must soon be committed as well, and the order must have held."""
        self._producer.flush()
        ends = self._ends()
        if sum(ends.values()) != self.report.records:
            raise SoakError(f"{self.report.records} records were written, but the topic has {sum(ends.values())}")
        deadline = time.monotonic() + 120
        while list(behind(ends, self._committed(ends))) and time.monotonic() < deadline:
            time.sleep(0.2)
        self._processes.stop()  # what is committed now is what stays
        self._outputs.read_to_end()
        self._outputs.check_whole(ends, self._committed(ends))
        self._outputs.check_order()
        self.report.outputs = self._outputs.total
        self.report.duplicates = self._outputs.total - self._outputs.distinct

    def _ends(self) -> dict[int, int]:
        """The end of each partition that there is."""
        with self._consumer() as consumer:
            partitions = consumer.list_topics(self._input, timeout=60).topics[self._input].partitions
            places = [TopicPartition(self._input, partition) for partition in partitions]
            return {each.partition: consumer.get_watermark_offsets(each, timeout=60)[1] for each in places}

    def _committed(self, partitions: dict[int, int]) -> dict[int, int]:
        with self._consumer() as consumer:
            places = [TopicPartition(self._input, partition) for partition in partitions]
            deadline = time.monotonic() + 120
            while True:
                try:
                    return {each.partition: max(0, each.offset) for each in consumer.committed(places, timeout=60)}
                except KafkaException:  # the coordinator of groups is still on its way
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.2)

    @contextmanager
    def _consumer(self) -> Iterator[Consumer]:
        consumer = Consumer({**self._broker.client_config(), "group.id": self._group, "log_level": 0})
        try:
            yield consumer
        finally:
            consumer.close()


@contextmanager
def soak(plan: Plan, say: Callable[[str], None]) -> Iterator[Soak]:
    """A run that is ready to begin; everything it starts is ended."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name, ApacheBroker(say=say) as broker:
        made = Soak(plan, broker, Path(name), say)
        try:
            yield made
        finally:
            made.stop()


@click.command()
@click.option("--records", type=int, default=_DEFAULT.records, show_default=True)
@click.option(
    "--pollers", type=int, default=_DEFAULT.pollers, show_default=True, help="Processes of start-esm in one group."
)
@click.option("--function-kills", type=int, default=_DEFAULT.function_kills, show_default=True)
@click.option("--poller-kills", type=int, default=_DEFAULT.poller_kills, show_default=True)
@click.option(
    "--both-kills", type=int, default=_DEFAULT.both_kills, show_default=True, help="Function and poller together."
)
@click.option("--broker-restarts", type=int, default=_DEFAULT.broker_restarts, show_default=True)
@click.option(
    "--growths", type=int, default=_DEFAULT.growths, show_default=True, help="How often the topic gains partitions."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def main(as_json: bool, **numbers: int) -> None:
    """Send records through the event source mapping while its parts are killed, and count what comes out."""

    def say(line: str) -> None:
        click.echo(line, err=True)

    with soak(Plan(**numbers), say) as run:
        try:
            report = run.run()
        except SoakError as error:
            raise click.ClickException(str(error)) from None
    click.echo(orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2).decode() if as_json else _text(report))


def _text(report: Report) -> str:
    names = [act for _, act in report.acts]
    acts = ", ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))
    return (
        f"{report.records} records, {report.outputs} outputs: none lost, order within keys held, "
        f"{report.duplicates} duplicates ({report.duplicates / report.records:.2%})\n"
        f"{report.seconds} s, {report.rate:.0f} records/s, with {len(report.acts)} disturbances ({acts}); "
        f"{report.partitions} partitions at the end; a poller took {report.poller_peak_mb:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
