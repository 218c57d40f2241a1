"""Airflow's public REST API (version 2), as far as ``stellar mlops run`` needs it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from lambda_emulator.http_client import client, reason

_TIMEOUT = 30.0
_PAUSE_SECONDS = 0.5
FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


class AirflowApiError(RuntimeError):
    """Airflow cannot be reached, refuses, or takes too long."""


class AirflowApi:
    """One user's view of one Airflow. Every method raises AirflowApiError."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._address = address
        self._client = client(address, _TIMEOUT)
        self._token: str | None = None
        self._token = self._call("POST", "/auth/token", {"username": user, "password": password})["access_token"]

    def wait_for_dags(self, *dag_ids: str, seconds: float = 120.0) -> None:
        """Airflow knows a DAG only when it has read the DAG folder."""
        deadline = time.monotonic() + seconds
        while not set(dag_ids) <= self._dag_ids():
            if time.monotonic() > deadline:
                raise AirflowApiError(f"Airflow did not find {' and '.join(dag_ids)} within {seconds:g} s")
            time.sleep(_PAUSE_SECONDS)

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run; its identifier."""
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run_ids(self, dag_id: str) -> list[str]:
        """The latest runs, the last first."""
        found = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-id&limit=50")
        return [str(each["dag_run_id"]) for each in found["dag_runs"]]

    def next_run(self, dag_id: str, known: list[str], seconds: float = 120.0) -> str:
        """Wait for a run that is not among the known ones."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if new := [each for each in self.run_ids(dag_id) if each not in known]:
                return new[0]
            time.sleep(_PAUSE_SECONDS)
        raise AirflowApiError(f"no run of {dag_id} began within {seconds:g} s")

    def follow(self, dag_id: str, run_id: str) -> Iterator[tuple[str, str, float]]:
        """Each task of a run as it begins and ends: its name, state and seconds so far; until the run has ended."""
        told: dict[str, str] = {}
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
        while True:
            ended = self._call("GET", path)["state"] in ("success", "failed")
            for task in self._call("GET", f"{path}/taskInstances")["task_instances"]:
                name, state = task["task_id"], task["state"] or "waiting"
                if told.get(name) != state and (state == "running" or state in FINISHED):
                    told[name] = state
                    yield name, state, float(task["duration"] or 0)
            if ended:
                return
            time.sleep(_PAUSE_SECONDS)

    def state(self, dag_id: str, run_id: str) -> str:
        """``success`` or ``failed`` of a run that has ended."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")["state"])

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned; None if it returned nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}"
        try:
            return self._call("GET", f"{path}/xcomEntries/return_value?deserialize=true")["value"]
        except AirflowApiError:
            return None

    def _dag_ids(self) -> set[str]:
        return {each["dag_id"] for each in self._call("GET", "/api/v2/dags?limit=100")["dags"]}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._client.request(method, f"{self._address}{path}", json=body, headers=headers)
            if answer.is_error:
                raise AirflowApiError(f"Airflow answers {method} {path} with {answer.status_code}: {answer.text[:500]}")
            return answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise AirflowApiError(f"Airflow does not answer at {self._address}: {reason(error)}") from None
