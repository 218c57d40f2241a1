"""``start-api``: the APIs of a template on one port."""

from __future__ import annotations

from typing import Any

import click

from lambda_emulator.cli.debugging import DebugOptions, with_debugger
from lambda_emulator.cli.options import LocalCommand, runtime_options, service_options, take, template_options
from lambda_emulator.cli.service import ServiceOptions, run_service
from lambda_emulator.cli.session import SessionError, TemplateOptions, load
from lambda_emulator.server import Options
from lambda_emulator.stack import Stack


@click.command("start-api", cls=LocalCommand, short_help="Serve the template's APIs.")
@template_options
@service_options(3000)
@click.option(
    "--static-dir", "-s", default="public", show_default=True, help="Folder, beside the template, served at /."
)
@click.option("--disable-authorizer", is_flag=True, help="Let every request pass authorizers, API keys and policies.")
@click.option(
    "--source-ip", help="Address that callers on this machine seem to have, for events and resource policies."
)
@runtime_options
def start_api(static_dir: str, disable_authorizer: bool, source_ip: str | None, **values: Any) -> None:
    """Serve every API of a SAM template on one port, with the functions as real Lambda processes.

    \b
    All routes of all APIs are at the root: http://127.0.0.1:3000/hello
    A stage may stand before them:          http://127.0.0.1:3000/Prod/hello
    Function URLs are at                    http://127.0.0.1:3000/lambda-url/<FunctionLogicalId>/
    """
    options = take(ServiceOptions, values)
    template = take(TemplateOptions, values)
    debugging = take(DebugOptions, values)

    def load_apis() -> Stack:
        stack = load(template, shared=options.shared_environment)
        if not any(api.routes for api in stack.apis):
            reasons = (f"Warning: {warning}" for warning in stack.warnings)
            raise SessionError("\n".join(["Template does not have any APIs connected to Lambda functions", *reasons]))
        return with_debugger(stack, debugging)

    static = template.path.parent / static_dir
    run_service(
        load_apis,
        Options(
            http_port=options.port,
            static_dir=static if static_dir and static.is_dir() else None,
            enforce_authorizers=not disable_authorizer,
            source_ip=source_ip,
        ),
        options,
    )
