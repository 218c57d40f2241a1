"""The model that the layer ships: whole, small, as good as it says, and good on rows that it has never seen."""

from __future__ import annotations

import re

import pytest

from stellar.classifier import Classifier
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.model.evaluate import macro_f1
from stellar_pipeline.model.features import VARIANTS, model_input
from support.catalogues import needs_real_rows, real, synthetic

BARS = {"spectroscopic": 0.970, "photometric": 0.835}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Loading it verifies its hashes and shapes."""
    return Classifier.load(DEFAULT_MODEL_DIR)


def test_it_is_under_8_megabytes() -> None:
    assert sum(path.stat().st_size for path in DEFAULT_MODEL_DIR.iterdir()) < 8e6


def test_its_figures_on_unseen_rows_are_above_the_bars(classifier: Classifier) -> None:
    for variant in VARIANTS:
        metrics = classifier.manifest.metrics[variant]
        assert metrics.macro_f1 >= BARS[variant]
        assert metrics.grouped_cv["macro_f1"] >= BARS[variant]
        assert metrics.calibration_error < 0.03
        assert metrics.grouped_cv["calibration_error"] < 0.02


def test_it_classifies_synthetic_rows(classifier: Classifier) -> None:
    cleaned = synthetic(8000, seed=5)
    assert macro_f1(cleaned.labels, classifier.probabilities(model_input(cleaned.rows), "spectroscopic")) >= 0.93


def test_its_manifest_names_no_place_on_a_machine(classifier: Classifier) -> None:
    assert not re.search(r"/\w+/|\\\\|\.\./", classifier.manifest.data.source)


@needs_real_rows
def test_it_was_trained_on_the_sample_and_has_learned_it(classifier: Classifier) -> None:
    assert classifier.manifest.data.fingerprint == real().fingerprint
    table = model_input(real().rows)
    for variant in VARIANTS:
        assert macro_f1(real().labels, classifier.probabilities(table, variant)) >= BARS[variant]
