"""The other side of ``steps``: call one function and answer in JSON. Runs in the pipeline's environment.

Standard input carries ``{"function": "module:name", "arguments": […], "options": {…}}``; standard output
``{"result": …}`` or ``{"error": {"type": …, "message": …, "transient": …}}``. Whatever the function prints goes to
standard error, which is the task's log. Imports the standard library only, beside what it is asked to call and what
knows its errors.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read one call from standard input, make it, and write what came of it to standard output."""
    _die_with_parent()
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with answer:
        json.dump(_call(json.load(sys.stdin)), answer)


def _call(request: dict[str, Any]) -> dict[str, Any]:
    module, _, name = request["function"].partition(":")
    try:
        function = getattr(import_module(module), name)
        return {"result": function(*request["arguments"], **request["options"])}
    except Exception as error:
        traceback.print_exc()
        transient = import_module("stellar_pipeline.errors").is_transient(error)
        return {"error": {"type": type(error).__name__, "message": str(error), "transient": transient}}


def _die_with_parent() -> None:
    """Linux only: elsewhere a task that is killed leaves its step to end by itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
