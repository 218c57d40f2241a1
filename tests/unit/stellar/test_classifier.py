"""A verified model in a session: what it answers, and which models are refused."""

import dataclasses

import numpy as np
import pytest

from stellar.artefact import Artefact, HashMismatchError, IncompatibleModelError
from stellar.classifier import Classifier, features
from stellar.schema import EXAMPLE
from stellar.validation import validate, validate_one
from support import artefact


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    return Classifier.load(artefact.write(tmp_path_factory.mktemp("models") / "sound"))


def test_features_are_magnitudes_adjacent_colours_and_redshift():
    (row,) = features(validate([EXAMPLE]))
    u, g, r, i, z = (EXAMPLE[band] for band in "ugriz")
    np.testing.assert_allclose(row, [u, g, r, i, z, u - g, g - r, r - i, i - z, EXAMPLE["redshift"]], rtol=1e-6)


def test_prediction_has_every_part_of_the_answer(classifier):
    (prediction,) = classifier.classify(validate([EXAMPLE]))
    answer = dataclasses.asdict(prediction)
    assert answer["label"] == ("GALAXY", "QSO", "STAR")[answer["int_output"]]
    assert answer["str_output"] == ("Galaxy", "OSO", "Star")[answer["int_output"]]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-12)
    assert answer["model_version"] == "test-1"
    assert answer["model_variant"] == "spectroscopic"
    assert answer["warnings"] == []


def test_object_without_redshift_goes_to_the_photometric_model_and_order_is_kept(classifier):
    rows = [EXAMPLE | {"redshift": z} for z in (0.1, None, 0.3, None, None, -0.001)]
    mixed = classifier.classify(validate(rows))
    assert [p.model_variant == "photometric" for p in mixed] == [row["redshift"] is None for row in rows]
    single = [classifier.classify(validate([row]))[0] for row in rows]
    for one, other in zip(mixed, single, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)


def test_large_batch_is_answered_as_single_objects_are(classifier):
    rows = [EXAMPLE | {"redshift": step / 1000} for step in range(5000)]
    many = classifier.classify(validate(rows))
    for index in (0, 2047, 2048, 4999):
        assert many[index].probabilities == pytest.approx(
            classifier.classify(validate([rows[index]]))[0].probabilities, abs=1e-6
        )


@pytest.mark.parametrize("change", [{}, {"redshift": None}, {"redshift": -0.001}, {"u": 35, "plate": 3}, {"g": 22}])
def test_one_object_is_answered_as_a_batch_of_it_is(classifier, change):
    row = EXAMPLE | change
    assert classifier.classify_one(validate_one(row)) == classifier.classify(validate([row]))[0]


def test_warnings_travel_with_their_object(classifier):
    predictions = classifier.classify(validate([None, EXAMPLE, EXAMPLE | {"u": 35}]))
    assert [len(prediction.warnings) for prediction in predictions] == [0, 1]


@pytest.fixture(scope="module")
def wary(tmp_path_factory):
    """One that knows novelty: a tenth of u - g, beyond 0.995 not to be relied on."""
    return Classifier.load(artefact.write(tmp_path_factory.mktemp("models") / "wary", **artefact.knows_novelty()))


@pytest.mark.parametrize("redshift", [0.644, None])
@pytest.mark.parametrize(("u", "novelty", "reliable"), [(24.27530, 0.2, True), (33.27530, 1.0, False)])
def test_an_object_unlike_the_training_objects_is_told(wary, u, redshift, novelty, reliable):
    row = EXAMPLE | {"u": u, "redshift": redshift}
    one = wary.classify_one(validate_one(row))
    assert (one.novelty, one.reliable) == (pytest.approx(novelty, abs=1e-4), reliable)
    assert one == wary.classify(validate([row]))[0]


def test_what_is_odd_is_told_in_words(wary):
    odd, usual = wary.classify(validate([EXAMPLE | {"u": 33.2753}, EXAMPLE]))
    assert odd.warnings[-1] == "u - g = 11 is redder than 99.9% of the training objects (-2 … 6)"
    assert usual.warnings == []


def test_a_mixed_batch_has_the_novelty_of_each_object(wary):
    rows = [EXAMPLE | {"u": 22.2753 + step, "redshift": step % 3 or None} for step in range(12)]
    mixed = wary.classify(validate(rows))
    assert [each.novelty for each in mixed] == pytest.approx([min(1, step / 10) for step in range(12)], abs=1e-4)
    assert [each.reliable for each in mixed] == [step < 10 for step in range(12)]
    assert mixed == [wary.classify_one(validate_one(row)) for row in rows]


def test_a_model_from_before_there_was_novelty_says_that_it_is_not_known(classifier):
    prediction = classifier.classify_one(validate_one(EXAMPLE))
    assert (prediction.novelty, prediction.reliable) == (None, None)
    assert {(each.novelty, each.reliable) for each in classifier.classify(validate([EXAMPLE] * 3))} == {(None, None)}


def test_a_manifest_that_promises_novelty_which_the_graph_lacks_is_refused(tmp_path):
    made = artefact.knows_novelty() | {"model": artefact.model_bytes()}
    with pytest.raises(IncompatibleModelError, match="no output spectroscopic_novelty"):
        Classifier.load(artefact.write(tmp_path / "a", **made))


def test_nothing_in_gives_nothing_out(classifier):
    assert classifier.classify(validate([])) == []


def test_changed_model_file_is_refused(tmp_path):
    folder = artefact.write(tmp_path / "a")
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(HashMismatchError, match=r"model\.onnx of test-1"):
        Artefact.read(folder)


def test_truncated_model_file_is_refused(tmp_path):
    folder = artefact.write(tmp_path / "a")
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:-1])
    with pytest.raises(HashMismatchError):
        Artefact.read(folder)


def test_manifest_other_than_the_pointers_is_refused(tmp_path):
    with pytest.raises(HashMismatchError, match="pointer"):
        Artefact.read(artefact.write(tmp_path / "a"), manifest_sha256="0" * 64)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"features": ("g", "u", "r", "i", "z", "u_g", "g_r", "r_i", "i_z", "redshift")}, "features"),
        ({"classes": ("STAR", "QSO", "GALAXY")}, "classes"),
        ({"schema_version": 2}, "schema_version"),
        ({"files": {}}, "does not name"),
        ({"model": artefact.model_bytes(scale=float("nan"))}, "no probabilities"),
        ({"model": artefact.model_bytes(outputs=("spectroscopic",))}, "no photometric output"),
        ({"model": artefact.model_bytes(width=11)}, "the input is not"),
        ({"model": b"this is no ONNX file"}, "cannot load"),
    ],
)
def test_incompatible_model_is_refused(tmp_path, made, why):
    with pytest.raises(IncompatibleModelError, match=why):
        Classifier.load(artefact.write(tmp_path / "a", **made))
