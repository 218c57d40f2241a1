"""The debug options: which function waits for a debugger, and with which command it is started.

Mirrors "Step-through debugging Lambda functions locally" of SAM CLI's guide. ``--debug-args`` goes between Python and
the runtime client, as it does there. Without it debugpy is started, where it is found: in ``--debugger-path``, else
among the packages of this command.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import shlex
from dataclasses import dataclass
from pathlib import Path

import click

from lambda_emulator.stack import Stack

SAM_DEBUGGER_FOLDER = "/tmp/lambci_debug_files"  # noqa: S108 (where SAM CLI mounts --debugger-path)
_TIMEOUT = 36_000  # seconds; SAM CLI's own
_FROZEN = "-Xfrozen_modules=off"  # else debugpy warns that it may miss breakpoints


@dataclass(frozen=True, slots=True)
class DebugOptions:
    """The values of ``options.debug_options``."""

    debug_port: tuple[int, ...] = ()
    debug_args: str | None = None
    debugger_path: Path | None = None
    debug_function: str | None = None

    def __bool__(self) -> bool:
        return bool(self.debug_port)


def with_debugger(stack: Stack, options: DebugOptions) -> Stack:
    """The stack, in which the functions that are debugged have no timeout, and one of them starts under the debugger.

    What comes of the options is said on stderr. Raises click.ClickException where it is not clear which function waits.
    """
    if not options:
        return stack
    chosen = {
        logical_id: function
        for logical_id, function in stack.functions.items()
        if options.debug_function is None or function.is_called(options.debug_function)
    }
    if not chosen and options.debug_function is not None:
        raise click.ClickException(f"--debug-function {options.debug_function}: the template has no such function.")
    arguments = _arguments(options)
    if len(chosen) > 1:
        if options.debug_args:
            raise click.ClickException(
                f"--debug-args: name the function that they are for by --debug-function: one of {', '.join(chosen)}."
            )
        arguments = ()
    click.echo(_said(options, list(chosen), arguments), err=True)
    debugged = {
        logical_id: dataclasses.replace(function, timeout_seconds=_TIMEOUT, debug_args=arguments, debugged=True)
        for logical_id, function in chosen.items()
    }
    return dataclasses.replace(stack, functions={**stack.functions, **debugged})


def _arguments(options: DebugOptions) -> tuple[str, ...]:
    """What comes between Python and the runtime client."""
    if options.debug_args:
        folder = str(options.debugger_path or SAM_DEBUGGER_FOLDER)
        return tuple(part.replace(SAM_DEBUGGER_FOLDER, folder) for part in shlex.split(options.debug_args))
    debugger = _debugpy(options.debugger_path)
    if debugger is None:
        return ()
    return (_FROZEN, str(debugger), "--listen", f"127.0.0.1:{options.debug_port[0]}", "--wait-for-client")


def _debugpy(folder: Path | None) -> Path | None:
    """The folder of debugpy, which Python runs as a program."""
    if folder is not None:
        found = folder if folder.name == "debugpy" else folder / "debugpy"
        if not (found / "__main__.py").is_file():
            raise click.ClickException(f"--debugger-path {folder}: there is no debugpy in it.")
        return found
    spec = importlib.util.find_spec("debugpy")
    return Path(spec.origin).parent if spec and spec.origin else None


def _said(options: DebugOptions, names: list[str], arguments: tuple[str, ...]) -> str:
    if len(names) > 1:
        return "Debugging: functions do not time out; --debug-function NAME has one of them wait for a debugger"
    (name,) = names
    if options.debug_args:
        return f"Debugging: {name} does not time out, and is started with {options.debug_args}"
    if arguments:
        port = options.debug_port[0]
        return f"Debugging: {name} waits at its first call until a debugger attaches to 127.0.0.1:{port} (debugpy)"
    return (
        f"Debugging: {name} does not time out, and waits for no debugger: there is no debugpy beside this command "
        "(pip install debugpy, or --debugger-path)"
    )
