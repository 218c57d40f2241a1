"""The exported graph in ONNX Runtime, against scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar.manifest import INPUT_NAME, novelty_output, switch
from stellar.schema import Variant
from stellar_pipeline.model.features import VARIANTS, model_input
from stellar_pipeline.model.graph import _at_or_below, to_onnx
from stellar_pipeline.model.training import train
from support.catalogues import synthetic
from support.trained import ROWS, quick_model

UNSEEN = model_input(synthetic(4000, seed=21).rows)


def _session(options: ort.SessionOptions | None = None) -> ort.InferenceSession:
    options = options or ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(to_onnx(quick_model().models), options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def session() -> ort.InferenceSession:
    return _session()


@pytest.mark.parametrize("variant", VARIANTS)
def test_labels_are_those_of_scikit_learn(session: ort.InferenceSession, variant: Variant) -> None:
    expected = quick_model().models[variant].probabilities(UNSEEN)
    (found,) = session.run([variant], {INPUT_NAME: UNSEEN})
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
def test_probabilities_are_finite_over_the_whole_domain(session: ort.InferenceSession, variant: Variant) -> None:
    rng = np.random.default_rng(2)
    magnitudes = rng.choice(np.array([-5, 0, 15, 25, 40]), (3000, 5))
    redshift = rng.choice(np.array([-0.1, 0, 0.5, 20]), 3000)
    colours = magnitudes[:, :-1] - magnitudes[:, 1:]
    extremes = np.column_stack([magnitudes, colours, redshift]).astype(np.float32)
    found, novelty = session.run([variant, novelty_output(variant)], {INPUT_NAME: extremes})
    assert np.isfinite(found).all()
    assert ((novelty >= 0) & (novelty <= 1)).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_novelty_is_that_of_the_density(session: ort.InferenceSession, variant: Variant) -> None:
    (found,) = session.run([novelty_output(variant)], {INPUT_NAME: UNSEEN})
    expected = quick_model().models[variant].density.novelty(UNSEEN)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-3)


def test_the_photometric_branch_does_not_see_the_redshift(session: ort.InferenceSession) -> None:
    without = UNSEEN.copy()
    without[:, 9] = 0
    (seen,) = session.run(["photometric"], {INPUT_NAME: UNSEEN})
    (unseen,) = session.run(["photometric"], {INPUT_NAME: without})
    np.testing.assert_array_equal(seen, unseen)


def test_a_row_has_one_answer_alone_and_in_a_batch(session: ort.InferenceSession) -> None:
    (batch,) = session.run(["spectroscopic"], {INPUT_NAME: UNSEEN[:50]})
    alone = np.vstack([session.run(["spectroscopic"], {INPUT_NAME: UNSEEN[row : row + 1]})[0] for row in range(50)])
    np.testing.assert_allclose(batch, alone, atol=1e-6)


def test_no_rows_in_no_rows_out(session: ort.InferenceSession) -> None:
    for output, width in zip(session.run(None, {INPUT_NAME: UNSEEN[:0]}), (3, 1, 3, 1), strict=True):
        assert output.shape == (0, width)


@pytest.mark.parametrize(("wanted", "other"), [VARIANTS, VARIANTS[::-1]])
def test_a_variant_that_is_switched_off_is_not_computed(wanted: str, other: str, tmp_path: Path) -> None:
    options = ort.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(tmp_path / "profile")
    profiled = _session(options)
    outputs = profiled.run(list(VARIANTS), {INPUT_NAME: UNSEEN[:5], switch(other): np.array(False)})
    shapes = {name: output.shape for name, output in zip(VARIANTS, outputs, strict=True)}
    assert shapes == {wanted: (5, 3), other: (0, 3)}
    events: list[dict[str, Any]] = json.loads(Path(profiled.end_profiling()).read_bytes())
    trees = {event["name"].split("/")[0] for event in events if "TreeEnsemble" in event["name"]}
    assert trees == {wanted}


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    again = train(synthetic(ROWS), quick_model().settings, quick_model().seed)
    assert to_onnx(again.models) == to_onnx(quick_model().models)


def test_the_file_does_not_tell_when_or_by_what_it_was_made() -> None:
    model = onnx.load_from_string(to_onnx(quick_model().models))
    assert (model.producer_name, model.producer_version, model.doc_string, len(model.metadata_props)) == ("", "", "", 0)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6, width=32))
def test_a_threshold_splits_float32_values_as_before(threshold: float, value: float) -> None:
    assert (value <= threshold) == (np.float32(value) <= np.float32(_at_or_below(threshold)))
