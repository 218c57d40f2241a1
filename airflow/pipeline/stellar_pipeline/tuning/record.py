"""A trial's run in MLflow, nested in the study's: parameters, metrics fold by fold, plots.

Runs are named by their identifiers throughout: MLflow's notion of an active run is one for a whole process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from stellar_pipeline.model.features import VARIANTS
from stellar_pipeline.reports import plots
from stellar_pipeline.reports.explore.style import styled
from stellar_pipeline.tracking.server import EXPERIMENT, experiment
from stellar_pipeline.tuning.families import Family
from stellar_pipeline.tuning.trial import Found

if TYPE_CHECKING:
    from mlflow import MlflowClient

TUNING = f"{EXPERIMENT}_tuning"
FIGURES = ("macro_f1", "accuracy", "log_loss", "calibration_error")

State = Literal["complete", "pruned", "failed"]
_ENDED: dict[State, str] = {"complete": "FINISHED", "pruned": "FINISHED", "failed": "FAILED"}


def open_study_run(client: MlflowClient, name: str, tags: Mapping[str, str]) -> str:
    """The run that holds a study's trials; the one that is there already if the study goes on. Its identifier."""
    place = experiment(client, TUNING)
    for run in client.search_runs([place], f"tags.`stellar.study` = '{name}'", max_results=1):
        return str(run.info.run_id)
    run = client.create_run(place, run_name=name, tags={"stellar.study": name, **tags})
    return str(run.info.run_id)


def open_trial_run(
    client: MlflowClient, parent: str, family: Family, number: int, parameters: Mapping[str, float]
) -> str:
    """A nested run with the trial's parameters; its identifier."""
    tags = {"mlflow.parentRunId": parent, "stellar.family": family.name}
    run = client.create_run(experiment(client, TUNING), run_name=f"{family.name} {number}", tags=tags)
    for name, value in parameters.items():
        client.log_param(run.info.run_id, name, value)
    return str(run.info.run_id)


def record_fold(client: MlflowClient, run_id: str, step: int, found: Found) -> None:
    """Figures of all rows that were held back so far."""
    client.log_metric(run_id, "loss", found.loss, step=step)
    for variant, metrics in found.metrics().items():
        for name in FIGURES:
            client.log_metric(run_id, f"{variant}.{name}", getattr(metrics, name), step=step)


def close_trial_run(client: MlflowClient, run_id: str, family: Family, state: State, found: Found | None) -> None:
    """Plots of what was found, if anything was, and the run's end."""
    client.set_tag(run_id, "stellar.state", state)
    if found is not None:
        _draw(client, run_id, family, found)
    client.set_terminated(run_id, _ENDED[state])


def _draw(client: MlflowClient, run_id: str, family: Family, found: Found) -> None:
    metrics = found.metrics()
    with styled():
        for variant in VARIANTS:
            title = f"{variant}, {family.name}"
            figures = {
                "confusion_matrix": plots.confusion(metrics[variant].confusion_matrix, title),
                "calibration": plots.calibration(*found.unseen(variant), title),
                "importance": plots.importance(found.importance[variant], title),
                "learning_history": plots.history(found.curves[variant], title, "log-loss", family.step),
            }
            for name, figure in figures.items():
                client.log_figure(run_id, figure, f"plots/{variant}_{name}.png")
