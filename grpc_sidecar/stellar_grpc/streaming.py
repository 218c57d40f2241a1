"""One ``PredictStream`` call: objects are read ahead, answers are written in the objects' order.

At most ``WINDOW`` objects are on their way. A client that does not read its answers is not read from either, and
HTTP/2's flow control tells it so: memory stays bounded however much it sends.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from stellar import Outcome, Prediction, Violation
from stellar_grpc.batcher import Batcher
from stellar_grpc.converters import error_message, prediction_message, row_of
from stellar_grpc.gate import Gate, UnavailableError
from stellar_service.contract import Message

WINDOW = 1024


class PredictionStream:
    """One client's stream of objects: ``run`` serves it.

    ``end`` cuts it short: what was read is still answered, then the client is told to go on elsewhere.
    """

    def __init__(self, context: Any, batcher: Batcher, gate: Gate) -> None:
        self._context = context
        self._gate = gate
        self._batcher = batcher
        self._answers: asyncio.Queue[asyncio.Future[Outcome] | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(WINDOW)
        self._reading = asyncio.create_task(self._read())
        self._cut_short = False

    async def run(self) -> None:
        """Answer until the client has no more. Raises UnavailableError if the stream was cut short."""
        try:
            while (answer := await self._answers.get()) is not None:
                outcome = await answer
                message = prediction_message(outcome) if isinstance(outcome, Prediction) else error_message(outcome)
                await self._context.write(message)
                self._room.release()
        finally:
            self._reading.cancel()
            (read,) = await asyncio.gather(self._reading, return_exceptions=True)
        if self._cut_short:
            raise UnavailableError("The server is shutting down. Send again the objects that have no answer.")
        if isinstance(read, Exception):
            raise read

    def end(self) -> None:
        """Read no more."""
        self._cut_short = True
        self._reading.cancel()
        self._answers.put_nowait(None)

    def _submit(self, message: Message | tuple[Violation, ...]) -> asyncio.Future[Outcome]:
        if not isinstance(message, tuple):
            return self._batcher.submit(row_of(message), more_to_come=True)
        refused: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        refused.set_result(message)
        return refused

    async def _read(self) -> None:
        try:
            while True:
                await self._room.acquire()
                message = await self._context.read()
                if message is grpc.aio.EOF:
                    break
                await self._gate.pace(self._context.peer())
                self._answers.put_nowait(self._submit(message))
        finally:
            self._answers.put_nowait(None)
