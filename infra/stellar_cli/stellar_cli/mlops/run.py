"""Both DAGs through Airflow's REST API, and what became of it: who answered before, and who answers now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from stellar_cli.mlops.api import AirflowApi
from stellar_cli.mlops.kafka import kafka_serving_version
from stellar_pipeline.release.serving_version import ServingVersion, serving_versions

if TYPE_CHECKING:
    from stellar_cli.mlops.command import Session

DATA, MODEL = "process_etl_stellar_data", "retrain_the_model"
SWAP_SECONDS = 30.0
"""How long all protocols have to answer with the new champion; they look for one every five seconds."""

_STYLES = {"success": "green", "failed": "red", "upstream_failed": "red"}


def retrain(airflow: AirflowApi, session: Session, conf: dict[str, Any], console: Console) -> dict[str, Any]:
    """Start the data's DAG, follow it and the retraining that its asset starts, and show the swap.

    Gives ``before`` and ``after`` (version by protocol), ``comparison``, ``promoted``, ``swap_seconds`` (from the
    end of the retraining until all protocols answer with the new champion) and ``succeeded``. Raises AirflowApiError.
    """
    airflow.wait_for_dags(DATA, MODEL)
    before = _serving_versions(session)
    _show(console, "Who answers", {"before": before})
    known = airflow.run_ids(MODEL)
    run_id = airflow.trigger(DATA, conf)
    found: dict[str, Any] = {"before": _versions(before), "promoted": None, "succeeded": False}
    if not _follow(airflow, DATA, run_id, console):
        console.print(f"[red]{DATA} failed[/]: its log is at {session.airflow}/dags/{DATA}")
        return found
    run_id = airflow.next_run(MODEL, known)
    succeeded = _follow(airflow, MODEL, run_id, console)
    comparison = airflow.result(MODEL, run_id, "compare")
    promotion = airflow.result(MODEL, run_id, "promote")
    promoted = airflow.result(MODEL, run_id, "announce")
    _tell(console, comparison)
    if promotion and not promoted:
        console.print("[red]Rolled back[/]: the smoke test failed")
    began = time.monotonic()
    after = _serving_versions(session)
    while promoted and time.monotonic() - began < SWAP_SECONDS and set(_versions(after).values()) != {promoted}:
        after = _serving_versions(session)
    _show(console, "Who answers", {"before": before, "after": after})
    return found | {
        "after": _versions(after),
        "comparison": comparison,
        "promoted": promoted,
        "swap_seconds": round(time.monotonic() - began, 2) if promoted else None,
        "succeeded": succeeded and (not promoted or set(_versions(after).values()) == {promoted}),
    }


def _follow(airflow: AirflowApi, dag_id: str, run_id: str, console: Console) -> bool:
    console.print(f"\n[bold]{dag_id}[/]")
    for task, state, seconds in airflow.follow(dag_id, run_id):
        if state == "running":
            console.print(f"  {task:<18} …", style="dim")
        else:
            took = f"{seconds:8.1f} s" if state == "success" else ""
            console.print(f"  {task:<18} [{_STYLES.get(state, 'dim')}]{state:<10}[/]{took}", highlight=False)
    return airflow.state(dag_id, run_id) == "success"


def _serving_versions(session: Session) -> list[ServingVersion]:
    return [*serving_versions(session.rest, session.grpc), kafka_serving_version(session.kafka)]


def _versions(answering: list[ServingVersion]) -> dict[str, str | None]:
    return {each.protocol: each.version for each in answering}


def _tell(console: Console, comparison: dict[str, Any] | None) -> None:
    """Why the challenger was promoted, or not."""
    if not comparison:
        return
    champion, challenger = comparison["champion"], comparison["challenger"]
    against = f"{champion['macro_f1']:.4f} of {champion['version']}" if champion else "no champion"
    verdict = "promoted" if comparison["promote"] else "not promoted"
    console.print(
        f"\n{challenger['version']}: macro-F1 {challenger['macro_f1']:.4f} against {against}: {verdict}", soft_wrap=True
    )
    for reason in comparison["reasons"]:
        console.print(f"  {reason}", style="dim", soft_wrap=True)


def _show(console: Console, title: str, columns: dict[str, list[ServingVersion]]) -> None:
    table = Table(title=title, title_justify="left")
    for name in ("protocol", *columns):
        table.add_column(name)
    for row in zip(*columns.values(), strict=True):
        table.add_row(row[0].protocol, *(each.version or f"[red]{each.problem}[/]" for each in row))
    console.print()
    console.print(table)
