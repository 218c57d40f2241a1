"""``stellar tune``: look for better settings of the model. The packages that it needs are imported when it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from stellar_pipeline.tuning.study import Told

FAMILIES = ("trees", "nets")


@click.command()
@click.option(
    "--root",
    envvar="STELLAR_PIPELINE_ROOT",
    default=".stellar/pipeline",
    show_default=True,
    show_envvar=True,
    help="Where `stellar pipeline run` has put the training rows: a folder, or s3://bucket/prefix.",
)
@click.option("--trials", type=click.IntRange(min=1), default=40, show_default=True, help="In all, earlier ones too.")
@click.option("--family", "families", multiple=True, type=click.Choice(FAMILIES), help="Only this; may be repeated.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Trials at a time.")
@click.option("--folds", type=click.IntRange(min=2), default=3, show_default=True, help="Parts of cross-validation.")
@click.option("--rows", type=click.IntRange(min=100), default=20_000, show_default=True, help="Learn from so many.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=17, show_default=True, help="Of sampling and folds.")
@click.option("--name", default="star_classification", show_default=True, help="Of the study; the same goes on.")
@click.option(
    "--storage", default="sqlite:///.stellar/tuning.db", show_default=True, help="Where the study is kept: SQLAlchemy."
)
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    default="sqlite:///.stellar/mlflow.db",
    show_default=True,
    show_envvar=True,
    help="The MLflow server, or a file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def tune(families: tuple[str, ...], trials: int, tracking_uri: str, as_json: bool, **options: Any) -> None:
    """Look for better settings of the trees and of the networks that are blended.

    Each family is judged by its calibrated log-loss in cross-validation; trials that do worse than the median are
    given up early. Interrupted, the same command goes on. What is found is kept under the root, and the next
    challenger is trained with it.
    """
    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri
    with _failures(), _progress(trials) as told:
        from stellar_pipeline.tuning.study import Plan
        from stellar_pipeline.tuning.study import tune as search

        chosen = families or FAMILIES
        found = search(Plan(trials=trials, families=chosen, **options), told)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for family, loss in found["loss"].items():
        click.echo(f"{family:<6} log-loss {loss:.4f}")
    for name, value in found["parameters"].items():
        click.echo(f"  {name:<16} {value:.4g}")
    click.echo(f"{found['trials']} trials, {found['pruned']} of them given up early. Kept in {found['uri']}")
    click.echo(f"MLflow: run {found['run_id']} at {tracking_uri}")


@contextmanager
def _failures() -> Iterator[None]:
    """What a user can put right becomes one line."""
    try:
        import optuna  # noqa: F401

        from stellar_pipeline.object_store import StorageError
        from stellar_pipeline.tracking.server import TrackingUnavailableError
    except ModuleNotFoundError as error:
        way_out = "`uv sync --inexact --group train --group mlops` installs what tuning needs"
        raise click.ClickException(f"{error.name} is not installed. {way_out}.") from None
    try:
        yield
    except (StorageError, TrackingUnavailableError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted. What is done is kept: the same command goes on.") from None


@contextmanager
def _progress(trials: int) -> Iterator[Any]:
    """A bar for all trials, with the least loss of each family, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("trials", total=trials)
        state: dict[str, Told] = {}

        def told(each: Told) -> None:
            state[each.family] = each
            best = ", ".join(f"{one.family} {one.best:.4f}" for one in state.values() if one.best is not None)
            done = sum(one.done for one in state.values())
            bar.update(task, completed=done, description=f"least log-loss: {best}" if best else "trials")

        yield told
