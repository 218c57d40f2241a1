"""From a catalogue to training data, in four stages that each leave their files in S3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from stellar_dags.assets import PARAMETERS, TRAINING_DATA
from stellar_dags.settings import data_root, data_source
from stellar_dags.steps import run_step

PARAMS = {
    "source": Param(
        None,
        type=["null", "string"],
        title="Catalogue",
        description="File, folder, glob or s3:// address. Empty: Variable DATA_SOURCE, without it synthetic rows.",
    ),
    "rows": Param(
        10_000, type="integer", minimum=100, title="Rows", description="How many rows a synthetic catalogue has."
    ),
    "seed": Param(
        0,
        type="integer",
        minimum=0,
        title="Seed",
        description="Of the synthetic catalogue: the same seed gives the same rows.",
    ),
    "split_seed": Param(
        17,
        type="integer",
        minimum=0,
        title="Seed of the split",
        description="Which rows are held back for the test part. Keep it, so that figures stay comparable.",
    ),
    "retraining": Param(
        {},
        type="object",
        title="Parameters of the retraining",
        description="Handed to the run of retrain_the_model that the new data starts, in place of its defaults.",
    ),
}

DOC = """
### Training data

`obtain` → `preprocess` → `split` → `standardise`, each a stage under the root that Variable `DATA_ROOT` names:

| stage | leaves |
|---|---|
| obtain | the rows as they come |
| preprocess | rows without sentinels, impossible values and duplicates, and a quality report |
| split | a stratified train and test part |
| standardise | the model's input on one scale, and `data_star.json` |

A stage whose files are there already, made from the same input, is skipped. The last one makes an event on
`star_training_data`, which starts `retrain_the_model`.
"""


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "execution_timeout": timedelta(hours=2)},
    params=PARAMS,
    tags=["stellar", "data"],
    doc_md=DOC,
)
def process_etl_stellar_data() -> None:
    """Bring a catalogue through the stages, from raw rows to train and test parts."""

    @task
    def obtain(params: Any) -> dict[str, Any]:
        """Put the catalogue's rows under raw/."""
        source = params["source"] or data_source()
        return run_step("stellar_pipeline.etl:obtain", data_root(), source, rows=params["rows"], seed=params["seed"])

    @task
    def preprocess() -> dict[str, Any]:
        """Drop what cannot be learned from, and report the quality of the rest."""
        return run_step("stellar_pipeline.etl:preprocess", data_root())

    @task
    def split(params: Any) -> dict[str, Any]:
        """Hold rows back for the test part, by class."""
        return run_step("stellar_pipeline.etl:split", data_root(), seed=params["split_seed"])

    @task(outlets=[TRAINING_DATA])
    def standardise(params: Any, outlet_events: Any) -> dict[str, Any]:
        """Put the model's input on one scale, and describe the data."""
        outlet_events[TRAINING_DATA].extra = {PARAMETERS: params["retraining"]}
        return run_step("stellar_pipeline.etl:standardise", data_root())

    obtain() >> preprocess() >> split() >> standardise()


process_etl_stellar_data()
