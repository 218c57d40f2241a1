"""A study: many trials of each family, in parallel processes, kept in SQLite so that it can go on after an end.

The main process asks Optuna what to try and tells it what came of it. Processes do the trials: they report each fold,
and give up where the median of the trials before was better.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from stellar_pipeline.etl.parts import TRAIN
from stellar_pipeline.etl.prepared import load_train
from stellar_pipeline.model.members import Settings
from stellar_pipeline.object_store import MissingObjectError, StorageError, open_root
from stellar_pipeline.tracking.server import connect
from stellar_pipeline.tuning.best import keep_best
from stellar_pipeline.tuning.families import FAMILIES, FamilyName
from stellar_pipeline.tuning.record import close_trial_run, open_study_run, open_trial_run, record_fold
from stellar_pipeline.tuning.trial import Found, Rows, cross_validate

_DONE = (TrialState.COMPLETE, TrialState.PRUNED)
_RUN_ID = "mlflow.run_id"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. ``trials`` counts those of all families, and those that the study has already."""

    root: str
    storage: str
    name: str = "star_classification"
    trials: int = 40
    families: tuple[FamilyName, ...] = ("trees", "nets")
    jobs: int = 2
    folds: int = 3
    rows: int = 20_000
    seed: int = 17


@dataclass(frozen=True, slots=True)
class Told:
    """How far a family is: trials done and given up, and the least loss."""

    family: FamilyName
    done: int
    pruned: int
    best: float | None


Progress = Callable[[Told], None]


