"""Tuning: trials of both families in MLflow, a study that goes on, and parameters that training takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from click.testing import CliRunner
from optuna.trial import TrialState

from stellar_pipeline.cli.tune import tune as command
from stellar_pipeline.etl.chain import run as run_stages
from stellar_pipeline.model.members import Settings
from stellar_pipeline.tracking.server import connect
from stellar_pipeline.tuning.best import best_parameters
from stellar_pipeline.tuning.record import TUNING
from stellar_pipeline.tuning.study import Plan, tune

pytestmark = [pytest.mark.xdist_group("mlflow"), pytest.mark.timeout(240)]


@pytest.fixture
def plan(tmp_path: Path, request: pytest.FixtureRequest) -> Plan:
    """A trial of each family on 600 rows, with files of its own."""
    list(run_stages(str(tmp_path / "stages"), rows=900, seed=4))
    storage = f"sqlite:///{tmp_path}/study.db"
    return Plan(str(tmp_path / "stages"), storage, request.node.name, trials=2, jobs=1, folds=2, rows=600)


def nested(parent: str) -> list:
    """The trials' runs."""
    client = connect()
    place = client.get_experiment_by_name(TUNING).experiment_id
    return list(client.search_runs([place], f"tags.mlflow.parentRunId = '{parent}'"))


def test_every_trial_is_a_nested_run_and_the_best_is_kept_for_training(tracked: str, plan: Plan) -> None:
    found = tune(plan)
    assert json.loads(json.dumps(found)) == found
    assert found["trials"] == 2
    assert set(found["loss"]) == {"trees", "nets"}
    runs = nested(found["run_id"])
    assert sorted(each.data.tags["stellar.family"] for each in runs) == ["nets", "trees"]
    for each in runs:
        assert each.info.status == "FINISHED"
        assert each.data.params
        assert {"loss", "spectroscopic.macro_f1", "photometric.log_loss"} <= set(each.data.metrics)
        drawn = {Path(file.path).stem for file in connect().list_artifacts(each.info.run_id, "plots")}
        for plot in ("confusion_matrix", "calibration", "importance", "learning_history"):
            assert {f"spectroscopic_{plot}", f"photometric_{plot}"} <= drawn

    assert best_parameters(plan.root) == found["parameters"]
    assert Settings.of(found["parameters"]) != Settings()


def test_a_study_goes_on_where_it_was_and_ends_what_was_interrupted(
    model_bucket: str, tracked: str, plan: Plan
) -> None:
    plan = replace(plan, families=("trees",))
    first = tune(replace(plan, trials=1))
    study = optuna.load_study(study_name=f"{plan.name}/trees", storage=plan.storage)
    study.ask()  # a trial of which nothing was heard again
    told: list[int] = []
    second = tune(plan, lambda each: told.append(each.done))
    assert (second["trials"], second["run_id"]) == (2, first["run_id"])
    assert told == [1, 2], "what was done before counts"
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.COMPLETE]
    assert study.trials[0].params != study.trials[2].params
    assert len(nested(first["run_id"])) == 2
    assert tune(plan)["trials"] == 2, "there is nothing left to do"


def test_trials_run_in_parallel_processes_without_a_server(plan: Plan, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("stellar")), "tune", "--root", plan.root, "--storage", plan.storage]
    command += ["--trials", "2", "--jobs", "2", "--folds", "2", "--rows", "600", "--json"]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["trials"] == 2
    assert best_parameters(plan.root) == found["parameters"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_rows_that_are_not_there_are_one_line(tracked: str, tmp_path: Path, jobs: str) -> None:
    arguments = ["--root", str(tmp_path), "--storage", f"sqlite:///{tmp_path}/study.db", "--jobs", jobs]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    assert "does not exist" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("storage", ["nonsense", "sqlite:////dev/null/study.db"])
def test_a_storage_that_cannot_be_used_is_one_line(tracked: str, tmp_path: Path, plan: Plan, storage: str) -> None:
    result = CliRunner().invoke(command, ["--root", plan.root, "--storage", storage, "--jobs", "1"])
    assert result.exit_code == 1
    assert f"The study cannot be kept at {storage}" in result.output
