"""After a promotion: does the running service answer with the new model, and rightly?"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stellar.schema import EXAMPLE
from stellar_pipeline.http_client import client, reason

if TYPE_CHECKING:
    import httpx

DEFAULT_SECONDS = 30.0
ANSWERS_IN_A_ROW = 3
"""Answers by the new version that must follow each other: more than one process may be answering."""

_TIMEOUT = 10.0
_PAUSE = 0.2

KNOWN: tuple[tuple[Mapping[str, Any], str], ...] = (
    (EXAMPLE, "GALAXY"),
    (EXAMPLE | {"u": 19.0, "g": 18.7, "r": 18.5, "i": 18.3, "z": 18.3, "redshift": 1.63}, "QSO"),
    (EXAMPLE | {"u": 18.2, "g": 16.9, "r": 16.4, "i": 16.2, "z": 16.1, "redshift": -0.0003}, "STAR"),
)
"""A red galaxy, a blue quasar and a star that approaches us: any model worth serving tells them apart."""


class SmokeTestFailedError(RuntimeError):
    """The service does not answer with the new model, or answers wrongly."""


def smoke_test(rest_url: str, version: str, *, seconds: float = DEFAULT_SECONDS) -> dict[str, Any]:
    """Ask ``rest_url`` about known objects until it answers by ``version``, then check every class.

    ``STELLAR_TOKEN`` is the access token, where the service asks for one. Waits at most ``seconds`` for the service to
    take the new champion up. Raises SmokeTestFailedError.
    """
    began = time.monotonic()
    in_a_row = 0
    with client(rest_url, _TIMEOUT) as service:
        while in_a_row < ANSWERS_IN_A_ROW:
            answers, seen = _asked(service, rest_url)
            if seen == version:
                in_a_row += 1
                _check(answers, version)
            elif time.monotonic() - began > seconds:
                raise SmokeTestFailedError(f"{rest_url} did not answer as {version} within {seconds:g} s: {seen}")
            else:
                in_a_row = 0
                time.sleep(_PAUSE)
    labels = [answer["label"] for answer in answers]
    return {"version": version, "labels": labels, "seconds": round(time.monotonic() - began, 3)}


def _asked(service: httpx.Client, rest_url: str) -> tuple[list[dict[str, Any]], str]:
    """The answers, and the version that gave them all; or none, and why."""
    import httpx

    try:
        answers = _ask(service, rest_url)
        return answers, _version(answers)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        return [], reason(error)


def _ask(service: httpx.Client, rest_url: str) -> list[dict[str, Any]]:
    """The answers to the known objects, and to one of them without its redshift."""
    objects = [dict(each) for each, _ in KNOWN]
    objects.append(objects[0] | {"redshift": None})
    token = os.environ.get("STELLAR_TOKEN")
    headers = {"authorization": f"Bearer {token}"} if token else None
    response = service.post(f"{rest_url.rstrip('/')}/predict/batch", json={"instances": objects}, headers=headers)
    answers: list[dict[str, Any]] = response.raise_for_status().json()["predictions"]
    return answers


def _version(answers: list[dict[str, Any]]) -> str:
    """The version that gave all answers."""
    versions = {answer["model_version"] for answer in answers}
    if len(versions) != 1:
        raise ValueError(f"one batch was answered by {', '.join(sorted(versions)) or 'no model'}")
    return str(versions.pop())


def _check(answers: list[dict[str, Any]], version: str) -> None:
    expected = [label for _, label in KNOWN]
    found = [answer["label"] for answer in answers[: len(KNOWN)]]
    if found != expected:
        raise SmokeTestFailedError(f"{version} takes {', '.join(expected)} for {', '.join(found)}")
    if answers[-1]["model_variant"] != "photometric":
        raise SmokeTestFailedError(f"{version} answers an object without a redshift as {answers[-1]['model_variant']}")
