"""The model that the layer ships: whole, small, as good as it says, and good on rows that it has never seen."""

from __future__ import annotations

import re

import pytest

from stellar.classifier import Classifier
from stellar.schema import EXAMPLE, MAGNITUDES
from stellar.settings import DEFAULT_MODEL_DIR
from stellar.validation import validate_one
from stellar_pipeline.model.evaluate import macro_f1
from stellar_pipeline.model.features import VARIANTS, model_input
from stellar_pipeline.release.smoke import KNOWN
from support.catalogues import all_real, needs_all_real_rows, synthetic

BARS = {"spectroscopic": 0.974, "photometric": 0.850}


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
        assert metrics.calibration_error < 0.01
        assert metrics.grouped_cv["calibration_error"] < 0.01


def test_it_classifies_synthetic_rows(classifier: Classifier) -> None:
    cleaned = synthetic(8000, seed=5)
    assert macro_f1(cleaned.labels, classifier.probabilities(model_input(cleaned.rows), "spectroscopic")) >= 0.93


def test_its_manifest_names_no_place_on_a_machine(classifier: Classifier) -> None:
    assert not re.search(r"/\w+/|\\\\|\.\./", classifier.manifest.data.source)


MEASURED = tuple(EXAMPLE[band] for band in MAGNITUDES)
ABSURD = {
    "u - g = +20": (MEASURED[1] + 15, *(magnitude - 5 for magnitude in MEASURED[1:])),
    "all 40": (40.0,) * 5,
    "all 0": (0.0,) * 5,
    "bands reversed": MEASURED[::-1],
    "fluxes": tuple(10 ** (-0.4 * (magnitude - 22.5)) for magnitude in MEASURED),
}


@pytest.mark.parametrize("redshift", [EXAMPLE["redshift"], None])
@pytest.mark.parametrize("what", ABSURD)
def test_absurd_objects_are_not_reliable_and_told_why(
    classifier: Classifier, what: str, redshift: float | None
) -> None:
    row = EXAMPLE | dict(zip(MAGNITUDES, ABSURD[what], strict=True)) | {"redshift": redshift}
    answer = classifier.classify_one(validate_one(row))
    assert answer.reliable is False
    assert answer.warnings


@pytest.mark.parametrize("redshift", [True, False])
def test_plain_objects_are_reliable(classifier: Classifier, redshift: bool) -> None:
    for row, _ in KNOWN:
        asked = dict(row) if redshift else {**row, "redshift": None}
        answer = classifier.classify_one(validate_one(asked))
        assert (answer.reliable, answer.warnings) == (True, [])


@needs_all_real_rows
def test_it_was_trained_on_the_real_rows_and_has_learned_them(classifier: Classifier) -> None:
    assert classifier.manifest.data.fingerprint == all_real().fingerprint
    table = model_input(all_real().rows)
    for variant in VARIANTS:
        probabilities, novelty = classifier.answers(table, variant)
        assert macro_f1(all_real().labels, probabilities) >= BARS[variant]
        assert novelty is not None
        assert 0 < (novelty > classifier.manifest.variants[variant].novelty_limit).mean() <= 0.01
