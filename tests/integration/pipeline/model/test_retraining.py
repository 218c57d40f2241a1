"""From rows to a champion: training, MLflow's registry, comparison, promotion and the way back, on real servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest

from stellar.classifier import Classifier
from stellar.manifest import FEATURES
from stellar_pipeline.etl.chain import run as run_stages
from stellar_pipeline.etl.prepared import load_test, load_train
from stellar_pipeline.model.features import model_input
from stellar_pipeline.model.members import Settings
from stellar_pipeline.release.champions import BarredVersionError, Champions
from stellar_pipeline.release.retrain import compare, promote, roll_back, train_challenger
from stellar_pipeline.tracking.registry import SKLEARN_TAG, VERSION_TAG, find
from stellar_pipeline.tracking.server import EXPERIMENT, MODEL_NAME, TrackingUnavailableError, connect
from stellar_pipeline.tuning.best import keep_best
from support.ports import free_ports
from support.trained import SMALL

pytestmark = [pytest.mark.xdist_group("mlflow"), pytest.mark.timeout(240)]


def alias(name: str) -> str:
    """The version that has the alias in MLflow."""
    return connect().get_model_version_by_alias(MODEL_NAME, name).tags[VERSION_TAG]


def test_a_challenger_is_registered_with_all_that_one_wants_to_know(
    tracked: str, root: str, challengers: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    made, latest = challengers
    assert json.loads(json.dumps(made)) == made
    client = connect()
    assert alias("challenger") == latest["version"]
    run = client.get_run(made["run_id"])
    assert {name: run.data.params[name] for name in ("boosting_rounds", "seed")} == {
        "boosting_rounds": "6",
        "seed": "5",
    }
    assert run.data.metrics["plates.spectroscopic.macro_f1"] > 0.9
    assert run.data.tags["data.train.fingerprint"] == load_train(root).fingerprint
    assert run.inputs.dataset_inputs[0].dataset.name == "star_classification_train"
    drawn = {file.path for file in client.list_artifacts(made["run_id"], "plots")}
    for plot in ("confusion_matrix", "calibration", "importance", "learning_history"):
        assert {f"plots/spectroscopic_{plot}.png", f"plots/photometric_{plot}.png"} <= drawn


def test_both_flavours_give_the_same_from_the_inputs_that_their_signatures_name(
    tracked: str, root: str, challengers: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    import mlflow

    one = find(connect(), challengers[0]["version"])
    table = model_input(load_test(root).rows)[:200]
    as_onnx = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}/{one.number}")
    as_sklearn = mlflow.sklearn.load_model(one.tags[SKLEARN_TAG])
    probabilities = as_onnx.predict({"features": table})["spectroscopic"]
    frame = pd.DataFrame(table, columns=list(FEATURES))
    np.testing.assert_allclose(as_sklearn.predict_proba(frame), probabilities, atol=1e-4)
    assert (as_sklearn.predict(frame) == as_sklearn.classes_[probabilities.argmax(axis=1)]).all()
    assert as_onnx.metadata.signature.inputs.input_names() == ["features"]
    assert as_onnx.input_example["features"].shape == (3, len(FEATURES))
    info = mlflow.models.get_model_info(one.tags[SKLEARN_TAG])
    assert info.signature.inputs.input_names() == list(FEATURES)


def test_promotion_and_the_way_back_move_the_bucket_and_the_alias(
    model_bucket: str, tracked: str, root: str, challengers: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    first, second = (made["version"] for made in challengers)
    verdict = compare(root, first)
    assert (verdict["promote"], verdict["champion"]) == (False, None), "the model that ships is of real rows"
    assert "trained on synthetic rows" in verdict["reasons"][0]
    verdict = compare(root, first, demonstration=True)
    assert (verdict["promote"], verdict["champion"], verdict["reasons"]) == (True, None, ["there is no champion yet"])
    assert promote(first)["previous"] is None

    verdict = compare(root, second)
    assert json.loads(json.dumps(verdict)) == verdict
    assert (verdict["champion"]["version"], verdict["challenger"]["version"]) == (first, second)
    assert not verdict["promote"], "a poorer model is not promoted"
    assert verdict["rows"] == len(load_test(root).rows)
    assert verdict["notes"] == [], "the champion was trained on the same rows"
    figures = connect().get_run(challengers[1]["run_id"]).data.metrics
    assert figures["test.spectroscopic.macro_f1"] == verdict["challenger"]["macro_f1"]

    done = promote(second)
    assert done == {"champion": second, "previous": first, "uri": done["uri"], "registered": True}
    assert (alias("champion"), alias("challenger")) == (second, second)
    pointer = json.loads(boto3.client("s3").get_object(Bucket=model_bucket, Key="models/champion.json")["Body"].read())
    assert (pointer["version"], pointer["previous"]) == (second, [first])

    assert roll_back(done["previous"]) == {"champion": first, "replaced": second, "registered": True}
    assert alias("champion") == first
    assert roll_back(done["previous"])["replaced"] is None, "done already"

    assert f"{second} was rolled back" in compare(root, second)["reasons"][0]
    with pytest.raises(BarredVersionError, match=f"{second} is barred"):
        promote(second, lift=False)
    assert promote(second)["champion"] == second, "a person may"


def test_without_mlflow_an_exported_version_is_promoted_all_the_same(
    model_bucket: str, tracked: str, challengers: tuple[dict[str, Any], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (made["version"] for made in challengers)
    promote(first)
    promote(second)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert roll_back() == {"champion": first, "replaced": second, "registered": False}
    assert promote(second)["registered"] is False
    assert Classifier(Champions.from_environment().artefact(second)).version == second


def test_a_server_that_is_away_is_told_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(TrackingUnavailableError, match="no MLflow server answers at"):
        connect()


def test_a_run_that_fails_is_marked_so(tracked: str, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stellar_pipeline.release import challenger

    def fail(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(challenger, "train", fail)
    with pytest.raises(RuntimeError, match="no"):
        train_challenger(root, parameters=SMALL, seed=10)
    client = connect()
    place = client.get_experiment_by_name(EXPERIMENT).experiment_id
    (latest,) = client.search_runs([place], order_by=["attributes.start_time DESC"], max_results=1)
    assert latest.info.status == "FAILED"


def test_without_parameters_training_takes_those_that_tuning_kept(
    tracked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stellar_pipeline.release import challenger

    class TakenError(Exception):
        """Carries the settings; there is no need to train with them."""

    def take(rows: object, settings: object, *_: object) -> None:
        raise TakenError(settings)

    monkeypatch.setattr(challenger, "train", take)
    list(run_stages(str(tmp_path), rows=500))
    for kept, given, expected in (
        ({}, None, Settings().boosting_rounds),
        ({"boosting_rounds": 7}, None, 7),
        ({"boosting_rounds": 7}, {}, Settings().boosting_rounds),
    ):
        if kept:
            keep_best(str(tmp_path), kept, {})
        with pytest.raises(TakenError) as taken:
            train_challenger(str(tmp_path), parameters=given)
        assert taken.value.args[0].boosting_rounds == expected
