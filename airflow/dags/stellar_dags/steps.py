"""One step of the pipeline as a task runs it: in the pipeline's own environment, its output in the task's log.

``STELLAR_PYTHON`` names that environment's interpreter; `stellar mlops` and the container image set it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
from pathlib import Path
from threading import Thread
from typing import IO, Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from stellar_dags.settings import step_environment

_CHILD = Path(__file__).with_name("child.py")
_log = logging.getLogger("stellar.steps")


class StepError(AirflowException):
    """A step failed for what may have passed by the next try."""


class FinalStepError(AirflowFailException):
    """A step failed, and would fail again."""


def run_step(function: str, *arguments: Any, **options: Any) -> Any:
    """Call ``module:name`` in the pipeline's environment. Arguments and the result are what JSON can say.

    Raises StepError, which Airflow retries, and FinalStepError, which it does not.
    """
    request = {"function": function, "arguments": arguments, "options": options}
    with subprocess.Popen(
        [_python(), "-P", str(_CHILD)],  # -P: this folder is of Airflow's world, and not to be imported from
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**_environment(), **step_environment()},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        logging_output = Thread(target=_to_log, args=(process.stderr,), daemon=True)
        logging_output.start()
        try:
            with process.stdin:
                json.dump(request, process.stdin)
            answer = process.stdout.read()
            logging_output.join()
        finally:
            process.kill()  # it has ended, unless this task was told to stop
    return _result(function, answer, process.returncode)


def _result(function: str, answer: str, code: int) -> Any:
    if not answer:
        raise StepError(f"{function} ended with exit status {code} and no answer")
    content = json.loads(answer)
    if "error" not in content:
        return content["result"]
    error = content["error"]
    kind = StepError if error["transient"] else FinalStepError
    raise kind(f"{error['type']}: {error['message']}")


def _python() -> str:
    python = os.environ.get("STELLAR_PYTHON")
    if not python:
        raise FinalStepError(
            "STELLAR_PYTHON is not set. Give Airflow's processes the path of a Python that has stellar-pipeline, "
            "such as .venv/bin/python of a checkout."
        )
    return python


def _environment() -> dict[str, str]:
    """Airflow's environment without what would lead another interpreter astray."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def _to_log(stream: IO[str]) -> None:
    for line in stream:
        _log.info(line.rstrip())