def tune(plan: Plan, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Try settings until each family has had its share of the trials, and keep the best of all families.

    Gives ``parameters`` (for ``train_challenger``), the least ``loss`` of each family, how many trials there were
    (``trials``, ``pruned``), the ``run_id`` that holds them in MLflow, and where the parameters are kept (``uri``).

    Raises TrackingUnavailableError, StorageError.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    root = open_root(plan.root)
    if root.size(TRAIN) is None:  # asked here, for a process of the pool could not say so in one line
        raise MissingObjectError(f"{root.uri(TRAIN)} does not exist")
    client = connect()
    parent = open_study_run(client, plan.name, {"data.root": plan.root})
    studies = {family: _open(plan, family, client) for family in plan.families}
    with _workers(plan, parent) as submit:
        _try_all(plan, studies, submit, progress)
    client.set_terminated(parent)
    best: dict[str, Any] = {}
    losses: dict[str, float] = {}
    for family, study in studies.items():
        finished = [trial for trial in study.trials if trial.state is TrialState.COMPLETE]
        if finished:
            best |= study.best_params
            losses[family] = float(study.best_value)
    trials = [trial for study in studies.values() for trial in study.trials if trial.state in _DONE]
    pruned = sum(trial.state is TrialState.PRUNED for trial in trials)
    about = {"loss": losses, "trials": len(trials), "pruned": pruned, "run_id": parent}
    client.log_dict(parent, best, "best_parameters.json")
    for name, value in best.items():
        client.set_tag(parent, f"best.{name}", value)
    return {"parameters": best, **about, "uri": keep_best(plan.root, best, {**about, "plan": asdict(plan)})}


def _open(plan: Plan, family: FamilyName, client: Any) -> optuna.Study:
    """The family's study. Trials that an interruption left behind are ended, here and in MLflow."""
    try:
        if plan.storage.startswith("sqlite:///"):
            Path(plan.storage.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(storage=plan.storage, study_name=f"{plan.name}/{family}", load_if_exists=True)
    except (SQLAlchemyError, StorageInternalError, ImportError, OSError) as error:
        raise StorageError(f"The study cannot be kept at {plan.storage}: {error}") from None
    # Seeded alike, a study that goes on would begin with the very settings that it tried first.
    study.sampler = optuna.samplers.TPESampler(seed=plan.seed + len(study.trials))
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        if _RUN_ID in trial.user_attrs:
            client.set_terminated(trial.user_attrs[_RUN_ID], "KILLED")
    return study


def _try_all(
    plan: Plan,
    studies: dict[FamilyName, optuna.Study],
    submit: Callable[[FamilyName, int, dict[str, Any]], Future[float | None]],
    progress: Progress,
) -> None:
    """Keep as many trials going as there are processes, of the families in turn."""
    left = {family: _share(plan, family) - _told(study, family).done for family, study in studies.items()}
    running: dict[Future[float | None], tuple[FamilyName, int]] = {}
    for family, study in studies.items():
        progress(_told(study, family))
    while running or any(count > 0 for count in left.values()):
        while len(running) < plan.jobs and any(count > 0 for count in left.values()):
            family = max(left, key=lambda name: left[name])
            left[family] -= 1
            trial = studies[family].ask()
            parameters = FAMILIES[family].suggest(trial)
            running[submit(family, trial.number, parameters)] = (family, trial.number)
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            family, number = running.pop(future)
            loss = future.result()
            if loss is None:
                studies[family].tell(number, state=TrialState.PRUNED)
            else:
                studies[family].tell(number, loss)
            progress(_told(studies[family], family))


def _share(plan: Plan, family: FamilyName) -> int:
    """How many of the trials are the family's."""
    whole, more = divmod(plan.trials, len(plan.families))
    return whole + (plan.families.index(family) < more)


def _told(study: optuna.Study, family: FamilyName) -> Told:
    trials = study.get_trials(deepcopy=False, states=_DONE)
    losses = [trial.value for trial in trials if trial.state is TrialState.COMPLETE and trial.value is not None]
    return Told(family, len(trials), len(trials) - len(losses), min(losses, default=None))


@contextmanager
def _workers(plan: Plan, parent: str) -> Iterator[Callable[[FamilyName, int, dict[str, Any]], Future[float | None]]]:
    """Something to give trials to: processes, or this one if there shall be only one."""
    if plan.jobs == 1:
        _prepare(plan, parent)

        def here(family: FamilyName, number: int, parameters: dict[str, Any]) -> Future[float | None]:
            done: Future[float | None] = Future()
            done.set_result(_run(family, number, parameters))
            return done

        yield here
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(plan.jobs, context, initializer=_start, initargs=(plan, parent)) as pool:
        yield lambda family, number, parameters: pool.submit(_run, family, number, parameters)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a process needs for its trials, made once."""

    plan: Plan
    parent: str
    rows: Rows
    client: Any


_bench: _Bench | None = None


def _start(plan: Plan, parent: str) -> None:
    """Called once in each process of the pool, which shall not outlive the main one, however that ends."""
    main = multiprocessing.parent_process()
    assert main is not None

    def follow() -> None:
        main.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    _prepare(plan, parent)


def _prepare(plan: Plan, parent: str) -> None:
    """Get ready for trials."""
    global _bench
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    _bench = _Bench(plan, parent, Rows.of(load_train(plan.root), plan.rows, plan.seed), connect())


def _run(family_name: FamilyName, number: int, parameters: dict[str, Any]) -> float | None:
    """One trial; its loss, None if it was given up."""
    assert _bench is not None
    plan, client, family = _bench.plan, _bench.client, FAMILIES[family_name]
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4)
    study = optuna.load_study(study_name=f"{plan.name}/{family_name}", storage=plan.storage, pruner=pruner)
    trial = optuna.Trial(study, study.trials[number]._trial_id)
    run_id = open_trial_run(client, _bench.parent, family, number, parameters)
    trial.set_user_attr(_RUN_ID, run_id)
    found: Found | None = None
    try:
        for step, found in enumerate(
            cross_validate(family, Settings.of(parameters), _bench.rows, plan.folds, plan.seed), 1
        ):
            record_fold(client, run_id, step, found)
            trial.report(found.loss, step)
            if step < plan.folds and trial.should_prune():
                close_trial_run(client, run_id, family, "pruned", found)
                return None
    except BaseException:
        close_trial_run(client, run_id, family, "failed", None)
        raise
    close_trial_run(client, run_id, family, "complete", found)
    assert found is not None
    return found.loss
