"""Train a challenger on the train part, and keep all of it in MLflow: figures, plots, both flavours, lineage."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from stellar.artefact import Artefact
from stellar.classifier import Classifier
from stellar.schema import CLASSES
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.etl.prepared import load_test, load_train
from stellar_pipeline.model import artefact as artefacts
from stellar_pipeline.model.estimator import StarClassifier
from stellar_pipeline.model.evaluate import evaluate
from stellar_pipeline.model.features import INPUTS, VARIANTS, for_trees, model_input
from stellar_pipeline.model.members import Settings
from stellar_pipeline.model.training import Progress, Trained, train
from stellar_pipeline.reports import plots
from stellar_pipeline.reports.explore.style import styled
from stellar_pipeline.tracking.flavours import log_flavours
from stellar_pipeline.tracking.lineage import trace
from stellar_pipeline.tracking.registry import SERVING, SKLEARN_TAG, VERSION_TAG, register, set_alias
from stellar_pipeline.tracking.server import connect, experiment
from stellar_pipeline.tuning.best import best_parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

DEFAULT_SEED = 17


def train_challenger(
    root: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Train on the train part under ``root`` and register the result with the alias ``challenger``.

    ``parameters`` are those of ``model.members.Settings`` that shall not have their default; None means those that
    tuning has found and kept under ``root``, if any. Gives ``version``, MLflow's ``run_id`` and ``number``, and where
    the serving artefact is (``artefact``).

    Raises TrackingUnavailableError, StorageError, CatalogueError, UnknownSettingError, SettingValueError, ExportError.
    """
    settings = Settings.of(best_parameters(root) if parameters is None else parameters)
    client = connect()
    rows, test = load_train(root), load_test(root)
    lineage = trace(root, rows)
    with _run(experiment(client)) as run_id:
        for name, value in {**settings.as_dict(), "seed": seed}.items():
            client.log_param(run_id, name, value)
        for name, value in lineage.tags.items():
            client.set_tag(run_id, name, value)
        client.log_inputs(run_id, [lineage.dataset()])
        trained = train(rows, settings, seed, progress)
        made = artefacts.package(trained, rows, lineage.source, lineage.provenance)
        client.set_tag(run_id, VERSION_TAG, made.version)
        _log_metrics(client, run_id, trained)
        for name, figure in _figures(trained, made, test, seed):
            client.log_figure(run_id, figure, f"plots/{name}.png")
        with TemporaryDirectory(prefix="stellar-challenger-") as folder:
            artefacts.write(made, Path(folder))
            client.log_artifacts(run_id, folder, SERVING)
        example = model_input(rows.rows.head(3))
        logged = log_flavours(made, StarClassifier(trained.models), example)
        tags = {VERSION_TAG: made.version, SKLEARN_TAG: logged.sklearn_uri, **lineage.tags}
        number = register(client, logged.onnx_uri, logged.onnx_id, run_id, tags)
    set_alias(client, "challenger", made.version)
    return {"version": made.version, "run_id": run_id, "number": number, "artefact": f"runs:/{run_id}/{SERVING}"}


@contextmanager
def _run(experiment_id: str) -> Iterator[str]:
    """An MLflow run, which ends as failed if what is done within it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        with mlflow.start_run(experiment_id=experiment_id, run_name="challenger") as run:
            yield str(run.info.run_id)


def _log_metrics(client: MlflowClient, run_id: str, trained: Trained) -> None:
    """Figures of cross-validation by plate."""
    for variant, metrics in trained.metrics.items():
        for name, value in metrics.grouped_cv.items():
            client.log_metric(run_id, f"plates.{variant}.{name}", value)
        for name, each in metrics.per_class.items():
            client.log_metric(run_id, f"plates.{variant}.f1.{name}", each.f1)


def _figures(trained: Trained, made: Artefact, test: Cleaned, seed: int) -> Iterator[tuple[str, Figure]]:
    """Plots of both variants on the test rows, and of how their members learned."""
    classifier, table, labels = Classifier(made), model_input(test.rows), test.labels
    with styled():
        for variant in VARIANTS:

            def answer(rows: NDArray[np.float32], variant: Any = variant) -> NDArray[np.float32]:
                return classifier.probabilities(rows, variant)

            probabilities = answer(table)
            matrix = evaluate(labels, probabilities).confusion_matrix
            losses = plots.permutation_losses(answer, table, labels, INPUTS[variant], seed)
            yield f"{variant}_confusion_matrix", plots.confusion(matrix, f"{variant}: test rows")
            yield f"{variant}_calibration", plots.calibration(labels, probabilities, f"{variant}: calibration")
            yield f"{variant}_importance", plots.importance(losses, f"{variant}: importance of features")
            yield f"{variant}_learning_history", _learning_history(trained, variant, table, labels)


def _learning_history(trained: Trained, variant: Any, table: NDArray[np.float32], labels: NDArray[np.intp]) -> Figure:
    """Log-loss by round for the trees, on the test rows, and by epoch for the networks, on their training rows."""
    members = trained.models[variant].members
    rounds = members.trees.staged_predict_proba(for_trees(table, variant))
    codes = list(range(len(CLASSES)))
    curves = {"trees, test rows": [float(log_loss(labels, each, labels=codes)) for each in rounds]}
    for place, losses in enumerate(members.nets.losses.T.tolist(), 1):
        curves[f"network {place}, training"] = losses
    return plots.history(curves, f"{variant}: learning", "log-loss", "round or epoch")
