"""The DAGs in Airflow's own environment: whole, quick to read, told, and run from catalogue to champion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from stellar_local_stack.model_bucket import BUCKET, local_client
from support.catalogues import synthetic_file
from support.mlflow_server import mlflow_server
from support.up import Up

ROOT = Path(__file__).resolve().parents[3]
AIRFLOW = ROOT / ".venv-airflow/bin"
PARSE_SECONDS = 10.0  # generous: on a quiet machine it is a tenth of one
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
CHAMPION = "models/champion.json"

pytestmark = [
    pytest.mark.skipif(
        not (AIRFLOW / "airflow").exists(), reason="`make airflow` installs Airflow, and it is not there"
    ),
    pytest.mark.xdist_group("airflow"),
    pytest.mark.timeout(1200),
]


class Airflow:
    """A database of its own, and the program of ``airflow_side`` beside it."""

    def __init__(self, home: Path) -> None:
        self.variables = {
            **os.environ,
            **KEYS,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "airflow/dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
            "PYTHONPATH": str(ROOT / "airflow/dags"),
            "SCARF_ANALYTICS": "false",
            "STELLAR_PYTHON": sys.executable,
        }
        self._run([str(AIRFLOW / "airflow"), "db", "migrate"])

    def ask(self, *command: str, **conf: Any) -> Any:
        program = ROOT / "tests/support/airflow_side.py"
        return json.loads(self._run([str(AIRFLOW / "python"), str(program), *command], json.dumps(conf)))

    def _run(self, command: list[str], text: str = "") -> str:
        done = subprocess.run(
            command, env=self.variables, input=text, capture_output=True, text=True, timeout=1000, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    return Airflow(tmp_path_factory.mktemp("airflow"))


@pytest.fixture(scope="module")
def found(airflow: Airflow) -> dict[str, Any]:
    answer: dict[str, Any] = airflow.ask("inspect")
    return answer


def test_every_dag_is_read_without_errors_and_soon(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert set(found["dags"]) == {
        "classify_catalogue",
        "monitor_drift",
        "process_etl_stellar_data",
        "retrain_the_model",
    }
    assert max(found["seconds"].values()) < PARSE_SECONDS


def test_everything_is_documented(found: dict[str, Any]) -> None:
    for name, dag in found["dags"].items():
        assert dag["doc"], name
        for parameter, param in dag["params"].items():
            assert param["description"], f"{name}: {parameter}"
            assert param["schema"]["title"], f"{name}: {parameter}"
        for task_id, task in dag["tasks"].items():
            assert task["doc"], f"{name}: {task_id}"


def test_new_data_and_drift_start_the_retraining(found: dict[str, Any]) -> None:
    dags = found["dags"]
    assert dags["retrain_the_model"]["starts_on"] == ["star_drift", "star_training_data"]
    assert dags["process_etl_stellar_data"]["tasks"]["standardise"]["outlets"] == ["star_training_data"]
    assert any("star_drift" in task["outlets"] for task in dags["monitor_drift"]["tasks"].values())


def test_what_meets_the_network_is_tried_again_and_the_smoke_test_is_not(found: dict[str, Any]) -> None:
    tasks = found["dags"]["retrain_the_model"]["tasks"]
    assert tasks["smoke_test"]["retries"] == 0
    assert tasks["train_challenger"]["retries"] > 0
    assert tasks["smoke_test"]["downstream"] == ["announce", "roll_back"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Up]:
    with Up() as running:
        yield running


def test_from_a_catalogue_to_the_champion_that_answers(airflow: Airflow, stack: Up, tmp_path: Path) -> None:
    s3_url = f"http://127.0.0.1:{stack.ports['s3']}"
    names = {name.lower(): value for name, value in KEYS.items() if name != "AWS_DEFAULT_REGION"}
    s3 = boto3.client("s3", endpoint_url=s3_url, region_name="us-east-1", **names)
    bucket = "stellar-models"
    with mlflow_server(tmp_path, f"s3://{bucket}/mlflow", AWS_ENDPOINT_URL_S3=s3_url, **KEYS) as mlflow:
        airflow.variables |= {
            "AWS_ENDPOINT_URL_S3": s3_url,
            "MLFLOW_TRACKING_URI": mlflow,
            "MODEL_BUCKET": bucket,
            "DATA_ROOT": f"s3://{bucket}/data",
            "REST_URL": stack.url(),
        }
        prepared = airflow.ask("run", "process_etl_stellar_data", rows=3000, seed=1)
        assert prepared["state"] == "success", prepared
        s3.delete_object(Bucket=bucket, Key=CHAMPION)  # nobody to be better than
        # The rows are synthetic, which would not displace the model that ships otherwise.
        trained = airflow.ask("run", "retrain_the_model", demonstration=True)
        assert trained["state"] == "success", trained
        assert trained["tasks"]["smoke_test"] == "success"
        assert trained["tasks"]["roll_back"] == "skipped"
        champion = json.load(s3.get_object(Bucket=bucket, Key=CHAMPION)["Body"])
        assert stack.get("/model")["version"] == champion["version"]


def test_catalogues_of_one_prefix_are_classified_into_another(airflow: Airflow, stack: Up, tmp_path: Path) -> None:
    s3 = local_client(stack.url("s3"))
    for seed in (1, 2):
        s3.upload_file(str(synthetic_file(tmp_path, 100 * seed, seed)), BUCKET, f"catalogues/{seed}.csv")
    airflow.variables |= {"AWS_ENDPOINT_URL_S3": stack.url("s3"), "MODEL_BUCKET": BUCKET}
    conf = {"source": f"s3://{BUCKET}/catalogues/", "target": f"s3://{BUCKET}/classified/"}
    ended = airflow.ask("run", "classify_catalogue", **conf)
    assert ended["state"] == "success", ended
    for seed in (1, 2):
        record = json.load(s3.get_object(Bucket=BUCKET, Key=f"classified/{seed}.csv.parquet.json")["Body"])
        assert record["rows"] == 100 * seed
        assert s3.head_object(Bucket=BUCKET, Key=f"classified/{seed}.csv.parquet")["ContentLength"] > 0
