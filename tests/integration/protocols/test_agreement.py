"""A thousand objects over every protocol and through the bare model: one answer, or one refusal, each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from stellar import EXAMPLE, FIELDS
from stellar.schema import CLASSES, MAGNITUDES, SENTINEL
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.data.synth import generate
from support.answers import PROTOCOLS, Answer
from support.up import Up

ROWS = 1000
IDENTIFIERS = (7, 2**53 + 1, 2**64 - 1)
FLOAT32 = 1e-6  # what the order of float32 sums may change
ROUNDED = 1.5e-4  # the same of a number that is told with four decimals

Row = dict[str, Any]

pytestmark = pytest.mark.xdist_group("up")


def at_the_edges() -> list[Row]:
    """The example with one value at, just within or just beyond each limit; photometric; all wrong at once."""
    rows: list[Row] = [{**EXAMPLE, "redshift": None}, {n: v for n, v in EXAMPLE.items() if n != "redshift"}]
    for field in FIELDS:
        step = 1 if field.type is int else 1e-3
        for low, high in ((field.minimum, field.maximum), field.typical or (None, None)):
            values = ([low - step, low, low + step] if low is not None else []) + (
                [high - step, high, high + step] if high is not None else []
            )
            rows += [{**EXAMPLE, field.name: field.type(value)} for value in values]
    rows += [{**EXAMPLE, band: SENTINEL} for band in MAGNITUDES]
    bare = {band: EXAMPLE[band] for band in MAGNITUDES}
    rows += [bare, {**bare, "redshift": 0.644}, {**dict.fromkeys(EXAMPLE), **bare}]
    rows += [{**bare, name: EXAMPLE[name]} for name in EXAMPLE if name not in bare]
    rows += [{**bare, "obj_ID": made, "spec_obj_ID": made} for made in (*IDENTIFIERS, *map(str, IDENTIFIERS))]
    rows.append({**EXAMPLE, **dict.fromkeys(MAGNITUDES, 99.0), "cam_col": 0, "alpha": -1.0})
    return rows


def a_thousand() -> list[Row]:
    """The edges, then synthetic objects of which every third has no redshift."""
    rows = at_the_edges()
    [table] = generate(ROWS - len(rows), seed=11)
    for place in range(ROWS - len(rows)):
        row = {field.name: field.type(table[field.name][place]) for field in FIELDS}
        rows.append({**row, "redshift": None} if place % 3 == 0 else row)
    return rows


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
