"""Objects to answers: those that one request asks for field by field are classified in one model call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from errors import InvalidInputError
from model import model
from strawberry.dataloader import DataLoader
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from telemetry import telemetry

from stellar import Prediction, outcomes


class Loader(DataLoader[Any, Prediction]):
    """Collects the objects of a turn of the event loop. One a request."""

    def __init__(self) -> None:
        super().__init__(load_fn=self._load, cache=False)  # objects are not compared: each has its own answer

    @staticmethod
    async def _load(features: list[Any]) -> Sequence[Prediction | Exception]:
        return classify(features, lambda _: "features")


class ConcurrentExecution(StrawberryGraphQLCoreExecutionContext):
    """Runs the fields of a mutation together.

    GraphQL has them run one after the other, for one may change what the next one sees. Here none changes anything,
    and answers that wait for each other could not share a model call.
    """

    def execute_fields_serially(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute_fields(*args, **kwargs)


def classify(rows: Sequence[Any], place: Callable[[int], str]) -> list[Prediction | Exception]:
    """One answer for each object, in order, by one model call; an InvalidInputError for one that has none.

    ``place(index)`` says where an object is in the arguments. Raises NoModelError.
    """
    found = outcomes(model.classifier(), rows)
    telemetry.count(Predictions=sum(isinstance(outcome, Prediction) for outcome in found))
    return [
        outcome if isinstance(outcome, Prediction) else InvalidInputError(place(index), outcome)
        for index, outcome in enumerate(found)
    ]
