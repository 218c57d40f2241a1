"""Variables and Connections that the DAGs read. ``variables.json`` and ``connections.json`` declare them.

What is not declared is taken from the environment of Airflow itself, so a deployment that sets
``MLFLOW_TRACKING_URI``, ``AWS_ENDPOINT_URL_S3`` and the like needs no Connection at all. Read in tasks only: a DAG file
that did so would ask the database at every parse.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from airflow.sdk import Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

DEFAULT_BUCKET = "stellar-models"


def model_bucket() -> str:
    """The S3 bucket of the champion: Variable ``MODEL_BUCKET``."""
    return _variable("MODEL_BUCKET") or DEFAULT_BUCKET


def data_root() -> str:
    """Where the stages keep their files, ``s3://bucket/prefix``: Variable ``DATA_ROOT``."""
    return _variable("DATA_ROOT") or f"s3://{model_bucket()}/data"


def data_source() -> str | None:
    """The catalogue to learn from: Variable ``DATA_SOURCE``; None for synthetic rows."""
    return _variable("DATA_SOURCE") or None


def rest_url() -> str:
    """The service whose answers a smoke test trusts: Connection ``stellar_rest``."""
    found = _connection("stellar_rest")
    return _url(found) if found else os.environ.get("REST_URL", "http://127.0.0.1:3000")


def kafka_bootstrap_servers() -> str:
    """The brokers that predictions are read from: Connection ``stellar_kafka``."""
    found = _connection("stellar_kafka")
    declared = found.extra_dejson.get("bootstrap.servers") if found else None
    return str(declared or os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"))


def step_environment() -> dict[str, str]:
    """The variables by which a step finds S3 and MLflow: Connections ``stellar_s3`` and ``stellar_mlflow``."""
    environment = {"MODEL_BUCKET": model_bucket()}
    if found := _connection("stellar_s3"):
        extra = found.extra_dejson
        declared: Mapping[str, str | None] = {
            "AWS_ACCESS_KEY_ID": found.login,
            "AWS_SECRET_ACCESS_KEY": found.password,
            "AWS_ENDPOINT_URL_S3": extra.get("endpoint_url"),
            "AWS_DEFAULT_REGION": extra.get("region_name"),
        }
        environment.update({name: value for name, value in declared.items() if value})
    if found := _connection("stellar_mlflow"):
        environment["MLFLOW_TRACKING_URI"] = _url(found)
    return environment


def _variable(name: str) -> str:
    return str(Variable.get(name, default=None) or os.environ.get(name, ""))


def _connection(name: str) -> Connection | None:
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def _url(connection: Connection) -> str:
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'http'}://{connection.host}{port}"
