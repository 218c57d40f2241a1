"""The artefact of a training run."""

from __future__ import annotations

from pathlib import Path

import pytest

from stellar.artefact import Artefact
from stellar.manifest import FEATURES
from stellar_pipeline.model.artefact import ExportError, package, write
from stellar_pipeline.model.density import LIMIT
from stellar_pipeline.model.features import model_input
from stellar_pipeline.model.training import Model
from support.catalogues import synthetic
from support.trained import ROWS, quick_model


def test_what_is_written_is_what_the_layer_reads(tmp_path: Path) -> None:
    made = package(quick_model(), synthetic(ROWS), "made up")
    write(made, tmp_path / "new" / "folder")
    read = Artefact.read(tmp_path / "new" / "folder")
    assert read == made
    manifest = read.manifest
    assert manifest.data.source == "made up"
    assert manifest.data.rows == sum(manifest.data.class_counts.values()) == len(synthetic(ROWS).rows)
    assert manifest.data.fingerprint == synthetic(ROWS).fingerprint
    assert tuple(manifest.scaler.means) == tuple(manifest.scaler.deviations) == FEATURES
    assert manifest.version.endswith(manifest.files["model.onnx"].sha256[:8])
    assert manifest.training.seed == quick_model().seed
    photometric = manifest.variants["photometric"]
    assert photometric.features == FEATURES[:-1]
    assert (photometric.novelty, photometric.novelty_limit) == ("photometric_novelty", LIMIT)


def test_typical_ranges_are_those_of_all_but_one_in_500_rows() -> None:
    table = model_input(synthetic(ROWS).rows)
    typical = package(quick_model(), synthetic(ROWS), "made up").manifest.typical
    assert tuple(typical) == FEATURES
    for column, (low, high) in zip(table.T, typical.values(), strict=True):
        assert ((column < low) | (column > high)).mean() == pytest.approx(0.002, abs=0.001)


def test_a_file_that_answers_otherwise_than_the_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Model.probabilities
    monkeypatch.setattr(Model, "probabilities", lambda self, table: right(self, table)[:, [1, 0, 2]])
    with pytest.raises(ExportError, match="another class than scikit-learn"):
        package(quick_model(), synthetic(ROWS), "made up")
