"""Whole catalogues from one S3 prefix to another, a file a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from stellar_dags.steps import run_step

PARAMS = {
    "source": Param(
        "s3://stellar-models/catalogues/",
        type="string",
        minLength=1,
        title="Catalogues",
        description="S3 prefix, folder or glob of the catalogues, in any of the formats of `stellar classify`.",
    ),
    "target": Param(
        "s3://stellar-models/classified/",
        type="string",
        minLength=1,
        title="Output",
        description="S3 prefix or folder for one Parquet file a catalogue, and lists of bad rows. Not within source.",
    ),
    "map": Param(
        {},
        type="object",
        title="Columns",
        description='Which column is which field, where names do not tell: {"redshift": "z", "z": "modelMag_z"}.',
    ),
    "abstain": Param(
        0.0,
        type="number",
        minimum=0,
        maximum=1,
        title="Least probability",
        description="Give no class below this probability; such rows are flagged `unsure`.",
    ),
}

DOC = """
### Catalogues to classify

`find` lists the catalogues under a prefix; `classify` takes one file a task, by the champion of Variable
`MODEL_BUCKET`; `summarise` adds up the counts. A file that is done already, by the same model and with the same
options, is skipped, so that a run after a failure does only what is left.
"""


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "execution_timeout": timedelta(hours=2)},
    params=PARAMS,
    tags=["stellar", "classification"],
    doc_md=DOC,
)
def classify_catalogue() -> None:
    """Classify every catalogue under a prefix."""

    @task
    def find(params: Any) -> list[dict[str, str]]:
        """List the catalogues, and the names of their outputs."""
        files: list[dict[str, str]] = run_step(
            "stellar_pipeline.bulk.keys:find_files", params["source"], params["target"]
        )
        return files

    @task(max_active_tis_per_dag=2)
    def classify(file: dict[str, str], params: Any) -> dict[str, Any]:
        """Classify one catalogue."""
        summary: dict[str, Any] = run_step(
            "stellar_pipeline.bulk.keys:classify_file",
            file["address"],
            file["name"],
            params["target"],
            mapping=params["map"],
            abstain=params["abstain"],
        )
        return summary

    @task
    def summarise(summaries: Any) -> dict[str, Any]:
        """Add up the counts of all catalogues."""
        counts: dict[str, Any] = run_step("stellar_pipeline.bulk.keys:total", list(summaries))
        return counts

    summarise(classify.expand(file=find()))


classify_catalogue()
