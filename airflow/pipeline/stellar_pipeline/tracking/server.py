"""The way to the MLflow server. ``mlflow`` takes seconds to import, so it is imported when the server is there.

MLFLOW_TRACKING_URI says where it is: http://…, or sqlite:///… for one user without a server. Nothing is ever sent
elsewhere: MLflow's own telemetry is turned off here, before it is imported.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from stellar_pipeline.errors import TransientError
from stellar_pipeline.http_client import client, reason

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "star_classification"
MODEL_NAME = "star_class_model_prod"

_PROBE_SECONDS = 3.0
_FILE = "sqlite:///"


class TrackingUnavailableError(TransientError):
    """There is no MLflow server, or it does not answer."""


def connect() -> MlflowClient:
    """A client of the server that MLFLOW_TRACKING_URI names. Raises TrackingUnavailableError within seconds."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        raise TrackingUnavailableError("MLFLOW_TRACKING_URI is not set: it names the MLflow server")
    if uri.startswith("http"):
        _probe(uri)
    elif uri.startswith(_FILE):
        Path(uri.removeprefix(_FILE)).parent.mkdir(parents=True, exist_ok=True)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    with warnings.catch_warnings():
        # What MLflow's dependencies have to say of each other is nothing that a user could change.
        warnings.simplefilter("ignore")
        import mlflow

    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient(uri)


def experiment(client: MlflowClient, name: str = EXPERIMENT) -> str:
    """The identifier of an experiment, which is made if need be. Raises TrackingUnavailableError."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_experiment_by_name(name)
        return str(found.experiment_id if found else client.create_experiment(name, _artifacts(client)))
    except MlflowException as error:
        if "RESOURCE_ALREADY_EXISTS" in str(error.error_code):  # another process was faster
            return experiment(client, name)
        raise TrackingUnavailableError(f"MLflow: {error.message}") from None


def _artifacts(client: MlflowClient) -> str | None:
    """Where artefacts go: a server decides by itself; without one they lie beside the file."""
    uri = str(client.tracking_uri)
    if not uri.startswith(_FILE):
        return None
    return Path(uri.removeprefix(_FILE)).resolve().with_suffix(".artifacts").as_uri()


def _probe(uri: str) -> None:
    """MLflow's own client would try for minutes."""
    import httpx

    try:
        with client(uri, _PROBE_SECONDS) as server:
            server.get(f"{uri.rstrip('/')}/health").raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TrackingUnavailableError(f"no MLflow server answers at {uri}: {reason(error)}") from None
