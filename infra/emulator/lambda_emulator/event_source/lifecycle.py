"""The life of an event source mapping, whatever it reads from: its states and its transitions."""

from __future__ import annotations

import abc
import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from lambda_emulator.event_source.metrics import MappingMetrics, Metrics

_LOG = logging.getLogger(__name__)


class State(StrEnum):
    """The states of "Event source mapping lifecycle".

    Creating → Enabled or Disabled. Enabled → Disabling → Disabled → Enabling → Enabled. Either → Updating and back.
    Any → Deleting, and then it is gone. A template's mapping that AWS would refuse is Failed, until it is updated.
    """

    CREATING = "Creating"
    ENABLING = "Enabling"
    ENABLED = "Enabled"
    DISABLING = "Disabling"
    DISABLED = "Disabled"
    UPDATING = "Updating"
    DELETING = "Deleting"
    FAILED = "Failed"


SETTLED = frozenset({State.ENABLED, State.DISABLED, State.FAILED})


@dataclass(frozen=True, slots=True)
class Target:
    """The function of a mapping: how it is called, its ARN, and its timeout in seconds."""

    name: str
    arn: str
    timeout: int = 0


class SourceConfig(Protocol):
    """What every kind of mapping is configured by."""

    @property
    def enabled(self) -> bool: ...
    @property
    def source_name(self) -> str:
        """The topic or queue."""

    @property
    def event_source_arn(self) -> str | None: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


C = TypeVar("C", bound=SourceConfig)


class SourceMapping(abc.ABC, Generic[C]):
    """A mapping at work. ``uuid`` names it to the API, ``name`` to people.

    Its transitions run in the background, one at a time; ``settled`` waits for the present one.
    """

    def __init__(
        self, uuid: str, name: str, target: Target, config: C, metrics: Metrics, *, refusal: str | None = None
    ) -> None:
        self.uuid = uuid
        self.name = name
        self.target = target
        self.config = config
        self.refusal = refusal
        """Why it is Failed, if it is: what is wrong with its configuration."""
        self.state = State.CREATING
        self.modified = time.time()
        self._all_metrics = metrics
        self._reset_metrics()
        self._work: asyncio.Task[None] | None = None
        self._transition = asyncio.create_task(self._enter())

    @property
    def last_result(self) -> str:
        """``LastProcessingResult``."""
        return self.metrics.last_result

    async def settled(self) -> None:
        """Wait until the mapping is Enabled, Disabled, Failed or gone."""
        transition = self._transition
        await asyncio.wait({transition})
        if not transition.cancelled():  # by ``stop``, which is an end too
            transition.result()

    def change(self, target: Target, config: C) -> None:
        """Go on with another configuration, in the background."""
        if config.enabled == self.config.enabled:
            self.state = State.UPDATING
        else:
            self.state = State.ENABLING if config.enabled else State.DISABLING
        self.modified = time.time()
        self._transition = asyncio.create_task(self._replace(target, config))

    def delete(self) -> asyncio.Task[None]:
        """Stop for good, in the background."""
        self.state = State.DELETING
        self._transition = asyncio.create_task(self.stop())
        return self._transition

    async def stop(self) -> None:
        """Let batches on their way end, and give up the source.

        Called again, or while pollers drain for another reason, it waits for the same pollers.
        """
        running = {task for task in (self._transition, self._work) if task is not None and not task.done()}
        running -= {asyncio.current_task()}
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)  # unlike awaiting them, this raises only where the caller itself is cancelled
        self._work = None
        await self._end_pollers()

    @abc.abstractmethod
    async def _run(self, tried: asyncio.Event) -> None:
        """Poll, until cancelled. ``tried`` is set once the source has been looked for."""

    @abc.abstractmethod
    async def _end_pollers(self) -> None:
        """Have every poller drain, and wait for it."""

    def _reset_metrics(self) -> None:
        self.metrics = MappingMetrics(self._all_metrics, self.name, self.target.name, self.config.source_name)

    async def _replace(self, target: Target, config: C) -> None:
        await self.stop()
        self.target, self.config, self.refusal = target, config, None
        self._reset_metrics()
        await self._enter()

    async def _enter(self) -> None:
        """Come to Enabled or Disabled. A source that is not there keeps no mapping from being Enabled, as on AWS."""
        if self.refusal is None and not self.config.enabled:
            self.state = State.DISABLED
            return
        if self.refusal is None:
            tried = asyncio.Event()
            self._work = asyncio.create_task(self._run(tried))
            self._work.add_done_callback(self._report)
            await tried.wait()
        if self.refusal is not None:
            self.state = State.FAILED
            self.metrics.problem(self.refusal)
            return
        self.state = State.ENABLED

    def _report(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.metrics.problem(f"{type(error).__name__}: {error}")
            _LOG.error("%s: the mapping ended", self.name, exc_info=error)
