"""One MLflow server for the session, with S3 behind it, and rows to learn from."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from stellar_pipeline.etl.chain import run
from stellar_pipeline.release.retrain import train_challenger
from support.mlflow_server import mlflow_server
from support.moto import moto_server
from support.trained import SMALL

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(scope="session")
def mlflow_uri(s3_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    boto3.client(
        "s3", endpoint_url=s3_url, aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    ).create_bucket(Bucket="mlflow")
    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(folder, "s3://mlflow/artefacts", AWS_ENDPOINT_URL_S3=s3_url, **KEYS) as uri:
        yield uri


@pytest.fixture(autouse=True)
def untracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow is not there, whatever this machine's environment says."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def model_bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty models' bucket, to which the environment leads."""
    name = f"models-{uuid.uuid4().hex}"
    for variable, value in {**KEYS, "AWS_ENDPOINT_URL_S3": s3_url, "MODEL_BUCKET": name}.items():
        monkeypatch.setenv(variable, value)
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def tracked(mlflow_uri: str, untracked: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address, to which the environment leads."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    return mlflow_uri


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the stages have left 2,000 synthetic rows. Shared: not to be changed."""
    folder: Path = tmp_path_factory.mktemp("stages")
    list(run(str(folder), rows=2000, seed=3))
    return str(folder)


@pytest.fixture(scope="session")
def challengers(mlflow_uri: str, root: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What training gave: a sound challenger, and a poorer one, which was registered last."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
        sound = train_challenger(root, parameters=SMALL, seed=5)
        return sound, train_challenger(root, parameters=SMALL | {"boosting_rounds": 1, "epochs": 1}, seed=6)
