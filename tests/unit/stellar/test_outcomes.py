"""Row by row: what each protocol that never refuses a whole request answers."""

import pytest

from stellar import EXAMPLE, Classifier, Prediction, outcomes
from stellar.settings import DEFAULT_MODEL_DIR

WRONG = EXAMPLE | {"u": 41}


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(DEFAULT_MODEL_DIR)


@pytest.mark.parametrize("rows", [[], [EXAMPLE], [WRONG], [WRONG, EXAMPLE, None, EXAMPLE]])
def test_every_row_has_its_outcome_in_its_place(classifier, rows):
    found = outcomes(classifier, rows)
    assert [isinstance(outcome, Prediction) for outcome in found] == [row is EXAMPLE for row in rows]


def test_a_row_alone_and_among_others_is_told_the_same(classifier):
    rows = [EXAMPLE | {"redshift": None}, WRONG, EXAMPLE | {"plate": 3}, {}]
    together = outcomes(classifier, rows)
    for row, outcome in zip(rows, together, strict=True):
        (alone,) = outcomes(classifier, [row])
        if isinstance(outcome, Prediction):
            assert alone.probabilities == pytest.approx(outcome.probabilities, abs=1e-6)
            assert alone.warnings == outcome.warnings
        else:
            assert alone == outcome
