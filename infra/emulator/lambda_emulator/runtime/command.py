"""The command that an environment's process is started with.

Mirrors "Using wrapper scripts" in "Modify the runtime environment" (AWS Lambda Developer Guide): where
``AWS_LAMBDA_EXEC_WRAPPER`` names a script, that is started, and gets the runtime's own command as its arguments.
"""

from __future__ import annotations

from pathlib import Path

from lambda_emulator.stack import Function

WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"


def runtime_command(function: Function, python: str) -> tuple[str, ...]:
    """The wrapper and the debugger, if there are such, and the runtime client with the function's handler."""
    command = (python, *function.debug_args, "-m", "awslambdaric", function.handler)
    wrapper = function.environment.get(WRAPPER)
    return (str(local_path(function, wrapper)), *command) if wrapper else command


def local_path(function: Function, path: str) -> Path:
    """Where a path of the execution environment is on this machine: those of layers, and of the code.

    Of several layers that have it, the last one counts, as each is unpacked over those before it.
    """
    if path.startswith("/opt/"):
        inner = path.removeprefix("/opt/")
        found = [layer / inner for layer in function.layer_dirs if (layer / inner).exists()]
        return found[-1] if found else Path(path)
    if path.startswith("/var/task/"):
        return function.code_dir / path.removeprefix("/var/task/")
    return Path(path)
