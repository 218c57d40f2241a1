"""Do objects that are classified now still look like those that the model learned from?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from stellar_dags.assets import DRIFT
from stellar_dags.settings import data_root, kafka_bootstrap_servers
from stellar_dags.steps import run_step

PARAMS = {
    "limit": Param(
        10_000, type="integer", minimum=200, title="Objects", description="The latest so many objects are looked at."
    ),
    "seconds": Param(
        30,
        type="number",
        minimum=1,
        title="Time to read [s]",
        description="How long predictions are read from Kafka at most.",
    ),
    "threshold": Param(
        0.2,
        type="number",
        minimum=0,
        title="Threshold",
        description="The population stability index of a feature, or of the class mix, above which drift is declared.",
    ),
}

DOC = """
### Drift

`collect` keeps recent inputs and their predictions (topic `star_predictions_output`) in S3, `measure` compares them
with the training rows and leaves a report as HTML. Above the threshold, `alarm` makes an event on `star_drift`, which
starts `retrain_the_model`.

It is paused when Airflow first meets it: there is nothing to compare with before training data has been made.
"""


@dag(
    schedule=timedelta(days=1),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "execution_timeout": timedelta(hours=1)},
    params=PARAMS,
    tags=["stellar", "drift"],
    doc_md=DOC,
)
def monitor_drift() -> None:
    """Compare what is classified now with what the champion was trained on."""

    @task
    def collect(params: Any) -> dict[str, Any]:
        """Keep the latest classified objects in S3."""
        limits = {"limit": params["limit"], "seconds": params["seconds"]}
        return run_step("stellar_pipeline.drift:collect", data_root(), kafka_bootstrap_servers(), **limits)

    @task
    def measure(params: Any) -> dict[str, Any]:
        """Compare them with the training rows, and write the report."""
        return run_step("stellar_pipeline.drift:measure", data_root(), threshold=params["threshold"])

    @task.short_circuit
    def has_drifted(measured: dict[str, Any]) -> bool:
        """Go on only if there is drift; the log says where the report is."""
        print(f"{measured['reason']}. Report: {measured['report']}")
        return bool(measured["drifted"])

    @task(outlets=[DRIFT])
    def alarm(measured: dict[str, Any]) -> str:
        """Call for a new model."""
        return str(measured["reason"])

    measured = measure()
    collect() >> measured
    has_drifted(measured) >> alarm(measured)


monitor_drift()
