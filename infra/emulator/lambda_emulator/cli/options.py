"""The options of the local commands: SAM CLI's names, short flags and defaults.

What only makes sense with Docker, or with a debugger inside a container, is taken and ignored, so that scripts
written for ``sam local`` run unchanged; a word on stderr says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from lambda_emulator.cli.inputs import ParameterOverrides
from lambda_emulator.cli.samconfig import read_parameters, write_parameters

T = TypeVar("T")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_SAVE_PARAMS = "lambda_emulator.save_params"
_FILE_NAMES = {"code_base": "docker_volume_basedir", "as_json": "json"}  # of options that the code calls otherwise
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_LOG_OPTIONS = (
    click.option("--log-file", "-l", type=click.Path(dir_okay=False, path_type=Path), help="File for the logs."),
    click.option("--debug", is_flag=True, help="Say more."),
)
_IGNORED_FLAGS = ("--skip-pull-image", "--force-image-build", "--shutdown")
_IGNORED_VALUES = (
    "--docker-network",
    "--layer-cache-basedir",
    "--container-host",
    "--container-host-interface",
    "--hook-name",
    "--terraform-plan-file",
)
_IGNORED_REPEATED = ("--add-host", "--container-dns", "--invoke-image -ii")
_IGNORED_SWITCHES = ("beta-features", "language-extensions", "prepare-infra", "mount-symlinks")


class LocalCommand(click.Command):
    """A command that takes its defaults from samconfig, and gathers ``--parameter-overrides A=1 B=2``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        self._args = tuple(args)
        defaults = read_parameters(self.name or "", args)
        repeatable = {parameter.name for parameter in self.params if getattr(parameter, "multiple", False)}
        for name in repeatable & defaults.keys():
            if not isinstance(defaults[name], list):
                defaults[name] = [defaults[name]]
        extra.setdefault("default_map", defaults)
        return super().make_context(info_name, _spread_overrides(args), parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        _report_ignored(ctx)
        if ctx.meta.get(_SAVE_PARAMS):
            saved = write_parameters(self.name or "", self._args, _given(ctx))
            click.echo(f"Saved the options in {saved}", err=True)
        return super().invoke(ctx)


def take(kind: type[T], values: dict[str, Any]) -> T:
    """The dataclass ``kind`` made of the command's values of the same names, which are taken out of ``values``."""
    return kind(**{field.name: values.pop(field.name) for field in dataclasses.fields(kind)})  # type: ignore[arg-type]


def template_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which template, with which parameters and variables."""
    return _apply(
        command,
        click.option("--template-file", "--template", "-t", envvar="SAM_TEMPLATE_FILE", help="SAM template."),
        click.option(
            "--parameter-overrides",
            type=ParameterOverrides(),
            multiple=True,
            callback=_merged,
            help="Key=value of template parameters.",
        ),
        click.option("--env-vars", "-n", type=_FILE, help="JSON or .env file of variables for the functions."),
        click.option("--container-env-vars", type=_FILE, help="JSON file of variables for every function."),
        click.option("--region", help="AWS Region that the functions see."),
        click.option("--profile", help="AWS profile whose credentials the functions get."),
        click.option(
            "--docker-volume-basedir",
            "-v",
            "code_base",
            type=click.Path(path_type=Path),
            callback=_folder_here,
            help="Folder that CodeUri and ContentUri are relative to.  [default: the template's]",
        ),
        click.option("--no-memory-limit", is_flag=True, help="Do not end functions that use more than MemorySize."),
        # Both were read before click came to them.
        click.option("--config-file", expose_value=False, help="Configuration file.  [default: samconfig.toml]"),
        click.option("--config-env", expose_value=False, help="Environment in it.  [default: default]"),
    )


def runtime_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How functions are run and where their logs go."""
    return _apply(
        command,
        click.option(
            "--debug-port",
            "-d",
            type=int,
            multiple=True,
            envvar="SAM_DEBUG_PORT",
            help="Have the function wait for a debugger (debugpy) on this port; it does not time out.",
        ),
        click.option(
            "--debugger-path",
            type=click.Path(resolve_path=True, path_type=Path),
            help="Folder with debugpy in it.  [default: this command's own packages]",
        ),
        click.option(
            "--debug-args", envvar="DEBUGGER_ARGS", help="Arguments of Python instead: a debugger of your own."
        ),
        click.option("--debug-function", help="Which function waits, where there are several."),
        *_LOG_OPTIONS,
        click.option(
            "--shared-environment",
            is_flag=True,
            help="Run all functions on this command's own Python and packages; requirements.txt counts for nothing.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Write the outcome on stdout as JSON."),
        click.option(
            "--save-params",
            is_flag=True,
            expose_value=False,
            callback=_note_save_params,
            help="Keep these options in the configuration file.",
        ),
        *(click.option(name, is_flag=True, hidden=True, expose_value=False) for name in _IGNORED_FLAGS),
        *(click.option(*name.split(), hidden=True, expose_value=False) for name in _IGNORED_VALUES),
        *(click.option(*name.split(), multiple=True, hidden=True, expose_value=False) for name in _IGNORED_REPEATED),
        *(
            click.option(f"--{name}/--{_negative(name)}", default=None, hidden=True, expose_value=False)
            for name in _IGNORED_SWITCHES
        ),
    )


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the logs go, and how much they say."""
    return _apply(command, *_LOG_OPTIONS)


def lambda_endpoint_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where functions are called by those who bring them events."""
    return _apply(
        command,
        click.option(
            "--lambda-endpoint",
            default="http://127.0.0.1:3001",
            callback=_endpoint,
            show_default=True,
            help="Lambda API; aws means AWS itself.",
        ),
    )


def service_options(port: int) -> Decorator:
    """Where a service listens, and how it keeps its functions."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        return _apply(
            command,
            click.option("--host", default="127.0.0.1", show_default=True, help="Host name or address to bind to."),
            click.option(
                "--port",
                "-p",
                type=click.IntRange(0, 65535),
                default=port,
                show_default=True,
                help="Port; 0 takes any free one.",
            ),
            click.option(
                "--allow-host",
                multiple=True,
                help="Host name by which requests may come, beside addresses and localhost; * for every one.",
            ),
            click.option("--ssl-cert-file", type=_FILE, help="Certificate, for HTTPS."),
            click.option("--ssl-key-file", type=_FILE, help="Key of the certificate."),
            click.option(
                "--warm-containers",
                type=click.Choice(["EAGER", "LAZY"], case_sensitive=False),
                help="EAGER starts every function at once, LAZY at its first call.  [default: LAZY]",
            ),
            click.option("--no-watch", is_flag=True, help="Do not reload code as it is edited."),
            click.option(
                "--concurrency",
                type=click.IntRange(1),
                help="Environments a function.  [default: cores, more if they wait]",
            ),
            click.option(
                "--async-time-scale",
                type=click.FloatRange(0, min_open=True),
                default=1.0,
                show_default=True,
                help="Multiplies the waits between retries of asynchronous events; AWS waits one and two minutes.",
            ),
        )

    return decorate


def _note_save_params(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    ctx.meta[_SAVE_PARAMS] = value


def _given(ctx: click.Context) -> dict[str, Any]:
    """What the command line itself says, in the form that a configuration file has for it."""
    given = {
        name: value
        for name, value in sorted(ctx.params.items())
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    return {_FILE_NAMES.get(name, name): _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return [f"{name}={text}" for name, text in value.items()]
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _report_ignored(ctx: click.Context) -> None:
    """Say, once, which of the given options do nothing here."""
    ignored = []
    for parameter in ctx.command.params:
        if isinstance(parameter, click.Option) and parameter.hidden and not parameter.expose_value:
            source = ctx.get_parameter_source(parameter.name or "")
            if source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
                ignored.append(parameter.opts[0])
    if ignored:
        click.echo(f"Ignored, as there is no container here: {', '.join(ignored)}", err=True)


def _apply(command: Callable[..., Any], *options: Decorator) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def _negative(name: str) -> str:
    return "skip-prepare-infra" if name == "prepare-infra" else f"no-{name}"


def _spread_overrides(args: list[str]) -> list[str]:
    """Repeat ``--parameter-overrides`` before each of the words that follow it."""
    spread: list[str] = []
    flag = "--parameter-overrides"
    within = False
    for arg in args:
        is_pair = not arg.startswith("-") and ("=" in arg or arg.startswith("file://"))
        if within and is_pair and spread[-1] != flag:
            spread += [flag, arg]
            continue
        spread.append(arg)
        if arg.startswith("-"):
            within = arg.partition("=")[0] == flag
    return spread


def _endpoint(_ctx: click.Context, _param: click.Parameter, value: str) -> str | None:
    """The Lambda API's URL, or None for AWS itself."""
    if value == "aws":
        return None
    address = urlsplit(value)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise click.BadParameter(f"{value!r} is no URL such as http://127.0.0.1:3001, nor aws.")
    return value


def _folder_here(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    """The folder, if it is on this machine: scripts name one of the host that their Docker runs on."""
    if value is not None and not value.is_dir():
        click.echo(f"Ignored, as there is no such folder here: --docker-volume-basedir {value}", err=True)
        return None
    return value


def _merged(_ctx: click.Context, _param: click.Parameter, values: tuple[dict[str, str], ...]) -> dict[str, str]:
    return {key: value for overrides in values for key, value in overrides.items()}
