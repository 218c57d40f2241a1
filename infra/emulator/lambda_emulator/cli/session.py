"""From the options of a command to a stack that is ready to run."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from lambda_emulator.cli.credentials import ProfileError, aws_variables
from lambda_emulator.cli.inputs import read_container_variables, read_variables
from lambda_emulator.dependencies.interpreters import runtime_warnings
from lambda_emulator.stack import Function, Stack, split_reference
from lambda_emulator.template import TemplateError, find_template, load_stack


class SessionError(click.ClickException):
    """The command cannot begin; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """The values of ``options.template_options``."""

    template_file: str | None
    parameter_overrides: Mapping[str, str]
    env_vars: Path | None
    container_env_vars: Path | None
    region: str | None
    profile: str | None
    code_base: Path | None = None
    no_memory_limit: bool = False

    @property
    def path(self) -> Path:
        """The template meant, or the one in this folder. Raises SessionError."""
        try:
            return find_template(Path.cwd(), Path(self.template_file) if self.template_file else None)
        except TemplateError as error:
            raise SessionError(str(error)) from None


def load(options: TemplateOptions, *, shared: bool = False) -> Stack:
    """Read the template and give its functions the variables that the options and the shell ask for.

    A variable that the template declares takes its value from ``--env-vars``, else from the shell, else from the
    template, as in ``sam local``. AWS credentials and region of the shell, or of a profile, reach every function.
    ``shared`` is for functions that all run on the Python at hand.

    Raises SessionError.
    """
    from_file = read_variables(options.env_vars) if options.env_vars else {}
    parameters = dict(options.parameter_overrides)
    if options.region:
        parameters.setdefault("AWS::Region", options.region)
    try:
        stack = load_stack(
            options.path,
            parameter_overrides=parameters,
            environment_overrides=from_file,
            base=options.code_base.resolve() if options.code_base else None,
        )
    except TemplateError as error:
        raise SessionError(str(error)) from None
    for_every = read_container_variables(options.container_env_vars) if options.container_env_vars else {}
    try:
        aws = aws_variables(options.region, options.profile)
    except ProfileError as error:
        raise SessionError(str(error)) from None
    functions = {}
    for logical_id, function in stack.functions.items():
        meant = (values for name, values in from_file.items() if name == "Parameters" or function.is_called(name))
        known = {variable for values in meant for variable in values}
        shell = {name: os.environ[name] for name in function.environment.keys() - known & os.environ.keys()}
        extra = {**for_every.get("Parameters", {}), **for_every.get(logical_id, {})}
        environment = {**aws, **function.environment, **shell, **extra}
        functions[logical_id] = dataclasses.replace(
            function,
            environment=environment,
            limits_memory=not options.no_memory_limit,
        )
    runtimes = runtime_warnings((function.runtime for function in functions.values()), shared=shared)
    return dataclasses.replace(stack, functions=functions, warnings=(*stack.warnings, *runtimes))


def select(stack: Stack, references: Sequence[str]) -> Stack:
    """The stack with these functions alone; with all of them where none is named. Raises SessionError."""
    if not references:
        return stack
    chosen, mistakes = [], []
    for reference in references:
        try:
            chosen.append(find(stack, reference))
        except SessionError as error:
            mistakes.append(error.message)
    if mistakes:
        raise SessionError("\n".join(mistakes))
    return dataclasses.replace(stack, functions={function.logical_id: function for function in chosen})


def find(stack: Stack, reference: str | None) -> Function:
    """The function of that name or logical id, or the only one. Raises SessionError."""
    functions = list(stack.functions.values())
    names = ", ".join(function.logical_id for function in functions) or "no function at all"
    if reference is None:
        if len(functions) == 1:
            return functions[0]
        raise SessionError(
            "You must provide a function logical ID when there are more than one functions in your template. "
            f"Possible options in your template: {names}{_left_out(stack)}"
        )
    name, _ = split_reference(reference)
    for function in functions:
        if function.is_called(name):
            return function
    if name in stack.unavailable:
        raise SessionError(f"Function {reference} cannot run here: {stack.unavailable[name]}")
    raise SessionError(f"Function {reference} not found in template. The template has: {names}{_left_out(stack)}")


def _left_out(stack: Stack) -> str:
    """Why there is no function at all, where every one was left out."""
    if stack.functions or not stack.unavailable:
        return ""
    return "".join(f"\n{name} is left out: {reason}" for name, reason in stack.unavailable.items())
