"""Train a challenger, let it compete with the champion, and put it in the champion's place if it is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, TriggerRule, dag, task

from stellar_dags.assets import CHAMPION, DRIFT, PARAMETERS, TRAINING_DATA
from stellar_dags.settings import data_root, rest_url
from stellar_dags.steps import run_step

PARAMS = {
    "parameters": Param(
        None,
        type=["null", "object"],
        title="Settings of the training",
        description="Those that shall not have their default. Empty: what tuning has found, if anything.",
    ),
    "seed": Param(
        17, type="integer", minimum=0, title="Seed", description="The same seed and rows give the same model."
    ),
    "margin": Param(
        0.002,
        type="number",
        minimum=0,
        maximum=1,
        title="Margin",
        description="By how much the challenger's macro-F1 must be better for it to be promoted.",
    ),
    "class_loss": Param(
        0.01,
        type="number",
        minimum=0,
        maximum=1,
        title="Loss of a class",
        description="By how much the F1 of any one class may be worse at most.",
    ),
    "demonstration": Param(
        False,
        type="boolean",
        title="Demonstration",
        description="Let a model of synthetic rows take the place of one of real rows, to see the whole loop at work.",
    ),
    "smoke_seconds": Param(
        30,
        type="number",
        exclusiveMinimum=0,
        title="Time for the swap [s]",
        description="How long the service may take to answer with the new champion before the old one is put back.",
    ),
}


def settled(params: Mapping[str, Any], events: Mapping[Any, Sequence[Any]]) -> dict[str, Any]:
    """The run's parameters, and over them those that came with the new training data, if that started the run.

    Raises ParamValidationError.
    """
    handed_over: dict[str, Any] = {}
    for event in events.get(TRAINING_DATA, ()):
        handed_over |= event.extra.get(PARAMETERS, {})
    return {name: param.resolve(handed_over.get(name, params[name])) for name, param in PARAMS.items()}


DOC = """
### Champion and challenger

`train_challenger` → `compare` on the same test rows → `is_better` → `promote` (export to S3, name it champion) →
`smoke_test` through REST → `announce`. If the smoke test fails, `roll_back` puts the champion before back in its place,
and the run has failed. If the challenger is not better, the rest is skipped, and the run has succeeded.
A model of synthetic rows never takes the place of one of real rows, but for a demonstration; one that was rolled back
is not promoted again until a person does it.

Starts when `process_etl_stellar_data` has new training data, or when `monitor_drift` has found drift.
"""


@dag(
    schedule=(TRAINING_DATA | DRIFT),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "execution_timeout": timedelta(hours=6)},
    params=PARAMS,
    tags=["stellar", "model"],
    doc_md=DOC,
)
def retrain_the_model() -> None:
    """Train a challenger, compare it with the champion, and promote the better one."""

    @task
    def train_challenger(params: Any, triggering_asset_events: Any) -> dict[str, Any]:
        """Train on the train part, and register the result in MLflow."""
        wanted = settled(params, triggering_asset_events)
        options = {"parameters": wanted["parameters"], "seed": wanted["seed"]}
        return run_step("stellar_pipeline.release.retrain:train_challenger", data_root(), **options)

    @task
    def compare(challenger: dict[str, Any], params: Any, triggering_asset_events: Any) -> dict[str, Any]:
        """Both models on the same test rows, and whether the new one is worth it."""
        wanted = settled(params, triggering_asset_events)
        limits = {name: wanted[name] for name in ("margin", "class_loss", "demonstration")}
        return run_step("stellar_pipeline.release.retrain:compare", data_root(), challenger["version"], **limits)

    @task.short_circuit
    def is_better(comparison: dict[str, Any]) -> bool:
        """Go on only if the comparison says so; the log says why."""
        print("\n".join(comparison["reasons"]))
        return bool(comparison["promote"])

    @task
    def promote(challenger: dict[str, Any]) -> dict[str, Any]:
        """Export the model to S3 and make it the champion: serving takes it up by itself."""
        return run_step("stellar_pipeline.release.retrain:promote", challenger["version"], lift=False)

    @task(retries=0)
    def smoke_test(promotion: dict[str, Any], params: Any, triggering_asset_events: Any) -> dict[str, Any]:
        """Known objects through REST: by the new model, and right."""
        seconds = settled(params, triggering_asset_events)["smoke_seconds"]
        return run_step(
            "stellar_pipeline.release.retrain:smoke_test", rest_url(), promotion["champion"], seconds=seconds
        )

    @task(trigger_rule=TriggerRule.ONE_FAILED)
    def roll_back(promotion: dict[str, Any]) -> dict[str, Any]:
        """The champion before the promotion, back in its place."""
        return run_step("stellar_pipeline.release.retrain:roll_back", promotion["previous"])

    @task(outlets=[CHAMPION])
    def announce(proof: dict[str, Any]) -> str:
        """Tell whoever waits for a new champion. Without this last task a run that was rolled back would pass."""
        return str(proof["version"])

    challenger = train_challenger()
    better = is_better(compare(challenger))
    promotion = promote(challenger)
    proof = smoke_test(promotion)
    better >> promotion
    proof >> roll_back(promotion)
    announce(proof)


retrain_the_model()
