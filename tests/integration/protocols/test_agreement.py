"""A thousand objects over every protocol and through the bare model: one answer, or one refusal, each."""

from __future__ import annotations

import math

import numpy as np
import onnxruntime as ort
import pytest

from stellar import EXAMPLE
from stellar.schema import CLASSES, MAGNITUDES
from stellar.settings import DEFAULT_MODEL_DIR
from support.answers import PROTOCOLS, Answer
from support.thousand_objects import IDENTIFIERS, ROWS, Row, a_thousand
from support.up import Up

FLOAT32 = 1e-6  # what the order of float32 sums may change
ROUNDED = 1.5e-4  # the same of a number that is told with four decimals

pytestmark = pytest.mark.xdist_group("up")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return a_thousand()


@pytest.fixture(scope="module")
def answers(up: Up, rows: list[Row]) -> dict[str, list[Answer]]:
    return {name: ask(up, rows) for name, ask in PROTOCOLS.items()}


def test_all_protocols_give_each_object_the_same_answer(answers: dict[str, list[Answer]]) -> None:
    first = answers["REST"]
    assert len(first) == ROWS
    assert 30 <= sum(bool(answer.refusal) for answer in first) < ROWS / 5
    assert {answer.model_variant for answer in first if not answer.refusal} == {"spectroscopic", "photometric"}
    for name, given in answers.items():
        for place, (one, other) in enumerate(zip(first, given, strict=True)):
            assert one.probabilities == pytest.approx(other.probabilities, abs=FLOAT32), (name, place)
            assert one.novelty == pytest.approx(other.novelty, abs=ROUNDED), (name, place)
            one, other = (each._replace(probabilities=(), novelty=None) for each in (one, other))
            assert one == other, (name, place)


def test_identifiers_come_back_exact_over_every_protocol(answers: dict[str, list[Answer]], rows: list[Row]) -> None:
    exact = [
        place for place, row in enumerate(rows) if row.get("spec_obj_ID") in (*IDENTIFIERS, *map(str, IDENTIFIERS))
    ]
    assert len(exact) == 2 * len(IDENTIFIERS)
    for name, given in answers.items():
        for place in exact:
            assert given[place].identifiers == (str(rows[place]["obj_ID"]),) * 2, name


def test_identity_is_optional_and_never_a_warning(answers: dict[str, list[Answer]], rows: list[Row]) -> None:
    for row, answer in zip(rows, answers["REST"], strict=True):
        if not answer.refusal:
            assert all(text.split()[0] in (*MAGNITUDES, "redshift") for text in answer.warnings)
        if all(row.get(band) == EXAMPLE[band] for band in MAGNITUDES) and set(row) <= {*MAGNITUDES, "redshift"}:
            assert answer.label


def test_the_answers_are_those_of_the_bare_model(answers: dict[str, list[Answer]], rows: list[Row]) -> None:
    session = ort.InferenceSession(DEFAULT_MODEL_DIR / "model.onnx")
    for row, answer in zip(rows, answers["REST"], strict=True):
        if answer.refusal:
            continue
        magnitudes = np.array([row[band] for band in MAGNITUDES])
        redshift = math.nan if row.get("redshift") is None else row["redshift"]
        features = np.array([*magnitudes, *-np.diff(magnitudes), np.nan_to_num(redshift)], dtype=np.float32)
        variant = "photometric" if math.isnan(redshift) else "spectroscopic"
        [[bare]] = session.run([variant], {"features": features[None]})
        assert answer.model_variant == variant
        assert answer.probabilities == pytest.approx(bare / bare.sum(), abs=FLOAT32)
        assert answer.label == CLASSES[int(np.argmax(bare))]
