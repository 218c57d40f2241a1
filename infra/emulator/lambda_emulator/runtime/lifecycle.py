"""The states of an execution environment, and what it tells the pool that it belongs to.

Mirrors "Understanding the Lambda execution environment lifecycle" (AWS Lambda Developer Guide).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol

from lambda_emulator.runtime.errors import RuntimeFailure
from lambda_emulator.runtime.inflight import Inflight

if TYPE_CHECKING:
    from lambda_emulator.runtime.environment import Environment

LATE_SECONDS = 1.0  # from an answer to the request for the next event; after it, another environment may be started
RETURN_SECONDS = 5.0  # the same; after it, a process that does not compute is killed


class State(enum.Enum):
    """Where an environment is in its life.

    STARTING → IDLE: the process has loaded the function and asks for its first event.
    IDLE → BUSY: an event is delivered.
    BUSY → RETURNING: the answer is in and the caller has it; the runtime has yet to ask for the next event.
    RETURNING → IDLE: it asked. After LATE_SECONDS it is not counted on any more; one that does not compute either is
    killed after RETURN_SECONDS.
    any → ENDING: it failed, ran out of time, or is no longer wanted; the process is being ended.
    any → DEAD: the process is gone.
    """

    STARTING = enum.auto()
    IDLE = enum.auto()
    BUSY = enum.auto()
    RETURNING = enum.auto()
    ENDING = enum.auto()
    DEAD = enum.auto()


class EnvironmentEvents(Protocol):
    """What an environment tells the pool that it belongs to."""

    def on_idle(self, environment: Environment) -> None:
        """It can take an invocation now."""

    def on_init_failed(self, environment: Environment, failure: RuntimeFailure) -> None:
        """The function could not be loaded. ``on_ended`` follows."""

    def on_init_timeout(self, environment: Environment) -> None:
        """The function was not loaded within the init phase's limit. ``on_ended`` follows."""

    def on_untaken(self, environment: Environment, inflight: Inflight) -> None:
        """The runtime has not taken this invocation, and never will: it may run elsewhere. ``on_ended`` follows."""

    def on_ended(self, environment: Environment) -> None:
        """Its process is gone."""
