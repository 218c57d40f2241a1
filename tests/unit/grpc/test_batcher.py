"""What arrives together is classified together."""

import asyncio

import pytest

from stellar import Prediction
from stellar.schema import EXAMPLE
from stellar.settings import Settings
from stellar.store import ModelStore
from stellar_grpc import batcher
from stellar_grpc.batcher import Batcher
from support import artefact

BAD = EXAMPLE | {"redshift": 99.0}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return ModelStore(Settings(default_dir=artefact.write(tmp_path_factory.mktemp("model") / "default")))


@pytest.fixture
def batches():
    """(classified, refused) of each batch."""
    return []


@pytest.fixture
async def collecting(store, batches):
    return Batcher(store, lambda *numbers: batches.append(numbers))


async def test_objects_of_one_turn_share_a_model_call(collecting, batches):
    rows = [EXAMPLE | {"redshift": redshift} for redshift in (0.1, 3.0, None)]
    outcomes = await asyncio.gather(*map(collecting.submit, rows))
    assert batches == [(3, 0)]
    assert [outcome.model_variant for outcome in outcomes] == ["spectroscopic", "spectroscopic", "photometric"]


async def test_refusals_do_not_touch_their_neighbours(collecting, batches):
    outcomes = await asyncio.gather(*map(collecting.submit, [EXAMPLE, BAD, EXAMPLE]))
    assert batches == [(2, 1)]
    assert [isinstance(outcome, Prediction) for outcome in outcomes] == [True, False, True]
    assert [violation.field for violation in outcomes[1]] == ["redshift"]


@pytest.mark.parametrize(("row", "batch"), [(EXAMPLE, (1, 0)), (BAD, (0, 1))])
async def test_object_alone_has_the_same_outcome_as_in_company(collecting, batches, row, batch):
    alone = await collecting.submit(row)
    together = await asyncio.gather(collecting.submit(row), collecting.submit(EXAMPLE))
    assert batches[0] == batch
    assert alone == together[0]


async def test_object_of_a_stream_waits_for_the_next_one(collecting, batches, monkeypatch):
    monkeypatch.setattr(batcher, "MAX_WAIT_SECONDS", 60.0)
    first = collecting.submit(EXAMPLE, more_to_come=True)
    for _ in range(batcher.QUIET_TURNS):
        await asyncio.sleep(0)
    second = collecting.submit(EXAMPLE, more_to_come=True)
    await asyncio.gather(first, second)
    assert batches == [(2, 0)]


async def test_steady_stream_does_not_hold_a_batch_open(collecting, batches, monkeypatch):
    monkeypatch.setattr(batcher, "MAX_OBJECTS", 8)
    monkeypatch.setattr(batcher, "MAX_WAIT_SECONDS", 60.0)
    futures = []
    for _ in range(80):
        futures.append(collecting.submit(EXAMPLE, more_to_come=True))
        await asyncio.sleep(0)
    await asyncio.gather(*futures)
    assert max(classified for classified, _ in batches) <= 9


async def test_cancelled_object_is_not_classified(collecting, batches):
    futures = [collecting.submit(EXAMPLE) for _ in range(3)]
    futures[1].cancel()
    await asyncio.gather(futures[0], futures[2])
    assert batches == [(2, 0)]


async def test_failure_reaches_the_callers_and_not_the_next_batch(collecting, store, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(type(store.classifier), "answers", lambda *_: 1 / 0)
        failed = await asyncio.gather(*(collecting.submit(EXAMPLE) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in failed] == [ZeroDivisionError, ZeroDivisionError]
    assert isinstance(await collecting.submit(EXAMPLE), Prediction)
