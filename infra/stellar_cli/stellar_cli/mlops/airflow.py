"""Airflow on this machine: its settings, what is declared for its DAGs, and the three processes it is made of.

``airflow standalone`` is left aside: it starts a triggerer that no DAG here needs, and hides its children's output.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from stellar_local_stack.children import Children, wait_for_port
from stellar_local_stack.ports import Ports
from stellar_local_stack.project import ROOT

USER = "admin"
PROGRAM = ROOT / ".venv-airflow/bin/airflow"

_DECLARED = ROOT / "airflow"
_START_SECONDS = 180.0
"""Airflow imports for seconds, and much longer on a busy machine."""

_COMPONENTS = (("scheduler", "--skip-serve-logs"), ("dag-processor",), ("api-server",))


class AirflowMissingError(RuntimeError):
    """Airflow's environment has not been installed, or its database cannot be made."""


def variables() -> dict[str, str]:
    """What ``airflow/variables.json`` declares: value by name."""
    declared: dict[str, Any] = json.loads((_DECLARED / "variables.json").read_text())
    return {name: str(each["value"]) for name, each in declared.items()}


def connections(ports: Ports, mlflow_port: int) -> dict[str, dict[str, Any]]:
    """What ``airflow/connections.json`` declares, led to the ports that are really used."""
    declared: dict[str, dict[str, Any]] = json.loads((_DECLARED / "connections.json").read_text())
    declared["stellar_s3"]["extra"]["endpoint_url"] = ports.s3_url
    declared["stellar_kafka"]["extra"]["bootstrap.servers"] = ports.kafka_address
    declared["stellar_rest"]["port"] = ports.http
    declared["stellar_mlflow"]["port"] = mlflow_port
    return declared


def environment(home: Path, port: int, ports: Ports, mlflow_port: int) -> dict[str, str]:
    """All that Airflow is told: loopback only, no telemetry, no examples, two tasks at once."""
    address = f"http://127.0.0.1:{port}"
    settings = {
        "CORE__DAGS_FOLDER": str(_DECLARED / "dags"),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "2",
        "CORE__LOAD_EXAMPLES": "false",
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(16),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "USAGE_DATA_COLLECTION__ENABLED": "false",
    }
    return {
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        **{f"AIRFLOW_VAR_{name}": value for name, value in variables().items()},
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(each) for name, each in connections(ports, mlflow_port).items()},
        "AIRFLOW_HOME": str(home),
        "SCARF_ANALYTICS": "false",
        "PYTHONUNBUFFERED": "1",
        "STELLAR_PYTHON": sys.executable,
    }


def write_password(home: Path) -> str:
    """A new password for the user, kept where Airflow looks for it, readable by its owner alone."""
    home.mkdir(parents=True, exist_ok=True)
    password, file = secrets.token_urlsafe(12), home / "passwords.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({USER: password}) + "\n")
    return password


async def start(children: Children, port: int, settings: dict[str, str]) -> None:
    """Make the database, start scheduler, DAG processor and API server, and wait until the API is there.

    Raises AirflowMissingError, ChildEndedError, TimeoutError.
    """
    if not PROGRAM.exists():
        raise AirflowMissingError(
            f"{PROGRAM} does not exist: `make mlops` installs Airflow in an environment of its own."
        )
    migration = await children.start("airflow-db", [str(PROGRAM), "db", "migrate"], settings)
    migration.ending = True  # by itself, and that is right
    ended = await migration.ended()
    if migration.code:
        raise AirflowMissingError(f"Airflow's database could not be made: {ended}")
    for component in _COMPONENTS:
        child = await children.start(f"airflow-{component[0]}", [str(PROGRAM), *component], settings)
    await asyncio.shield(wait_for_port(child, port, _START_SECONDS))
