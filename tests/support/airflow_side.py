"""What tests ask of Airflow, as a program for Airflow's own environment. The answer on standard output is JSON.

``inspect`` reads the DAG folder; ``run DAG_ID`` reads a run's parameters from standard input and runs the DAG in this
process by ``dag.test()``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO


def _claim_stdout() -> TextIO:
    """Standard output for the answer alone: Airflow writes its log there."""
    claimed = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return claimed


def inspect() -> dict[str, Any]:
    bag = _bag()
    return {
        "errors": bag.import_errors,
        "seconds": {stat.file: stat.duration.total_seconds() for stat in bag.dagbag_stats},
        "dags": {dag_id: _described(dag) for dag_id, dag in bag.dags.items()},
    }


def run(dag_id: str, conf: dict[str, Any]) -> dict[str, Any]:
    ended = _bag().dags[dag_id].test(run_conf=conf)
    return {"state": str(ended.state), "tasks": {ti.task_id: str(ti.state) for ti in ended.get_task_instances()}}


def _described(dag: Any) -> dict[str, Any]:
    schedule = getattr(dag.timetable, "asset_condition", None)
    return {
        "doc": dag.doc_md,
        "paused": dag.is_paused_upon_creation,
        "starts_on": sorted(asset.name for asset in getattr(schedule, "objects", ())),
        "params": {name: dag.params.get_param(name).serialize() for name in dag.params},
        "tasks": {
            # topological_sort() raises AirflowDagCycleException
            task.task_id: {
                "downstream": sorted(task.downstream_task_ids),
                "outlets": [asset.name for asset in task.outlets],
                "retries": task.retries,
                "doc": task.python_callable.__doc__,
            }
            for task in dag.topological_sort()
        },
    }


def _bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])


def main() -> None:
    out = _claim_stdout()
    command, *rest = sys.argv[1:]
    answer = inspect() if command == "inspect" else run(rest[0], json.load(sys.stdin))
    with out:
        json.dump(answer, out)


if __name__ == "__main__":
    main()
