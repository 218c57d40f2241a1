"""The broker of ``stellar up``: started again if it ends, and its data kept as long as somebody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from stellar_local_stack.children import ChildEndedError, Children, Starts
from stellar_local_stack.kafka import BrokerError, BrokerProcess, create_topics, new_broker
from stellar_local_stack.kafka.backlog import Reader, backlog
from stellar_local_stack.kafka.jars import Say
from stellar_local_stack.local_data import LocalData

NAME = "kafka"


@asynccontextmanager
async def kafka(
    kind: str, children: Children, port: int, data: LocalData | None, find_reader: Callable[[], Reader | None]
) -> AsyncIterator[Path]:
    """A broker with the project's topics; a file of the settings that suit its consumers.

    ``find_reader`` tells the group whose unprocessed records are not thrown away at the end. Raises BrokerError.
    """
    say = partial(children.log, NAME)
    broker = new_broker(kind, port, say, data=data.kafka if data is not None else None)
    service = _Service(broker, children)
    started = False
    try:
        await asyncio.to_thread(broker.start)
        started = True
        watching = asyncio.create_task(service.watch())
        await asyncio.to_thread(create_topics, broker.client_config())
        settings = children.folder / "kafka.properties"
        settings.write_text("".join(f"{name}={value}\n" for name, value in broker.consumer_config.items()))
        yield settings
    finally:
        service.wanted = False
        if started and kind == "apache" and data is not None and not data.is_kept:
            await asyncio.to_thread(_keep_what_waits, broker, find_reader(), data, say)
        await asyncio.to_thread(broker.close)
        if started:
            await watching


class _Service:
    """Watches one broker. ``wanted`` is False once its end is no accident."""

    def __init__(self, broker: BrokerProcess, children: Children) -> None:
        self.wanted = True
        self._broker = broker
        self._children = children

    async def watch(self) -> None:
        """Start the broker again whenever it ends, unless it does so again and again."""
        starts = Starts()
        while True:
            how = await asyncio.to_thread(self._broker.wait)
            if not self.wanted:
                return
            if not starts.another():
                self._children.fail(ChildEndedError(how))
                return
            lost = " Its records were in memory, and are gone." if self._broker.kind == "embedded" else ""
            self._children.log(NAME, f"{how.splitlines()[0]} It is started again.{lost}")
            try:
                await asyncio.to_thread(self._restart)
            except BrokerError as error:
                if self.wanted:
                    self._children.fail(ChildEndedError(str(error)))
                return

    def _restart(self) -> None:
        self._broker.restart()
        create_topics(self._broker.client_config())


def _keep_what_waits(broker: BrokerProcess, reader: Reader | None, data: LocalData, say: Say) -> None:
    """Keep the data folder if records in it wait for their reader, or if nobody can tell."""
    if reader is None:
        return
    waiting = backlog(broker.client_config(), reader)
    if waiting != 0:
        number = "an unknown number of" if waiting is None else f"{waiting:,}"
        data.keep()
        say(f"Of {reader.topic}, {number} records are not processed yet; their data is kept in {data.folder}.")
        say(f"Go on with them: stellar up --kafka apache --keep-data {data.folder}")
