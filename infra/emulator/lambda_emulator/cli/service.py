"""What ``start-api`` and ``start-lambda`` have in common: everything but which server they start."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from lambda_emulator.cli.console import Console, RequestLog
from lambda_emulator.cli.running import open_console, run
from lambda_emulator.dependencies import SharedHome
from lambda_emulator.server import Addresses, Options, Stop, serve
from lambda_emulator.stack import Api, Route, Stack

ANY_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """The values of ``options.service_options`` and ``options.runtime_options``."""

    host: str
    port: int
    allow_host: tuple[str, ...]
    ssl_cert_file: Path | None
    ssl_key_file: Path | None
    warm_containers: str | None
    no_watch: bool
    concurrency: int | None
    async_time_scale: float
    log_file: Path | None
    debug: bool
    shared_environment: bool
    as_json: bool

    @property
    def certificate(self) -> tuple[Path, Path] | None:
        """Both files. Raises click.UsageError where there is one without the other."""
        if self.ssl_cert_file and self.ssl_key_file:
            return self.ssl_cert_file, self.ssl_key_file
        if self.ssl_cert_file or self.ssl_key_file:
            raise click.UsageError("--ssl-cert-file and --ssl-key-file go together.")
        return None


def run_service(load: Callable[[], Stack], servers: Options, options: ServiceOptions) -> None:
    """Start the servers and serve what ``load`` gives, again after each edit of the template, until told to stop."""
    certificate = options.certificate
    stack = load()
    if any(function.debugged for function in stack.functions.values()):
        options = dataclasses.replace(options, no_watch=True)  # a second process could not have the debugger's port
    with open_console(options.log_file, names=len(stack.functions) > 1, debug=options.debug) as console:
        for warning in stack.warnings:
            say(console, options, f"Warning: {warning}")
        requests = RequestLog(console)

        def ready(addresses: Addresses) -> None:
            gc.freeze()  # what is there by now stays: no collection need walk through it again
            announce(console, options, stack, addresses)

        async def main(stop: Stop) -> None:
            await serve(
                stack,
                dataclasses.replace(
                    servers,
                    host=options.host,
                    allowed_hosts=options.allow_host,
                    certificate=certificate,
                    async_time_scale=options.async_time_scale,
                    on_request=requests.add,
                ),
                stop=stop,
                on_ready=ready,
                reload=None if options.no_watch else load,
                concurrency=options.concurrency,
                log_sink=console.function_lines,
                watch=not options.no_watch,
                shared=SharedHome() if options.shared_environment else None,
                warm=(options.warm_containers or "LAZY").upper(),
            )

        run(main)
        requests.flush()


def announce(console: Console, options: ServiceOptions, stack: Stack, addresses: Addresses) -> None:
    """Say where everything is, in the words that scripts around ``sam local`` wait for."""
    if addresses.http:
        for line in route_lines(stack, addresses.http):
            say(console, options, line)
    else:
        say(console, options, "Starting the Local Lambda Service. You can now invoke your Lambda Functions defined in")
        say(
            console,
            options,
            f"your template through the endpoint: {', '.join(f.name for f in stack.functions.values())}",
        )
    say(console, options, f" * Running on {addresses.http or addresses.lambda_api}")
    say(console, options, "Press CTRL+C to quit")
    if options.as_json:
        content = {
            "event": "ready",
            "http": addresses.http,
            "lambda": addresses.lambda_api,
            "functions": [function.name for function in stack.functions.values()],
            "routes": [
                {"method": route.method, "path": route.path, "function": route.function or None, "api": api.logical_id}
                for api in stack.apis
                for route in api.routes
            ],
        }
        sys.stdout.write(orjson.dumps(content).decode() + "\n")
        sys.stdout.flush()


def say(console: Console, options: ServiceOptions, text: str) -> None:
    """Write a line of the command's own: always on stderr, whatever ``--log-file`` takes."""
    if options.log_file:
        click.echo(text, err=True)
    else:
        console.line(text)


def route_lines(stack: Stack, address: str) -> list[str]:
    """One line for each function and path, with its methods."""
    mounted: dict[tuple[str, str], list[str]] = {}
    for api in stack.apis:
        for route in api.routes:
            key = (route.function, f"{_prefix(stack, api)}{_shown_path(route)}")
            methods = mounted.setdefault(key, [])
            methods += ANY_METHODS if route.method == "ANY" else (route.method,)
    return [
        f"Mounting {function or 'a mock'} at {address}{path} [{', '.join(sorted(set(methods)))}]"
        for (function, path), methods in mounted.items()
    ]


def _shown_path(route: Route) -> str:
    return "/$default" if route.path == "$default" else route.path


def _prefix(stack: Stack, api: Api) -> str:
    if api.kind != "function_url" or len(stack.apis) == 1:
        return ""
    return f"/lambda-url/{api.routes[0].function}" if api.routes else ""
